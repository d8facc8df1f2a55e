/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* forest_split.c - where to cut a set of boxes in two: few in the larger half, few in both. */
#include <string.h>

#include "forest.h"

#define SAMPLE 64     /* boxes whose edges are candidates */
#define CANDIDATES 24 /* cuts of one word that are counted */
#define COUNTED 4096  /* boxes they are counted on */

struct candidates {
	size_t count;
	uint32_t value[2 * SAMPLE];
};

/* What a cut costs: the larger half twice, and the boxes that fall into both. */
struct best {
	struct split split;
	size_t cost;
};

static void sort_values(uint32_t *v, size_t count)
{
	for (size_t gap = count > 13 ? 13 : 1;; gap = gap > 4 ? 4 : 1) {
		for (size_t i = gap; i < count; i++) {
			uint32_t x = v[i];
			size_t j = i;

			for (; j >= gap && v[j - gap] > x; j -= gap)
				v[j] = v[j - gap];
			v[j] = x;
		}
		if (gap == 1)
			return;
	}
}

/* Sorted, each once, and at most CANDIDATES of them, evenly spread. */
static void thin_out(struct candidates *c)
{
	size_t kept = 0;

	sort_values(c->value, c->count);
	for (size_t i = 0; i < c->count; i++)
		if (!kept || c->value[kept - 1] != c->value[i])
			c->value[kept++] = c->value[i];
	c->count = MIN(kept, CANDIDATES);
	if (kept > CANDIDATES)
		for (size_t i = 0; i < CANDIDATES; i++)
			c->value[i] = c->value[i * kept / CANDIDATES];
}

static void collect(const uint32_t *lo, const uint32_t *hi, const uint32_t *ids, size_t count,
		    uint32_t from, uint32_t to, struct candidates *ret)
{
	size_t stride = (count + SAMPLE - 1) / SAMPLE;

	ret->count = 0;
	for (size_t i = 0; i < count; i += stride) {
		if (lo[ids[i]] > from)
			ret->value[ret->count++] = lo[ids[i]] - 1;
		if (hi[ids[i]] < to)
			ret->value[ret->count++] = hi[ids[i]];
	}
	thin_out(ret);
}

/* How many candidates are less than x. */
static size_t rank(const struct candidates *c, uint32_t x)
{
	size_t at = 0;

	for (size_t step = 16; step; step /= 2)
		if (at + step <= c->count && c->value[at + step - 1] < x)
			at += step;
	return at;
}

static void count_halves(const struct candidates *c, const uint32_t *lo, const uint32_t *hi,
			 const uint32_t *ids, size_t count, enum key_word word, struct best *best)
{
	/* Boxes that begin to be in the lower half, or cease to be in the upper one, there. */
	size_t begin[CANDIDATES + 1] = {}, end[CANDIDATES + 1] = {};
	size_t stride = (count + COUNTED - 1) / COUNTED, seen = 0, below = 0, above, cost;

	for (size_t i = 0; i < count; i += stride, seen++) {
		begin[rank(c, lo[ids[i]])]++;
		end[rank(c, hi[ids[i]])]++;
	}
	above = seen;
	for (size_t i = 0; i < c->count; i++) {
		below += begin[i];
		above -= end[i];
		cost = (2 * MAX(below, above) + below + above - seen) * stride;
		if (cost < best->cost)
			*best = (struct best){ { word, c->value[i] }, cost };
	}
}

bool split_choose(const struct columns *columns, const uint32_t *ids, size_t count,
		  const struct cell *region, struct split *ret)
{
	struct best best = { .cost = 3 * count };
	struct candidates c;

	for (int word = 0; word < KEY_WORDS; word++) {
		const uint32_t *lo = columns->lo[word], *hi = columns->hi[word];

		if (!lo)
			continue;
		collect(lo, hi, ids, count, region->lo[word], region->hi[word], &c);
		if (c.count)
			count_halves(&c, lo, hi, ids, count, word, &best);
	}
	*ret = best.split;
	return best.cost < 3 * count;
}
