/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_btree.c - ranges of addresses to the leaves, nodes, fences and table of a directory. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

#define GAP 0 /* "what" of addresses in no set */

static u128 last_address(enum family family)
{
	return family == FAMILY_IP6 ? ~(u128)0 : UINT32_MAX;
}

size_t btree_leaves(const struct btree *tree)
{
	return tree->family == FAMILY_IP6 ? tree->leaf_count : (tree->count + LEAF4 - 1) / LEAF4;
}

size_t btree_nodes(const struct btree *tree)
{
	if (tree->family == FAMILY_IP6)
		return tree->node_count;
	return (btree_leaves(tree) + NODE4) / (NODE4 + 1);
}

uint32_t btree_range(const struct btree *tree, size_t i, u128 *ret_lo, u128 *ret_hi)
{
	const struct leaf4_range *range = (const struct leaf4_range *)tree->leaves + i;
	uint32_t span = SPAN_OF(range->info);

	*ret_lo = range->lo;
	if (span != SPAN_OPEN4)
		*ret_hi = *ret_lo + ((u128)1 << span) - 1;
	else
		*ret_hi = i + 1 < tree->count ? (u128)range[1].lo - 1 : tree->hi;
	return range->info & (INFO_SPECIAL | INFO_WHAT(-1));
}

static int append(struct btree *tree, u128 lo, uint32_t what, unsigned int span)
{
	int r;

	if (tree->family == FAMILY_IP6)
		return btree6_add(tree, lo, what, span);
	r = array_reserve_at(&tree->leaves, tree->count, LEAF4, &tree->capacity,
			     sizeof(struct leaf4_range));
	if (!r)
		((struct leaf4_range *)tree->leaves)[tree->count++] =
			(struct leaf4_range){ lo, what | span << 23 };
	return r;
}

static unsigned int bits_below(u128 value)
{
	uint64_t hi = value >> 64, lo = value;

	return lo ? __builtin_ctzll(lo) : 64 + __builtin_ctzll(hi);
}

/* The pending range, up to the next one's lo or, at the end, to the last there is. */
static int flush(struct btree *tree, bool end, u128 next)
{
	u128 size = tree->hi - tree->lo + 1; /* 0: every address */
	unsigned int open = tree->family == FAMILY_IP6 ? SPAN_OPEN6 : SPAN_OPEN4;
	bool touches = end || tree->hi + 1 == next;
	int r;

	if (!touches && size && !(size & (size - 1)))
		return append(tree, tree->lo, tree->what, bits_below(size));
	r = append(tree, tree->lo, tree->what, open);
	return r < 0 || touches ? r : append(tree, tree->hi + 1, GAP, open);
}

int btree_add(struct btree *tree, u128 lo, u128 hi, uint32_t what)
{
	int r = 0;

	if (tree->pending && tree->hi + 1 == lo && tree->what == what) {
		tree->hi = hi;
		return 0;
	}
	if (tree->pending)
		r = flush(tree, false, lo);
	else
		tree->first = lo;
	tree->pending = true;
	tree->lo = lo;
	tree->hi = hi;
	tree->what = what;
	return r;
}

/* What is left of the last leaf says the last range again. */
static int btree_pad(struct btree *tree)
{
	size_t count = tree->count;
	struct leaf4_range last = {};
	int r = 0;

	if (tree->family == FAMILY_IP6)
		return btree6_end(tree);
	if (count)
		last = ((struct leaf4_range *)tree->leaves)[count - 1];
	while (!r && tree->count % LEAF4)
		r = append(tree, last.lo, last.info, 0);
	tree->count = count;
	return r;
}

int btree_end(struct btree *tree)
{
	int r;

	if (!tree->pending)
		return 0;
	r = flush(tree, true, 0);
	return r < 0 ? r : btree_pad(tree);
}

static void settle4(struct leaf4_range *range, const struct set_classes *classes)
{
	if (!(range->info & INFO_SPECIAL))
		range->info =
			(range->info & ~INFO_WHAT(-1)) | classes->number[INFO_WHAT(range->info)];
}

void btree_settle(struct btree *tree, const struct set_classes *classes)
{
	for (size_t i = 0; i < btree_leaves(tree); i++) {
		if (tree->family == FAMILY_IP6)
			btree6_settle((struct leaf6 *)tree->leaves + i, classes);
		for (size_t j = 0; j < LEAF4 && tree->family == FAMILY_IP4; j++)
			settle4((struct leaf4_range *)tree->leaves + i * LEAF4 + j, classes);
	}
}

/* The last address that belongs to a leaf. */
static u128 leaf_last(const struct btree *tree, size_t leaf)
{
	if (leaf + 1 >= btree_leaves(tree))
		return last_address(tree->family);
	if (tree->family == FAMILY_IP6)
		return tree->begins[leaf + 1] - 1;
	return ((struct leaf4 *)tree->leaves)[leaf + 1].range[0].lo - 1;
}

/* And to a node. */
static u128 node_last(const struct btree *tree, size_t n)
{
	if (tree->family == FAMILY_IP4)
		return leaf_last(tree, n * (NODE4 + 1) + NODE4);
	return n + 1 < tree->node_count ? leaf_last(tree, tree->nodes[n + 1].leaf - 1)
					: last_address(FAMILY_IP6);
}

struct directory btree_directory(const struct btree *tree, size_t *ret_buckets)
{
	struct directory d = { .node_count = btree_nodes(tree), .ranges = tree->count };
	size_t wanted = MIN(32 * (size_t)d.node_count, MAX_BUCKETS);

	*ret_buckets = 0;
	if (!tree->count) {
		d.first = addr6_of(1);
		return d;
	}
	d.first = addr6_of(tree->first);
	d.last = addr6_of(tree->hi);
	while ((tree->hi - tree->first) >> d.shift >= wanted)
		d.shift++;
	*ret_buckets = ((tree->hi - tree->first) >> d.shift) + 1;
	return d;
}

static uint32_t steps_between(uint32_t lo, uint32_t hi)
{
	uint32_t steps = 0;

	for (uint32_t count = hi - lo; count; count /= 2)
		steps++;
	return steps;
}

static void fill_nodes4(const struct btree *tree, struct node4 *nodes)
{
	for (size_t n = 0; n < btree_nodes(tree); n++)
		for (size_t i = 0; i < NODE4; i++)
			nodes[n].last[i] = leaf_last(tree, n * (NODE4 + 1) + i);
}

uint32_t btree_fill(const struct btree *tree, const struct directory *directory, size_t buckets,
		    uint16_t *table, void *fences, void *nodes)
{
	size_t n, bucket = 0;
	uint32_t worst = 0;

	if (tree->family == FAMILY_IP6)
		memcpy(nodes, tree->nodes, tree->node_count * sizeof(*tree->nodes));
	else
		fill_nodes4(tree, nodes);
	for (n = 0; n < directory->node_count; n++) {
		u128 last = node_last(tree, n);

		if (tree->family == FAMILY_IP6)
			((struct addr6 *)fences)[n] = addr6_of(last);
		else
			((uint32_t *)fences)[n] = last;
		for (; bucket < buckets && tree->first + ((u128)bucket << directory->shift) <= last;
		     bucket++)
			table[bucket] = n;
	}
	table[buckets] = directory->node_count - 1;
	for (bucket = 0; bucket < buckets; bucket++)
		worst = MAX(worst, steps_between(table[bucket], table[bucket + 1]));
	return tree->family == FAMILY_IP6 ? worst + btree6_worst(tree) : worst;
}
