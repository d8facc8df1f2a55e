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

static bool is_services(const struct expansion *x, const struct value *v)
{
	const struct set *set = v->is_set ? ruleset_find_set(x->scope->rules, v->set) : NULL;

	return set && set->type == SET_SERVICES;
}

/* The classes of the sets that a match names: of addresses; and of services. */
static int class_spans(const struct expansion *x, const struct match *match, struct spans *ret,
		       struct spans *ret_services)
{
	int r = 0;

	for (size_t i = 0; i < match->count && !r; i++) {
		const struct value *v = &match->values[i];

		if (v->is_set)
			r = lookup_spans(x->scope->lookup, v->set,
					 is_services(x, v) ? ret_services : ret);
	}
	spans_merge(ret);
	spans_merge(ret_services);
	return r;
}

/* Packets with one address among those listed or in a set; negated: neither. */
int address_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		  struct cubes *ret)
{
	enum axis class_axis = axis == AXIS_SRC ? AXIS_SRC_CLASS : AXIS_DST_CLASS;
	autospans struct spans in = {}, out = {}, classes = {}, services = {}, others = {};
	u128 max = address_max(x->family);
	struct cube full = cube_full(), ports = full;
	int r;

	/* Of a packet that does not show its ports, the class tells which sets may have the service. */
	ports.ports = x->unseen == ALL_SEEN;

	r = list_spans(x->scope, match, x->family, max, &in);
	if (!r)
		r = class_spans(x, match, &classes,
				match->negated && x->unseen == ALL_SEEN ? &classes : &services);
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
	if (!r && !match->negated)
		r = cubes_add_spans(ret, &ports, class_axis, &services);
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
