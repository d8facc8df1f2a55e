/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * below.h - which interface charges a packet to its limits when several see it that stand on each other: the lowest
 * that is attached. An interface above charges nothing where all its packets were charged below; where that is so for
 * some of them alone it charges all, as the packet path cannot tell them apart.
 */
#ifndef NETCTL_BELOW_H
#define NETCTL_BELOW_H

#include "../rules/ruleset.h"
#include "../state/store.h"

/* X(id, name): what an attached interface charges of the packets it sees at a hook, as status names it. */
#define CHARGES(X)                                                                \
	X(ALL, "all")	  /* nothing below it is attached */                      \
	X(NONE, "none")	  /* all are charged below */                             \
	X(TWICE, "twice") /* all, and some have been charged below */             \
	X(LATE, "late")	  /* the same since what is below has changed */          \
	X(LESS, "less")	  /* none, but since what is below has changed it should */

enum charges {
#define X(id, name) CHARGES_##id,
	CHARGES(X)
#undef X
};

struct below {
	struct attached attached;
	enum charges charges;
	char open[16]; /* an interface below that is not attached; "": what passes those below */
};

/*
 * Tell the packet path, for what is attached by this meta. In a detach that is before it is the state's: what is in
 * between is charged twice rather than not at all.
 */
int below_write(const struct store *store, const struct meta *meta);

/* What each attachment of the state charges, in its order. */
struct belows {
	size_t count;
	struct below *list; /* owned */
	/*
	 * At a hook where one charges nothing: the first limit that is charged everywhere all the same, since
	 * interfaces may differ over the rules up to it. 0: none.
	 */
	uint32_t everywhere[HOOKS];
};

/* rules: those in force; it is asked what their interfaces stand on. */
int below_read(const struct store *store, struct ruleset *rules, struct belows *ret);

#endif
