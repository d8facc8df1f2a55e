/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_merge.h - one pass over the elements of a set and of a batch, in order, cutting and joining. */
#ifndef NETCTL_SET_MERGE_H
#define NETCTL_SET_MERGE_H

#include "set_items.h"

/* A stretch of an array, in order. */
struct stream {
	const void *array;
	size_t at, end;
};

/*
 * A pass over both. "open" are the items that reach beyond "at" and may come out: the longest life
 * first, which is the one that rules now; of those after it each has a shorter life and reaches
 * further.
 */
struct pass {
	enum element_kind kind;
	struct stream old, fresh;
	u128 at;
	struct item *open; /* owned */
	size_t open_count, open_capacity;
	void *out; /* owned */
	size_t count, capacity;
	struct set_report *report;
};

/*
 * Go over both. "hit": what of the batch takes something away, by index; NULL: the batch is added.
 */
int pass_run(struct pass *pass, bool *hit);

#endif
