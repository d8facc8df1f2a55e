/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_btree6.c - ranges of IPv6 addresses to leaves: each leaf is of the kind that holds most of those that come next. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

#define WHOLE 64 /* bits of an address below a /64 */

static uint64_t high(const struct range6 *range)
{
	return range->lo >> WHOLE;
}

static bool is_gap(const struct range6 *range)
{
	return range->span == SPAN_OPEN6 && !range->what;
}

/* Does it end where the next one begins? */
static bool is_open(const struct range6 *range)
{
	return range->span == SPAN_OPEN6 && !is_gap(range);
}

static bool is_near(const struct range6 *range, const struct range6 *before)
{
	if (range->span)
		return !(uint64_t)range->lo && range->span >= WHOLE;
	return !before || (high(before) != high(range) && !is_open(before));
}

/* How many of the ranges that wait a leaf for ranges of whole /64 would take. */
static size_t count_near(const struct btree *t, unsigned int *ret_shift)
{
	const struct range6 *r = t->waiting;
	uint64_t far, distances = 0;
	uint32_t what = 0;
	unsigned int shift;
	size_t n;

	*ret_shift = 0;
	for (n = 0; n < t->waiting_count; n++) {
		if (!is_near(&r[n], n ? &r[n - 1] : NULL) || (!n && !r[0].span && t->open) ||
		    (!is_gap(&r[n]) && what && r[n].what != what))
			break;
		far = high(&r[n]) - high(&r[0]);
		distances |= far;
		shift = distances ? __builtin_ctzll(distances) : 0;
		if (far >> shift > UINT32_MAX)
			break;
		*ret_shift = shift;
		what = is_gap(&r[n]) ? what : r[n].what;
	}
	return n;
}

static size_t count_hosts(const struct btree *t)
{
	const struct range6 *r = t->waiting;
	size_t n;

	/* After an open range comes a leaf of a kind that can say what is before it. */
	for (n = 0; n < MIN(t->waiting_count, (size_t)HOST6) && !t->open; n++)
		if (r[n].span || r[n].what != r[0].what || high(&r[n]) - high(&r[0]) > UINT32_MAX)
			break;
	return n;
}

static void put_near(struct btree *t, struct near6 *leaf, size_t count, unsigned int shift)
{
	size_t hosts = 0;

	leaf->kind = LEAF6_NEAR;
	leaf->base = high(&t->waiting[0]);
	leaf->lows = t->low_count;
	leaf->shift = shift;
	for (size_t i = 0; i < NEAR6; i++) {
		const struct range6 *range = &t->waiting[MIN(i, count - 1)];

		if (i)
			leaf->at[i - 1] = (high(range) - leaf->base) >> shift;
		if (i >= count) {
			leaf->span[i] = leaf->span[count - 1];
			continue;
		}
		leaf->span[i] = is_gap(range) ? NEAR_GAP : range->span - WHOLE;
		if (!is_gap(range))
			leaf->info = range->what;
		if (range->span)
			continue;
		leaf->span[i] = NEAR_HOST | hosts++;
		t->lows[t->low_count++] = range->lo;
	}
}

static void put_hosts(const struct btree *t, struct hosts6 *leaf, size_t count)
{
	leaf->kind = LEAF6_HOSTS;
	leaf->base = high(&t->waiting[0]);
	leaf->info = t->waiting[0].what;
	for (size_t i = 0; i < HOST6; i++) {
		const struct range6 *range = &t->waiting[MIN(i, count - 1)];

		leaf->at[i] = high(range) - leaf->base;
		leaf->low[i] = range->lo;
	}
}

static void put_any(const struct btree *t, struct any6 *leaf, size_t count)
{
	leaf->kind = LEAF6_ANY;
	for (size_t i = 0; i < ANY6; i++) {
		const struct range6 *range = &t->waiting[MIN(i, count - 1)];

		leaf->lo[i] = (struct addr6){ high(range), range->lo };
		leaf->info[i] = range->what | (uint32_t)range->span << 23;
	}
}

/*
 * Where a leaf may be said to begin: at the roundest address from the end of the last one's ranges to
 * its own first, so that its node can hold it in few bits.
 */
static u128 round_begin(const struct btree *t, u128 first)
{
	u128 differ = first ^ (t->end - 1);
	unsigned int bits = 0;

	if (!t->leaf_count || t->open)
		return first;
	while (differ >> bits > 1)
		bits++;
	return first >> bits << bits;
}

/* Where what is in a set ends, of a range that is not open. */
static u128 end_of(const struct range6 *range)
{
	return is_gap(range) ? range->lo : range->lo + ((u128)1 << (range->span & 127));
}

static size_t put_most(struct btree *t, struct leaf6 *leaf)
{
	size_t hosts = count_hosts(t), any = MIN(t->waiting_count, (size_t)ANY6), near;
	unsigned int shift;

	near = count_near(t, &shift);
	if (hosts >= any && hosts > near) {
		put_hosts(t, &leaf->hosts, hosts);
		return hosts;
	}
	if (near >= any) {
		put_near(t, &leaf->near, near, shift);
		return near;
	}
	put_any(t, &leaf->any, any);
	return any;
}

/* One more leaf, of the first ranges that wait. */
static int put_leaf(struct btree *t)
{
	size_t count = t->leaf_count, taken;
	struct leaf6 leaf = {};
	int r;

	r = array_reserve_at(&t->leaves, count, 1, &t->capacity, sizeof(leaf));
	if (!r)
		r = array_reserve(t->begins, count, 1, &t->begin_capacity);
	if (!r)
		r = array_reserve(t->lows, t->low_count, NEAR6, &t->low_capacity);
	if (r < 0)
		return r;
	t->begins[count] = round_begin(t, t->waiting[0].lo);
	taken = put_most(t, &leaf);
	leaf.kind |= t->open ? LEAF6_AFTER : 0;
	t->open = is_open(&t->waiting[taken - 1]);
	((struct leaf6 *)t->leaves)[t->leaf_count++] = leaf;
	t->end = end_of(&t->waiting[taken - 1]);
	t->waiting_count -= taken;
	memmove(t->waiting, t->waiting + taken, t->waiting_count * sizeof(*t->waiting));
	return 0;
}

int btree6_add(struct btree *tree, u128 lo, uint32_t what, uint8_t span)
{
	tree->count++;
	tree->waiting[tree->waiting_count++] = (struct range6){ lo, what, span };
	return tree->waiting_count == NEAR6 ? put_leaf(tree) : 0;
}

/* ---- nodes ---- */

static unsigned int zeros_below(u128 value)
{
	return (uint64_t)value ? __builtin_ctzll(value) : WHOLE + __builtin_ctzll(value >> WHOLE);
}

static struct leaf6 *leaf_at(const struct btree *t, size_t n)
{
	return (struct leaf6 *)t->leaves + n;
}

/* Do the leaves begin in units of their own, and those at units that may? */
static bool can_tell(const struct btree *t, size_t leaf, size_t count, unsigned int shift)
{
	const u128 *begin = &t->begins[leaf];

	for (size_t i = 1; i < count; i++) {
		if (begin[i] >> shift == begin[i - 1] >> shift ||
		    (begin[i] >> shift) - (begin[0] >> shift) >= NO_LEAF6)
			return false;
		if (!(leaf_at(t, leaf + i)->kind & LEAF6_AFTER) && zeros_below(begin[i]) < shift)
			return false;
	}
	return true;
}

/* A node for as many leaves as it can distinguish; returns how many. */
static size_t fill_node(const struct btree *t, size_t leaf, struct node6 *ret)
{
	size_t most = MIN(t->leaf_count - leaf, (size_t)NODE6), n;
	const u128 *begin = &t->begins[leaf];
	unsigned int shift = 0;

	for (n = 1; n < most; n++) {
		unsigned int wanted = shift;

		while ((begin[n] >> wanted) - (begin[0] >> wanted) >= NO_LEAF6)
			wanted++;
		if (!can_tell(t, leaf, n + 1, wanted))
			break;
		shift = wanted;
	}
	*ret = (struct node6){ .base = addr6_of(begin[0] >> shift << shift),
			       .leaf = leaf,
			       .shift = shift };
	leaf_at(t, leaf)->kind &= ~LEAF6_AFTER; /* the fence before it is exact */
	for (size_t i = 1; i < NODE6; i++) {
		ret->at[i - 1] = NO_LEAF6;
		if (i >= n)
			continue;
		ret->at[i - 1] = (begin[i] >> shift) - (begin[0] >> shift);
		if (zeros_below(begin[i]) >= shift)
			leaf_at(t, leaf + i)->kind &= ~LEAF6_AFTER;
	}
	return n;
}

static int make_nodes(struct btree *t)
{
	size_t leaf = 0;
	int r = 0;

	while (leaf < t->leaf_count && !r) {
		r = array_reserve(t->nodes, t->node_count, 1, &t->node_capacity);
		if (!r)
			leaf += fill_node(t, leaf, &t->nodes[t->node_count++]);
	}
	return r;
}

int btree6_end(struct btree *tree)
{
	int r = 0;

	while (tree->waiting_count && !r)
		r = put_leaf(tree);
	return r < 0 ? r : make_nodes(tree);
}

uint32_t btree6_worst(const struct btree *tree)
{
	bool after = false;

	for (size_t i = 0; i < tree->leaf_count && !after; i++)
		after = leaf_at(tree, i)->kind & LEAF6_AFTER;
	return after + !!tree->low_count;
}

void btree6_free(struct btree *tree)
{
	free(tree->begins);
	free(tree->nodes);
	free(tree->lows);
}

void btree6_settle(struct leaf6 *leaf, const struct set_classes *classes)
{
	enum leaf6_kind kind = LEAF6_KIND(leaf->kind);
	uint32_t *info = kind == LEAF6_NEAR    ? &leaf->near.info
			 : kind == LEAF6_HOSTS ? &leaf->hosts.info
					       : leaf->any.info;

	for (size_t i = 0; i < (kind == LEAF6_ANY ? ANY6 : 1); i++)
		if (!(info[i] & INFO_SPECIAL))
			info[i] = (info[i] & ~INFO_WHAT(-1)) | classes->number[INFO_WHAT(info[i])];
}
