/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* forest.h - the trees of a large ruleset: a packet down to one leaf of each; see struct node. */
#ifndef NETCTL_FOREST_H
#define NETCTL_FOREST_H

#include "walk.h"

/* A leaf's boxes lie in one part, in rule order: what follows a rule that is beaten is, too. */
static long leaf_box4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box4 *b = (const void *)(w->part + ((w->base + i * sizeof(*b)) &
							 (PART_SIZE - sizeof(*b))));

	if (b->box.rule >= w->rule)
		return 1;
	if (outside4(w, b))
		return 0;
	decide(w, &b->box);
	return 1;
}

static long leaf_box6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box6 *b = (const void *)(w->part + ((w->base + i * sizeof(*b)) &
							 (PART_SIZE - sizeof(*b))));

	if (b->box.rule >= w->rule)
		return 1;
	if (outside6(w, b))
		return 0;
	decide(w, &b->box);
	return 1;
}

/*
 * From a root to the leaf, as its node: split | next << 32. A leaf of no boxes when there is none:
 * that is for the verifier, as the depth is, which the compiler keeps to.
 */
VERIFIED_ALONE __u64 find_leaf(const struct key *key, __u32 at)
{
	__u32 part_of = at / PART_NODES;
	const char *part;

	if (!key)
		return 0;
	part = part_at(key->parts, part_of);
	ROLLED for (int depth = 0; part && depth <= MAX_DEPTH; depth++)
	{
		__u64 n = *(const __u64 *)(part + at % PART_NODES * sizeof(n));
		__u32 next = n >> 32;

		if (NODE_WORD(next) == KEY_LEAF)
			return n;
		at = NODE_PLACE(next) + (key->word[NODE_WORD(next)] > (__u32)n);
		if (at / PART_NODES != part_of) {
			part_of = at / PART_NODES;
			part = part_at(key->parts, part_of);
		}
	}
	return 0;
}

/* Best trees first: one whose best rule is beaten ends it. */
static __always_inline long walk_tree(struct walk *w, const struct tree *tree,
				      long (*try_box)(__u32, void *))
{
	__u64 leaf, offset;

	if (tree->best >= w->rule)
		return 1;
	leaf = find_leaf(&w->key, tree->root);
	offset = (leaf >> 32 & 0xfffffff) * LEAF_UNIT;
	w->part = part_at(w->key.parts, offset / PART_SIZE);
	w->base = offset % PART_SIZE;
	if (!w->part)
		return 1;
	repeat(leaf, try_box, w);
	return 0;
}

static long walk_tree4(__u32 i, void *walk)
{
	struct walk *w = walk;

	return walk_tree(w, &rules_of(w)->tree[i & (MAX_TREES - 1)], leaf_box4);
}

static long walk_tree6(__u32 i, void *walk)
{
	struct walk *w = walk;

	return walk_tree(w, &rules_of(w)->tree[i & (MAX_TREES - 1)], leaf_box6);
}

#endif
