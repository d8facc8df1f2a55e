/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* number_search.h - the values of matches about a wide number, mask by mask: which numbers they name. */
#ifndef NETCTL_NUMBER_SEARCH_H
#define NETCTL_NUMBER_SEARCH_H

#include "../rules/rule.h"

/* Matches of all intervals, or of all states: memory and time, should thousands overlap. */
#define MOST_NAMED (16 << 20)

/* A number's value in a list: it is named when lo <= (number & mask) <= hi. */
struct atom {
	uint64_t mask, lo, hi;
	uint32_t match; /* index of its match */
};

/* The search of one mask: its bounds, and which matches name the values between them. */
struct search {
	uint64_t mask;
	const struct atom *atom; /* sorted by lo */
	size_t count;
	uint64_t *bound; /* owned */
	size_t bounds;
	uint32_t *
		match; /* owned: interval i, which ends before bound[i], has first[i]..first[i + 1] */
	size_t *first; /* owned */
	size_t longest; /* of an interval: a match is in it once for each of its values */
};

struct searches {
	struct atom *atoms; /* owned */
	struct search search[MAX_MASKS];
	size_t count;
};

/* The matches' values as searches, those whose masks see most first. -E2BIG when there are too many. */
int searches_make(const struct match **matches, size_t count, struct searches *ret);
void searches_free(struct searches *searches);

/* How many bounds are at most x: the interval that x is in. */
size_t search_interval(const struct search *s, uint64_t x);

#endif
