/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* expand_address.c - src, dst and host to cubes: addresses as ranges, sets as classes. */
#include <errno.h>

#include "expand.h"
#include "lookup.h"

bool match_needs_transport(const struct match *match, const struct ruleset *rules)
{
	const struct set *set;

	for (size_t i = 0; i < match->count; i++) {
		set = match->values[i].is_set ? ruleset_find_set(rules, match->values[i].set)
					      : NULL;
		if (set && set->type == SET_SERVICES)
			return true;
	}
	return false;
}

/* The classes of the sets that a match names. */
static int class_spans(const struct expansion *x, const struct match *match, struct spans *ret)
{
	int r = 0;

	for (size_t i = 0; i < match->count && !r; i++)
		if (match->values[i].is_set)
			r = lookup_spans(x->scope->lookup, match->values[i].set, ret);
	spans_merge(ret);
	return r;
}

/* Packets with one address among those listed or in a set; negated: neither. */
int address_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		  struct cubes *ret)
{
	enum axis class_axis = axis == AXIS_SRC ? AXIS_SRC_CLASS : AXIS_DST_CLASS;
	autospans struct spans in = {}, out = {}, classes = {}, others = {};
	u128 max = address_max(x->family);
	struct cube full = cube_full();
	int r;

	r = list_spans(x->scope, match, x->family, max, &in);
	if (!r)
		r = class_spans(x, match, &classes);
	if (!r)
		r = spans_invert(&in, max, &out);
	if (!r)
		r = spans_invert(&classes, axis_max(class_axis), &others);
	if (!r && match->negated)
		r = pair_spans(ret, axis, &out, class_axis, &others);
	if (!r && !match->negated)
		r = cubes_add_spans(ret, &full, axis, &in);
	if (!r && !match->negated)
		r = cubes_add_spans(ret, &full, class_axis, &classes);
	return r;
}

int host_cubes(const struct expansion *x, const struct match *match, enum axis axis,
	       struct cubes *ret)
{
	autocubes struct cubes dst = {};
	int r = address_cubes(x, match, AXIS_SRC, ret);

	if (!r)
		r = address_cubes(x, match, AXIS_DST, match->negated ? &dst : ret);
	return r || !match->negated ? r : cubes_intersect(ret, &dst);
}
