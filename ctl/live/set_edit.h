/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_edit.h - a change of one set in force, and what became of its elements, in words. */
#ifndef NETCTL_SET_EDIT_H
#define NETCTL_SET_EDIT_H

#include "edit.h"

/* The set of that name; -ENOENT with a fault. */
int edit_find_set(const struct edit *edit, const char *name, struct set **ret, struct fault *fault);

/*
 * Put the changed sets in force; elements that are to be counted get their counters. replaced: the set in whose place
 * another is now, or NULL.
 */
int edit_put_sets(struct edit *edit, const struct set *replaced, struct fault *fault);

/*
 * "added 3, 1 was there already, 2 covered by 10.0.0.0/8". batch: what was added to the set; "verb": what came of the
 * first kind.
 */
void report_added(const char *verb, const struct set_report *report, const struct set *set,
		  const struct set *batch);
/* "deleted 3, 1 was not there" */
void report_deleted(const struct set_report *report);

#endif
