/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_diff.h - which rule of the list in force lives on as which rule of the next list. */
#ifndef NETCTL_RULE_DIFF_H
#define NETCTL_RULE_DIFF_H

#include "../rules/ruleset.h"

#define NO_PARTNER SIZE_MAX

struct rule_diff {
	size_t *old_of; /* of each rule of the next list: position in the old one, or NO_PARTNER; owned */
	size_t *next_of; /* and the other way round; owned */
	bool *moved; /* of each rule of the next list: it has an old one, in another place; owned */
};

/*
 * Equal rules first, the nth of equal ones with the nth; then rules that differ in time, comment or "disabled" alone,
 * for they count the same packets. As few as can be count as moved.
 */
int rule_diff_make(const struct ruleset *old, const struct ruleset *next, struct rule_diff *ret);
void rule_diff_free(struct rule_diff *diff);

/* What becomes of the rules; one that changes and moves counts as changed. */
struct rule_diff_counts {
	size_t added, removed, changed, moved, same;
};
struct rule_diff_counts rule_diff_count(const struct ruleset *old, const struct ruleset *next,
					const struct rule_diff *diff);

#endif
