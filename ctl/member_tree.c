/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* member_tree.c - ranges of addresses to the leaves, nodes, fences and table of a directory. */
#include <errno.h>
#include <string.h>

#include "member.h"

#define GAP 0 /* "what" of addresses in no set */

static size_t leaf_ranges(enum family family)
{
	return family == FAMILY_IP6 ? LEAF6 : LEAF4;
}

static size_t leaf_size(enum family family)
{
	return family == FAMILY_IP6 ? sizeof(struct leaf6) : sizeof(struct leaf4);
}

static size_t node_leaves(enum family family)
{
	return (family == FAMILY_IP6 ? NODE6 : NODE4) + 1;
}

static wide last_address(enum family family)
{
	return family == FAMILY_IP6 ? ~(wide)0 : UINT32_MAX;
}

static struct addr6 addr6_of(wide value)
{
	return (struct addr6){ value >> 64, value };
}

static wide wide_of(const struct addr6 *a)
{
	return (wide)a->hi << 64 | a->lo;
}

size_t tree_leaves(const struct member_tree *tree)
{
	return (tree->count + leaf_ranges(tree->family) - 1) / leaf_ranges(tree->family);
}

size_t tree_nodes(const struct member_tree *tree)
{
	return (tree_leaves(tree) + node_leaves(tree->family) - 1) / node_leaves(tree->family);
}

static void put_range(struct member_tree *tree, size_t i, wide lo, uint32_t info)
{
	struct leaf6 *leaf = (struct leaf6 *)tree->leaves + i / LEAF6;

	if (tree->family != FAMILY_IP6) {
		((struct member4 *)tree->leaves)[i] = (struct member4){ lo, info };
		return;
	}
	leaf->lo[i % LEAF6] = addr6_of(lo);
	leaf->info[i % LEAF6] = info;
}

static uint32_t *info_at(const struct member_tree *tree, size_t i)
{
	if (tree->family != FAMILY_IP6)
		return &((struct member4 *)tree->leaves)[i].info;
	return &((struct leaf6 *)tree->leaves)[i / LEAF6].info[i % LEAF6];
}

static wide lo_at(const struct member_tree *tree, size_t i)
{
	if (tree->family != FAMILY_IP6)
		return ((struct member4 *)tree->leaves)[i].lo;
	return wide_of(&((struct leaf6 *)tree->leaves)[i / LEAF6].lo[i % LEAF6]);
}

uint32_t tree_range(const struct member_tree *tree, size_t i, wide *ret_lo, wide *ret_hi)
{
	uint32_t info = *info_at(tree, i), span = SPAN_OF(info);
	bool open = span == (tree->family == FAMILY_IP6 ? SPAN_OPEN6 : SPAN_OPEN4);

	*ret_lo = lo_at(tree, i);
	if (!open)
		*ret_hi = *ret_lo + ((wide)1 << span) - 1;
	else if (i + 1 < tree->count)
		*ret_hi = lo_at(tree, i + 1) - 1;
	else
		*ret_hi = tree->hi;
	return info & (INFO_SPECIAL | INFO_WHAT(-1));
}

static int append(struct member_tree *tree, wide lo, uint32_t what, unsigned int span)
{
	size_t per = leaf_ranges(tree->family);

	if (tree->count == tree->capacity) {
		size_t capacity = tree->capacity ? 2 * tree->capacity : 64 * per;
		void *bigger = realloc(tree->leaves, capacity / per * leaf_size(tree->family));

		if (!bigger)
			return -ENOMEM;
		tree->leaves = bigger;
		tree->capacity = capacity;
	}
	put_range(tree, tree->count++, lo, what | span << 23);
	return 0;
}

static unsigned int bits_below(wide value)
{
	uint64_t hi = value >> 64, lo = value;

	return lo ? __builtin_ctzll(lo) : 64 + __builtin_ctzll(hi);
}

/* The pending range, up to the next one's lo or, at the end, to the last there is. */
static int flush(struct member_tree *tree, bool end, wide next)
{
	wide size = tree->hi - tree->lo + 1; /* 0: every address */
	unsigned int open = tree->family == FAMILY_IP6 ? SPAN_OPEN6 : SPAN_OPEN4;
	bool touches = end || tree->hi + 1 == next;
	int r;

	if (!touches && size && !(size & (size - 1)))
		return append(tree, tree->lo, tree->what, bits_below(size));
	r = append(tree, tree->lo, tree->what, open);
	return r < 0 || touches ? r : append(tree, tree->hi + 1, GAP, open);
}

int tree_add(struct member_tree *tree, wide lo, wide hi, uint32_t what)
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

int tree_pad(struct member_tree *tree)
{
	size_t per = leaf_ranges(tree->family), count = tree->count;
	wide lo;
	int r = 0;

	if (!count)
		return 0;
	lo = lo_at(tree, count - 1);
	while (!r && tree->count % per)
		r = append(tree, lo, *info_at(tree, count - 1), 0);
	tree->count = count;
	return r;
}

int tree_end(struct member_tree *tree)
{
	int r;

	if (!tree->pending)
		return 0;
	r = flush(tree, true, 0);
	return r < 0 ? r : tree_pad(tree);
}

void tree_settle(struct member_tree *tree, const struct combos *combos)
{
	size_t count = ROUND_UP(tree->count, leaf_ranges(tree->family));

	for (size_t i = 0; i < count; i++) {
		uint32_t *info = info_at(tree, i);

		if (!(*info & INFO_SPECIAL))
			*info = (*info & ~INFO_WHAT(-1)) | combos->number[INFO_WHAT(*info)];
	}
}

/* The last address that belongs to a leaf. */
static wide leaf_last(const struct member_tree *tree, size_t leaf)
{
	if (leaf + 1 >= tree_leaves(tree))
		return last_address(tree->family);
	if (tree->family != FAMILY_IP6)
		return ((struct leaf4 *)tree->leaves)[leaf + 1].member[0].lo - 1;
	return wide_of(&((struct leaf6 *)tree->leaves)[leaf + 1].lo[0]) - 1;
}

struct directory tree_directory(const struct member_tree *tree, size_t *ret_buckets)
{
	struct directory d = { .node_count = tree_nodes(tree), .ranges = tree->count };
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

/* What a node says of its leaves; the node's own last address. */
static wide fill_node(const struct member_tree *tree, size_t n, void *nodes)
{
	size_t per = node_leaves(tree->family);
	struct node4 *node4 = (struct node4 *)nodes + n;
	struct node6 *node6 = (struct node6 *)nodes + n;

	for (size_t i = 0; i + 1 < per; i++) {
		wide last = leaf_last(tree, n * per + i);

		if (tree->family == FAMILY_IP6)
			node6->last[i] = addr6_of(last);
		else
			node4->last[i] = last;
	}
	return leaf_last(tree, n * per + per - 1);
}

static uint32_t steps_between(uint32_t lo, uint32_t hi)
{
	uint32_t steps = 0;

	for (uint32_t count = hi - lo; count; count /= 2)
		steps++;
	return steps;
}

uint32_t tree_fill(const struct member_tree *tree, const struct directory *directory,
		   size_t buckets, uint16_t *table, void *fences, void *nodes)
{
	size_t per = node_leaves(tree->family), n, bucket = 0;
	uint32_t worst = 0;

	for (n = 0; n < directory->node_count; n++) {
		wide last = fill_node(tree, n, nodes);

		if (tree->family == FAMILY_IP6)
			((struct addr6 *)fences)[n] = addr6_of(last);
		else
			((uint32_t *)fences)[n] = last;
	}
	for (n = 0; n < directory->node_count; n++) {
		wide last = leaf_last(tree, n * per + per - 1);

		for (; bucket < buckets && tree->first + ((wide)bucket << directory->shift) <= last;
		     bucket++)
			table[bucket] = n;
	}
	table[buckets] = directory->node_count - 1;
	for (bucket = 0; bucket < buckets; bucket++)
		worst = MAX(worst, steps_between(table[bucket], table[bucket + 1]));
	return worst;
}
