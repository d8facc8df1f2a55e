/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_diff.h - what becomes of a set's elements when another takes its place. */
#ifndef NETCTL_SET_DIFF_H
#define NETCTL_SET_DIFF_H

#include "../rules/ruleset.h"
#include "../rules/set_items.h"

/* A walk over the elements of both in order; either may be NULL. Zeroed at first, but for old and next. */
struct set_diff {
	const struct set *old, *next;
	enum element_kind kind;
	size_t at_old, at_next; /* within their arrays of this kind */
};

/* An element that is in one of them, or in both with the same range. */
struct set_diff_step {
	enum element_kind kind;
	bool in_old, in_next;
	size_t old, next; /* where */
};

bool set_diff_next(struct set_diff *diff, struct set_diff_step *ret);

/* Do they differ there? Two that are timed do not: what is left of their time changes by itself. */
bool set_diff_is_change(const struct set_diff *diff, const struct set_diff_step *step);

struct set_diff_counts {
	size_t added, removed, changed, same; /* elements */
};
struct set_diff_counts set_diff_count(const struct set *old, const struct set *next);

/*
 * Elements that are in both keep their counters, where both sets have them; those that are timed in both keep what
 * is left of their time, too, if "lives" says so.
 */
void set_adopt(const struct set *old, struct set *next, bool lives);

/* The same for all sets of a ruleset; NULL for one that the other does not have, or has of another type. */
const struct set *set_partner(const struct ruleset *of, const struct set *set);

/* What becomes of a ruleset's sets; "changed" has other elements, or counters. */
struct sets_diff_counts {
	size_t added, removed, changed, same;
	struct set_diff_counts elements;
};
struct sets_diff_counts sets_diff_count(const struct ruleset *old, const struct ruleset *next);

#endif
