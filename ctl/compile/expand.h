/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* expand.h - one rule to the cubes it means. */
#ifndef NETCTL_EXPAND_H
#define NETCTL_EXPAND_H

#include "../rules/ruleset.h"
#include "boxes.h"

/* What names in rules refer to: sets and interfaces. */
struct scope {
	const struct ruleset *rules;
	const struct lookup *lookup; /* lookup.h */
	const struct packet_classes *classes; /* packet_classes.h */
};

/* Every packet of the family. */
struct cube cube_of_family(enum family family);

/*
 * The packets of a family that a rule matches, as cubes; none is no error. -E2BIG beyond
 * CUBES_LIMIT.
 */
int rule_expand(const struct rule *rule, enum family family, const struct scope *scope,
		struct cubes *ret);

/*
 * Does the rule say something of what such packets do not show, see enum unseen? Else they match it
 * surely or not at all.
 */
bool rule_is_unseen(const struct rule *rule, enum unseen unseen, const struct scope *scope);
/* What they might match of it, as far as they show it: what it says of the rest is left out. */
int rule_expand_unseen(const struct rule *rule, enum unseen unseen, const struct scope *scope,
		       struct cubes *ret);

#define ALL_SEEN UNSEENS

/* What the matches of a rule are expanded for. */
struct expansion {
	enum family family;
	enum unseen unseen; /* by the packets, or ALL_SEEN */
	bool names_proto;   /* the rule has a "proto" match */
	const struct scope *scope;
};

static inline u128 address_max(enum family family)
{
	return family == FAMILY_IP4 ? 0xffffffff : axis_max(AXIS_SRC);
}

/* What a match's list names on one axis, before "not"; of sets of addresses or services, nothing. */
int list_spans(const struct scope *scope, const struct match *match, enum family family, u128 max,
	       struct spans *ret);
/* For each span of a on axis one, each span of b on axis two. */
int pair_spans(struct cubes *cubes, enum axis one, const struct spans *a, enum axis two,
	       const struct spans *b);

/* ---- expand_unseen.c ---- */

/* Is the match about what the packets do not show? */
bool match_is_unseen(const struct expansion *x, const struct match *match);
/* What is left of it: that they may have such a header. */
int unseen_cubes(const struct expansion *x, const struct match *match, struct cubes *ret);

/* ---- expand_ports.c ---- */

/* The protocols with ports, one by one. */
int port_protocol_spans(struct spans *ret);

/*
 * The ports of sets that do not stay, as cubes, which list_spans() leaves out; a negated match has none, see
 * sets_check_uses().
 */
int timed_ports(const struct scope *scope, const struct match *match, enum axis axis,
		struct cubes *ret);
/* Either port; negated: neither of both. */
int port_cubes(const struct expansion *x, const struct match *match, enum axis axis,
	       struct cubes *ret);

/* ---- expand_address.c ---- */

/* Does it name a set of services? It looks at ports then; negated, at packets with ports alone. */
bool match_needs_transport(const struct match *match, const struct ruleset *rules);

/* One address. */
int address_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		  struct cubes *ret);
/* Either address; negated: neither of both. */
int host_cubes(const struct expansion *x, const struct match *match, enum axis axis,
	       struct cubes *ret);

#endif
