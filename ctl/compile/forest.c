/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* forest.c - boxes to trees: groups by address width, cut region by region until leaves are small. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "forest.h"

#define LEAF_FIRST 8	  /* boxes a leaf may hold, doubled while there would be too many copies */
#define MOST_COPIES 4	  /* references of leaves to boxes, for each box */
#define COSTED 512	  /* boxes whose packets a forest's cost is estimated with */
#define MOST_TRIED 16384  /* boxes all ways of grouping are tried with */
#define SOME_COPIES 16384 /* and that many beside */
#define MAX_FORKS (1 << 27)

struct builder {
	const struct whole_box *boxes;
	size_t count;
	enum family family;
	struct columns columns;
	uint8_t *group;		/* of each box: which addresses it leaves open */
	const uint8_t *tree_of; /* the tree of each group */
	size_t leaf;		/* boxes a leaf may hold */
	size_t copies;		/* references there may be */
	uint32_t largest;	/* leaf of the tree being built */
	struct forest *forest;
};

/* The boxes still in question in a region. */
struct subset {
	uint32_t *ids; /* owned */
	size_t count;
};

static int compare_addresses(const void *pa, const void *pb)
{
	const u128 *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* How many of the sorted values are less than x. */
static size_t rank(const u128 *values, size_t count, u128 x)
{
	size_t lo = 0, hi = count;

	while (lo < hi) {
		size_t middle = (lo + hi) / 2;

		if (values[middle] < x)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

void forest_free(struct forest *forest)
{
	free(forest->forks);
	free(forest->leaves);
	free(forest->refs);
	*forest = (struct forest){};
}

/* Two neighbours; the index of the first. */
static int new_pair(struct forest *f, uint32_t *ret)
{
	int r = array_reserve(f->forks, f->fork_count, 2, &f->fork_capacity);

	if (r < 0)
		return r;
	if (f->fork_count + 2 > MAX_FORKS)
		return -E2BIG;
	*ret = f->fork_count;
	f->forks[*ret] = f->forks[*ret + 1] =
		(struct fork){ .split.word = KEY_LEAF, .next = NO_LEAF_BOXES };
	f->fork_count += 2;
	return 0;
}

static int make_leaf(struct builder *b, uint32_t at, const struct subset *boxes)
{
	struct forest *f = b->forest;
	int r;

	if (boxes->count > MAX_LEAF || f->ref_count + boxes->count > b->copies)
		return -E2BIG;
	r = array_reserve(f->leaves, f->leaf_count, 1, &f->leaf_capacity);
	if (!r)
		r = array_reserve(f->refs, f->ref_count, boxes->count, &f->ref_capacity);
	if (r < 0)
		return r;
	if (!boxes->count)
		return 0;
	f->forks[at].next = f->leaf_count;
	f->leaves[f->leaf_count++] = (struct leaf){ f->ref_count, boxes->count };
	memcpy(&f->refs[f->ref_count], boxes->ids, boxes->count * sizeof(*boxes->ids));
	f->ref_count += boxes->count;
	b->largest = MAX(b->largest, boxes->count);
	return 0;
}

/* The boxes that reach into a half of the region. */
static int take_half(const struct builder *b, const struct subset *from, const struct split *s,
		     bool upper, struct subset *ret)
{
	const uint32_t *lo = b->columns.lo[s->word], *hi = b->columns.hi[s->word];

	ret->ids = malloc(from->count * sizeof(*ret->ids));
	ret->count = 0;
	if (!ret->ids)
		return -ENOMEM;
	for (size_t i = 0; i < from->count; i++) {
		uint32_t id = from->ids[i];

		if (upper ? hi[id] > s->value : lo[id] <= s->value)
			ret->ids[ret->count++] = id;
	}
	return 0;
}

/* What a box that covers the whole region outdoes cannot match first. */
static void prune(const struct builder *b, struct subset *boxes, const struct cell *region)
{
	for (size_t i = 0; i < boxes->count; i++) {
		const struct whole_box *first = &b->boxes[boxes->ids[i]];
		size_t kept = i + 1;

		if (!columns_cover(&b->columns, b->boxes, boxes->ids[i], region))
			continue;
		for (size_t j = kept; j < boxes->count; j++)
			if (!box_outdoes(first, &b->boxes[boxes->ids[j]], region))
				boxes->ids[kept++] = boxes->ids[j];
		boxes->count = kept;
	}
}

static int grow_tree(struct builder *b, uint32_t at, struct subset *boxes,
		     const struct cell *region, uint32_t depth)
{
	struct cell half = *region;
	struct subset sub;
	struct split split;
	uint32_t pair;
	int r;

	prune(b, boxes, region);
	if (boxes->count <= b->leaf || depth == MAX_DEPTH ||
	    !split_choose(&b->columns, boxes->ids, boxes->count, region, &split))
		return make_leaf(b, at, boxes);
	r = new_pair(b->forest, &pair);
	if (r < 0)
		return r;
	b->forest->forks[at] = (struct fork){ split, pair };
	for (int upper = 0; upper < 2 && !r; upper++) {
		half.lo[split.word] = upper ? split.value + 1 : region->lo[split.word];
		half.hi[split.word] = upper ? region->hi[split.word] : split.value;
		r = take_half(b, boxes, &split, upper, &sub);
		if (!r)
			r = grow_tree(b, pair + upper, &sub, &half, depth + 1);
		free(sub.ids);
	}
	return r;
}

static int add_tree(struct builder *b, struct subset *boxes)
{
	const struct cell full = cell_full(b->family);
	struct forest *f = b->forest;
	uint32_t root;
	int r = new_pair(f, &root);

	if (r < 0)
		return r;
	b->largest = 0;
	f->tree[f->trees++] = (struct forest_tree){ root, b->boxes[boxes->ids[0]].six.box.rule };
	r = grow_tree(b, root, boxes, &full, 0);
	f->worst_boxes += b->largest;
	return r;
}

/* Leaves an address open, or nearly: a 32nd of all boxes' first addresses are in it. */
static bool is_wide(const struct builder *b, const struct addr6 *lo, const struct addr6 *hi,
		    const u128 *firsts)
{
	return rank(firsts, b->count, addr_number(hi)) - rank(firsts, b->count, addr_number(lo)) >
	       b->count / 32;
}

/* Of all boxes, sorted. The caller frees. */
static u128 *first_addresses(const struct builder *b, bool source)
{
	u128 *firsts = malloc(b->count * sizeof(*firsts));

	for (size_t i = 0; firsts && i < b->count; i++) {
		const struct box6 *box = &b->boxes[i].six;

		firsts[i] = addr_number(source ? &box->src_lo : &box->dst_lo);
	}
	if (firsts)
		qsort(firsts, b->count, sizeof(*firsts), compare_addresses);
	return firsts;
}

static int make_groups(struct builder *b)
{
	autofree u128 *sources = first_addresses(b, true);
	autofree u128 *destinations = first_addresses(b, false);

	b->group = malloc(b->count);
	if (!sources || !destinations || !b->group)
		return -ENOMEM;
	for (size_t i = 0; i < b->count; i++) {
		const struct box6 *box = &b->boxes[i].six;

		b->group[i] = is_wide(b, &box->src_lo, &box->src_hi, sources) * 2 +
			      is_wide(b, &box->dst_lo, &box->dst_hi, destinations);
	}
	return 0;
}

/* Trees in the order of their best rules: of their first boxes. */
static int add_trees(struct builder *b)
{
	struct subset group[MAX_TREES] = {};
	int order[MAX_TREES], orders = 0, r = 0;

	for (int i = 0; i < MAX_TREES; i++) {
		group[i].ids = malloc(b->count * sizeof(*group[i].ids));
		if (!group[i].ids)
			r = -ENOMEM;
	}
	for (size_t i = 0; i < b->count && !r; i++) {
		struct subset *g = &group[b->tree_of[b->group[i]]];

		if (!g->count)
			order[orders++] = g - group;
		g->ids[g->count++] = i;
	}
	for (int i = 0; i < orders && !r; i++)
		r = add_tree(b, &group[order[i]]);
	for (int i = 0; i < MAX_TREES; i++)
		free(group[i].ids);
	return r;
}

/* A forest of leaves of at most that many boxes, where cuts can make them so small. */
static int try_leaves(struct builder *b, const uint8_t tree_of[MAX_TREES], size_t leaf,
		      struct forest *ret)
{
	struct forest forest = {};
	int r;

	b->forest = &forest;
	b->tree_of = tree_of;
	b->leaf = leaf;
	r = add_trees(b);
	if (r < 0)
		forest_free(&forest);
	else
		*ret = forest;
	return r;
}

/* By which open addresses boxes are kept apart: by none, one, both of them, or either. */
static const uint8_t groupings[][MAX_TREES] = {
	{ 0, 0, 0, 0 }, { 0, 0, 1, 1 }, { 0, 1, 0, 1 }, { 0, 0, 0, 1 }, { 0, 0, 1, 2 },
	{ 0, 1, 0, 2 }, { 0, 1, 1, 2 }, { 0, 1, 2, 2 }, { 0, 1, 2, 1 }, { 0, 1, 2, 3 },
};

#define APART (ARRAY_SIZE(groupings) - 1) /* the one that copies least */

/* Nanoseconds that packets in some of the boxes spend in the forest, roughly. */
static double cost_of(const struct builder *b, const struct forest *f)
{
	size_t stride = b->count / COSTED + 1, packets = 0;
	double cost = 0;

	for (size_t id = 0; id < b->count; id += stride, packets++) {
		for (uint32_t t = 0; t < f->trees; t++) {
			const struct fork *fork = &f->forks[f->tree[t].root];

			for (cost += 20; fork->split.word != KEY_LEAF; cost += 4) {
				const uint32_t *word = b->columns.lo[fork->split.word];

				fork = &f->forks[fork->next + (word[id] > fork->split.value)];
			}
			if (fork->next != NO_LEAF_BOXES)
				cost += 2 * f->leaves[fork->next].count;
		}
	}
	return cost / packets;
}

/* The quickest forest of small leaves, and its grouping. -E2BIG: there is none. */
static int choose(struct builder *b, size_t *ret_grouping, struct forest *ret)
{
	double least = 0;
	int found = -E2BIG;

	for (size_t g = 0; g < ARRAY_SIZE(groupings); g++) {
		struct forest forest;
		int r = try_leaves(b, groupings[g], LEAF_FIRST, &forest);
		double cost = r ? 0 : cost_of(b, &forest);

		if (r == -E2BIG)
			continue;
		if (r < 0)
			return r;
		if (!found && cost >= least) {
			forest_free(&forest);
			continue;
		}
		forest_free(ret);
		*ret = forest;
		*ret_grouping = g;
		least = cost;
		found = 0;
	}
	return found;
}

static int begin(struct builder *b)
{
	int r = columns_make(b->boxes, b->count, b->family, &b->columns);

	b->copies = MOST_COPIES * b->count + SOME_COPIES;
	return r < 0 ? r : make_groups(b);
}

static void end(struct builder *b)
{
	columns_free(&b->columns);
	free(b->group);
}

/* Of many boxes, a sample decides how to group all. */
static int choose_by_some(const struct builder *b, size_t *ret_grouping)
{
	size_t stride = (b->count + MOST_TRIED - 1) / MOST_TRIED;
	autofree struct whole_box *boxes = malloc((b->count / stride + 1) * sizeof(*boxes));
	struct builder some = { .boxes = boxes, .family = b->family };
	struct forest forest = {};
	int r;

	if (!boxes)
		return -ENOMEM;
	for (size_t i = 0; i < b->count; i += stride)
		boxes[some.count++] = b->boxes[i];
	r = begin(&some);
	if (!r)
		r = choose(&some, ret_grouping, &forest);
	forest_free(&forest);
	end(&some);
	return r == -E2BIG ? 0 : r;
}

int forest_build(const struct whole_box *boxes, size_t count, enum family family,
		 struct forest *ret)
{
	struct builder b = { .boxes = boxes, .count = count, .family = family };
	struct forest forest = {};
	size_t grouping = APART;
	int r = begin(&b);

	if (!r && count <= MOST_TRIED) {
		r = choose(&b, &grouping, &forest);
	} else if (!r) {
		r = choose_by_some(&b, &grouping);
		if (!r)
			r = try_leaves(&b, groupings[grouping], LEAF_FIRST, &forest);
	}
	for (size_t leaf = LEAF_FIRST; r == -E2BIG && leaf <= MAX_LEAF; leaf *= 2)
		r = try_leaves(&b, groupings[APART], leaf, &forest);
	/* No cuts tell them apart: one leaf a tree, in rule order. */
	if (r == -E2BIG && count <= MAX_TREES * MAX_LEAF) {
		for (size_t i = 0; i < count; i++)
			b.group[i] = i / MAX_LEAF;
		r = try_leaves(&b, groupings[APART], MAX_LEAF, &forest);
	}
	if (!r)
		*ret = forest;
	else
		forest_free(&forest);
	end(&b);
	return r;
}
