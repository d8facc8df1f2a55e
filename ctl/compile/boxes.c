/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* boxes.c - spans and cubes: union, complement, intersection; knows nothing of rules. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "boxes.h"

void spans_free(struct spans *set)
{
	free(set->span);
	*set = (struct spans){};
}

void cubes_free(struct cubes *set)
{
	free(set->cube);
	*set = (struct cubes){};
}

int spans_add(struct spans *set, u128 lo, u128 hi)
{
	int r;

	if (lo > hi)
		return 0;
	r = array_reserve(set->span, set->count, 1, &set->capacity);
	if (r < 0)
		return r;
	set->span[set->count++] = (struct span){lo, hi};
	return 0;
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

void spans_merge(struct spans *set)
{
	size_t last = 0, i;

	if (set->count < 2)
		return;
	qsort(set->span, set->count, sizeof(*set->span), compare_spans);
	for (i = 1; i < set->count; i++) {
		struct span *before = &set->span[last];

		/* "lo - 1" cannot wrap: lo is 0 only when it overlaps. */
		if (set->span[i].lo <= before->hi || set->span[i].lo - 1 == before->hi)
			before->hi = MAX(before->hi, set->span[i].hi);
		else
			set->span[++last] = set->span[i];
	}
	set->count = last + 1;
}

int spans_invert(const struct spans *set, u128 max, struct spans *ret)
{
	u128 next = 0;
	size_t i;
	int r;

	for (i = 0; i < set->count; i++) {
		if (set->span[i].lo > next) {
			r = spans_add(ret, next, MIN(set->span[i].lo - 1, max));
			if (r < 0)
				return r;
		}
		if (set->span[i].hi >= max)
			return 0;
		next = set->span[i].hi + 1;
	}
	return spans_add(ret, next, max);
}

u128 axis_max(enum axis axis)
{
	static const u128 max[AXES] = {
#define X(id, value) [AXIS_##id] = value,
		AXES_OF_CUBE(X)
#undef X
	};

	return max[axis];
}

struct cube cube_full(void)
{
	struct cube cube = {.hooks = (1 << HOOKS) - 1};
	int i;

	for (i = 0; i < AXES; i++)
		cube.axis[i].hi = axis_max(i);
	return cube;
}

int cubes_add(struct cubes *set, const struct cube *cube)
{
	int r;

	if (set->count >= CUBES_LIMIT)
		return -E2BIG;
	r = array_reserve(set->cube, set->count, 1, &set->capacity);
	if (r < 0)
		return r;
	set->cube[set->count++] = *cube;
	return 0;
}

int cubes_add_spans(struct cubes *set, const struct cube *base, enum axis axis,
		    const struct spans *spans)
{
	struct cube cube = *base;
	size_t i;
	int r;

	for (i = 0; i < spans->count; i++) {
		cube.axis[axis] = spans->span[i];
		r = cubes_add(set, &cube);
		if (r < 0)
			return r;
	}
	return 0;
}

/* False when nothing lies in both. */
static bool cube_intersect(const struct cube *a, const struct cube *b, struct cube *ret)
{
	int i;

	if ((a->tcp_value ^ b->tcp_value) & a->tcp_mask & b->tcp_mask)
		return false;
	if (!(a->hooks & b->hooks))
		return false;
	for (i = 0; i < AXES; i++) {
		ret->axis[i].lo = MAX(a->axis[i].lo, b->axis[i].lo);
		ret->axis[i].hi = MIN(a->axis[i].hi, b->axis[i].hi);
		if (ret->axis[i].lo > ret->axis[i].hi)
			return false;
	}
	ret->tcp_mask = a->tcp_mask | b->tcp_mask;
	ret->tcp_value = a->tcp_value | b->tcp_value;
	ret->hooks = a->hooks & b->hooks;
	ret->ports = a->ports || b->ports;
	ret->until = a->until && b->until ? MIN(a->until, b->until) : MAX(a->until, b->until);
	return true;
}

int cubes_intersect(struct cubes *set, const struct cubes *with)
{
	autocubes struct cubes both = {};
	struct cubes old = *set;
	struct cube cube;
	size_t i, j;
	int r;

	for (i = 0; i < set->count; i++) {
		for (j = 0; j < with->count; j++) {
			if (!cube_intersect(&set->cube[i], &with->cube[j], &cube))
				continue;
			r = cubes_add(&both, &cube);
			if (r < 0)
				return r;
		}
	}
	*set = both;
	both = old;
	return 0;
}
