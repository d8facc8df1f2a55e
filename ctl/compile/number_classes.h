/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* number_classes.h - what rules tell apart of a packet's numbers: see struct number_classes. */
#ifndef NETCTL_NUMBER_CLASSES_H
#define NETCTL_NUMBER_CLASSES_H

#include "../rules/ruleset.h"
#include "boxes.h"

struct blob_writer;

/* One mask's search, before it is in a blob. */
struct number_step {
	uint64_t mask;
	uint64_t *bound; /* owned: 2^log2 - 1 */
	uint32_t log2;
	uint32_t *next; /* owned: states << log2 */
	size_t states;
};

/* The matches of a list that are about one field, and the classes of numbers they tell apart. */
struct number_plan {
	size_t count; /* of classes */
	size_t steps;
	struct number_step step[MAX_MASKS];
	const struct match **match; /* owned; the matches are not */
	struct spans *classes;	    /* owned: of each match, before "not" */
	size_t match_count;
};

/* -E2BIG when there are more masks or classes than packets can be asked about. */
int number_plan_build(const struct ruleset *rules, enum field field, struct number_plan *ret);
void number_plan_free(struct number_plan *plan);

/* The classes that a match of the list names, before "not"; merged. */
const struct spans *number_plan_spans(const struct number_plan *plan, const struct match *match);

/* -ENOSPC beyond BLOB_MAX. */
int number_plan_write(struct blob_writer *w, const struct number_plan *plan,
		      struct number_classes *ret);

#endif
