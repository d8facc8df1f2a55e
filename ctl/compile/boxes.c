/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* boxes.c - spans and cubes: union, complement, intersection; knows nothing of rules. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "boxes.h"

void spans_free(struct spans *spans)
{
	free(spans->span);
	*spans = (struct spans){};
}

void cubes_free(struct cubes *cubes)
{
	free(cubes->cube);
	*cubes = (struct cubes){};
}

int spans_add(struct spans *spans, u128 lo, u128 hi)
{
	int r;

	if (lo > hi)
		return 0;
	r = array_reserve(spans->span, spans->count, 1, &spans->capacity);
	if (r < 0)
		return r;
	spans->span[spans->count++] = (struct span){ lo, hi };
	return 0;
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

void spans_merge(struct spans *spans)
{
	size_t last = 0, i;

	if (spans->count < 2)
		return;
	qsort(spans->span, spans->count, sizeof(*spans->span), compare_spans);
	for (i = 1; i < spans->count; i++) {
		struct span *before = &spans->span[last];

		/* "lo - 1" cannot wrap: lo is 0 only when it overlaps. */
		if (spans->span[i].lo <= before->hi || spans->span[i].lo - 1 == before->hi)
			before->hi = MAX(before->hi, spans->span[i].hi);
		else
			spans->span[++last] = spans->span[i];
	}
	spans->count = last + 1;
}

int spans_invert(const struct spans *spans, u128 max, struct spans *ret)
{
	u128 next = 0;
	size_t i;
	int r;

	for (i = 0; i < spans->count; i++) {
		if (spans->span[i].lo > next) {
			r = spans_add(ret, next, MIN(spans->span[i].lo - 1, max));
			if (r < 0)
				return r;
		}
		if (spans->span[i].hi >= max)
			return 0;
		next = spans->span[i].hi + 1;
	}
	return spans_add(ret, next, max);
}

u128 axis_max(enum axis axis)
{
	static const u128 max[] = {
#define X(id, value) [AXIS_##id] = value,
		AXES_OF_CUBE(X)
#undef X
	};

	if (axis >= AXIS_BYTE)
		return axis < AXIS_NUMBER ? UINT8_MAX : UINT16_MAX;
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

int cubes_add(struct cubes *cubes, const struct cube *cube)
{
	int r;

	if (cubes->count >= CUBES_LIMIT)
		return -E2BIG;
	r = array_reserve(cubes->cube, cubes->count, 1, &cubes->capacity);
	if (r < 0)
		return r;
	cubes->cube[cubes->count++] = *cube;
	return 0;
}

int cubes_add_spans(struct cubes *cubes, const struct cube *base, enum axis axis,
		    const struct spans *spans)
{
	struct cube cube = *base;
	size_t i;
	int r;

	for (i = 0; i < spans->count; i++) {
		cube.axis[axis] = spans->span[i];
		r = cubes_add(cubes, &cube);
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
	ret->sighted = a->sighted || b->sighted;
	ret->ether = a->ether || b->ether;
	ret->until = a->until && b->until ? MIN(a->until, b->until) : MAX(a->until, b->until);
	return true;
}

int cubes_intersect(struct cubes *cubes, const struct cubes *with)
{
	autocubes struct cubes both = {};
	struct cubes old = *cubes;
	struct cube cube;
	size_t i, j;
	int r;

	for (i = 0; i < cubes->count; i++) {
		for (j = 0; j < with->count; j++) {
			if (!cube_intersect(&cubes->cube[i], &with->cube[j], &cube))
				continue;
			r = cubes_add(&both, &cube);
			if (r < 0)
				return r;
		}
	}
	*cubes = both;
	both = old;
	return 0;
}
