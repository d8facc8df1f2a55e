/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * costly_spots.h - where among all packets a compiled ruleset's trees are deepest and their leaves
 * longest: found by walking the blob, without what the compiler says of it.
 */
#ifndef NETCTL_TESTS_COSTLY_SPOTS_H
#define NETCTL_TESTS_COSTLY_SPOTS_H

#include "../../ctl/compile/forest.h"
#include "prng.h"

/* What a packet's cost is counted in; each but the other where two are as costly. */
struct weights {
	uint32_t node, box;
};

/* Packets that all come to the same leaf of each tree, or to a list that is no tree. */
struct costly_spot {
	struct cell cell;
	uint32_t nodes, boxes;			  /* on the way; at its ends, were none to match */
	uint32_t at[MAX_TREES], count[MAX_TREES]; /* leaves: bytes from the blob's beginning */
	uint32_t leaves;
};

/*
 * Up to "room" spots that packets of a test run may be in, some of those that cost "floor" or more;
 * 0: nearly as much as the costliest, which is the first then. How many were found.
 */
size_t costly_spots_find(const struct blob *blob, enum family family, struct weights weights,
			 uint32_t floor, struct prng *prng, struct costly_spot *ret, size_t room);

/* What lists, audit rules and the costliest leaves of all trees sum up to, by themselves. */
struct costly_spot costly_spots_worst(const struct blob *blob, enum family family);

#endif
