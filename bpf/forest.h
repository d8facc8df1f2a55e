/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* forest.h - the trees of a large ruleset: a packet down to one leaf of each; see struct node. */
#ifndef NETCTL_FOREST_H
#define NETCTL_FOREST_H

#include "walk.h"

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
		__u64 word = NODE_WORD(next);

		settle(word); /* what is compared is what is used: the verifier's bound */
		if (word >= KEY_WORDS)
			return n;
		at = NODE_PLACE(next) + (key->word[word] > (__u32)n);
		if (at / PART_NODES != part_of) {
			part_of = at / PART_NODES;
			part = part_at(key->parts, part_of);
		}
	}
	return 0;
}

/* To the next tree's leaf; 0: none is left that could do better. Best trees come first. */
static __always_inline int next_leaf(struct walk *w)
{
	const struct family_rules *rules = rules_of(w);
	const struct tree *tree = &rules->tree[w->tree & (MAX_TREES - 1)];
	const char *part;
	__u64 leaf;
	__u32 offset;

	if (w->tree >= rules->trees || tree->best >= w->rule)
		return 0;
	w->tree++;
	leaf = find_leaf(&w->key, tree->root);
	offset = NODE_PLACE((__u32)(leaf >> 32)) * BOX_UNIT;
	part = part_at(w->key.parts, offset / PART_SIZE);
	if (!part)
		return 0;
	w->part = part;
	w->base = offset % PART_SIZE;
	w->count = leaf;
	return 1;
}

/* A leaf is done at the first box that matches, or that is of a rule no better than one found. */
static __always_inline int leaf_done(struct walk *w, const struct box *b, int outside)
{
	if (b->rule < w->rule && outside)
		return 0;
	if (b->rule < w->rule)
		found(w, b);
	w->count = 0;
	return 1;
}

/* One leaf after the other in one loop: a loop in a loop would take a stack frame more. */
static long try_leaf4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box *b;

	if (!w->count)
		return !next_leaf(w);
	for (__u32 n = 0; n < BOXES_A_CALL && w->count; n++) {
		b = box4_of(w->part, w->base, PART_SIZE);
		if (leaf_done(w, b, outside4(w, w->part, PART_SIZE)))
			return 0;
		w->base += box4_step(b);
		w->count--;
	}
	return 0;
}

static long try_leaf6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box *b;

	if (!w->count)
		return !next_leaf(w);
	for (__u32 n = 0; n < BOXES_A_CALL && w->count; n++) {
		b = box6_of(w->part, w->base, PART_SIZE);
		if (leaf_done(w, b, outside6(w, w->part, PART_SIZE)))
			return 0;
		w->base += box6_step(b);
		w->count--;
	}
	return 0;
}

/* More than any packet takes. */
#define LEAF_CALLS (MAX_TREES * (MAX_LEAF / BOXES_A_CALL + 1) + 1)

#endif
