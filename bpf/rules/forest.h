/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * forest.h - the best rule among few boxes, and that of a large ruleset: a packet down to one leaf of
 * each tree; see struct node. The two families differ in their boxes alone.
 */
#ifndef NETCTL_FOREST_H
#define NETCTL_FOREST_H

#include "walk.h"

#define NODES_ON_THE_WAY (MAX_DEPTH / 2 + 4) /* two cuts a node; the leaf; a jump to another part */
#define NO_LEAF (~0ULL)

/* The first of "count" boxes that matches, if its rule is better than the best so far. */
VERIFIED_ALONE __u64 boxes4(const struct key *key, const struct box_page *page, __u32 count,
			    __u64 best)
{
	__u32 at = 0;

	if (!key || !page)
		return best;
	ROLLED for (__u32 i = 0; i < PAGE_BOXES; i++)
	{
		const struct box *b = box4_of(page->bytes, at, sizeof(*page));

		settle(i); /* two bounds: the verifier's and the packet's */
		if (i >= count || b->rule >= FOUND_RULE(best))
			break;
		COUNT_STEP(BOX);
		if (!outside4(key, page->bytes, at, sizeof(*page)))
			return found(b);
		at += box4_step(b);
	}
	return best;
}

VERIFIED_ALONE __u64 boxes6(const struct key *key, const struct box_page *page, __u32 count,
			    __u64 best)
{
	__u32 at = 0;

	if (!key || !page)
		return best;
	ROLLED for (__u32 i = 0; i < PAGE_BOXES; i++)
	{
		const struct box *b = box6_of(page->bytes, at, sizeof(*page));

		settle(i); /* two bounds: the verifier's and the packet's */
		if (i >= count || b->rule >= FOUND_RULE(best))
			break;
		COUNT_STEP(BOX);
		if (!outside6(key, page->bytes, at, sizeof(*page)))
			return found(b);
		at += box6_step(b);
	}
	return best;
}

/* The bounds are for the verifier. */
static __always_inline const struct box_page *page_at(const char *base, __u32 at, __u32 size)
{
	const __u32 most = size - sizeof(struct box_page);

	at &= size - BOX_UNIT;
	return (const void *)(base + (at > most ? most : at));
}

_Static_assert(MAX_LINEAR <= PAGE_BOXES, "a list is a leaf");

/* The part at hand: mostly the next node is in it, too. */
struct here {
	const char *part;
	__u32 n;
};

static __always_inline int go_to(parts_ref parts, struct here *here, __u32 n)
{
	if (here->n != n) {
		here->n = n;
		here->part = part_at(parts, n);
	}
	return here->part != NULL;
}

/* 1 when the packet's word is greater. */
static __always_inline __u64 above(const __u32 *key, __u64 word, __u32 split)
{
	__u64 less = (__u64)split - key[word];

	settle(less);
	return less >> 63;
}

/* The neighbour a node sends a packet to, 0..3. Which it is cannot be foreseen, so no branch tells. */
static __always_inline __u32 way_of(const __u32 *key, const struct node *n, __u64 w0, __u64 w1,
				    __u64 w2)
{
	__u64 first = above(key, w0, n->split[0]);
	__u64 low = above(key, w1, n->split[1]), high = above(key, w2, n->split[2]);
	__u64 mask = -first;

	settle(mask);
	return 2 * first + (low ^ ((low ^ high) & mask));
}

/*
 * From a root to the leaf: where its boxes are << 32 | how many. NO_LEAF is for the verifier, as the
 * depth is, which the compiler keeps to.
 */
static __always_inline __u64 find_leaf(const __u32 *key, parts_ref parts, struct here *here,
				       __u32 at)
{
	if (!go_to(parts, here, at / PART_NODES))
		return NO_LEAF;
	ROLLED for (int depth = 0; depth < NODES_ON_THE_WAY; depth++)
	{
		const struct node *n;
		__u64 w0, w1, w2;

		COUNT_STEP(NODE);
		n = (const void *)(here->part + at % PART_NODES * sizeof(*n));
		w0 = NODE_WORD(n->next, 0);
		w1 = NODE_WORD(n->next, 1);
		w2 = NODE_WORD(n->next, 2);
		settle(w0); /* what is compared is what is used: the verifier's bounds */
		settle(w1);
		settle(w2);
		if (w0 == KEY_LEAF)
			return (__u64)n->split[1] << 32 | n->split[0];
		if (w0 == KEY_JUMP) {
			at = n->split[0];
			here->n = at / PART_NODES;
			here->part = part_at(parts, here->n);
			if (!here->part)
				return NO_LEAF;
			continue;
		}
		if (w0 >= KEY_WORDS || w1 >= KEY_WORDS || w2 >= KEY_WORDS)
			return NO_LEAF;
		at = NODE_GROUP(n->next) * NODE_WAYS + way_of(key, n, w0, w1, w2);
	}
	return NO_LEAF;
}

/* Mostly one page; what is no better than the best so far is told by its first box. */
static __always_inline __u64 leaf_of(const struct key *key, const char *part, __u32 at,
				     __u32 count, __u32 ip6, __u64 best)
{
	ROLLED for (int i = 0; i < MAX_LEAF / PAGE_BOXES; i++)
	{
		const struct box_page *page = page_at(part, at, PART_SIZE);

		if (ip6)
			best = boxes6(key, page, count, best);
		else
			best = boxes4(key, page, count, best);
		if (count <= PAGE_BOXES)
			break;
		count -= PAGE_BOXES;
		at += sizeof(*page);
	}
	return best;
}

/* The best rule of a forest; "best" so far is NO_RULE, but not to the verifier. */
VERIFIED_ALONE __u64 forest(const struct key *key, const struct family_rules *rules, __u32 ip6,
			    __u64 best)
{
	struct here here = { .n = ~0U };
	__u64 leaf;
	__u32 at;

	if (!key || !rules)
		return best;
	ROLLED for (__u32 t = 0; t < MAX_TREES; t++)
	{
		if (t >= rules->trees || rules->tree[t].best >= FOUND_RULE(best))
			break;
		COUNT_STEP(TREE);
		leaf = find_leaf(key->word, key->parts, &here, rules->tree[t].root);
		at = (leaf >> 32) * BOX_UNIT;
		if (leaf == NO_LEAF || !go_to(key->parts, &here, at / PART_SIZE))
			break;
		best = leaf_of(key, here.part, at, leaf, ip6, best);
	}
	return best;
}

#endif
