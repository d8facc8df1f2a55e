/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_diff.h - which rule of the list in force lives on as which rule of the next list. */
#ifndef NETCTL_RULE_DIFF_H
#define NETCTL_RULE_DIFF_H

#include "../rules/ruleset.h"

#define PAIR_NONE SIZE_MAX

struct pairing {
	size_t *old_of; /* of each rule of the next list: position in the old one, or PAIR_NONE; owned */
	size_t *next_of; /* and the other way round; owned */
	bool *moved; /* of each rule of the next list: it has an old one, which stands elsewhere; owned */
};

/*
 * Equal rules first, the nth of equal ones with the nth; then rules that differ in time, comment or "disabled" alone,
 * for they count the same packets. As few as can be count as moved.
 */
int pair_rules(const struct ruleset *old, const struct ruleset *next, struct pairing *ret);
void pairing_free(struct pairing *pairing);

/* What becomes of the rules; one that changes and moves counts as changed. */
struct pair_counts {
	size_t added, removed, changed, moved, same;
};
struct pair_counts pair_count(const struct ruleset *old, const struct ruleset *next,
			      const struct pairing *pairing);

#endif
