/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* expand_ports.c - ports as cubes: either of two, and those of sets that stay for a time only. */
#include "expand.h"

int port_protocol_spans(struct spans *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(port_protocols); i++)
		r = spans_add(ret, port_protocols[i], port_protocols[i]);
	return r;
}

int timed_ports(const struct scope *scope, const struct match *match, enum axis axis,
		struct cubes *ret)
{
	struct cube cube = cube_full();
	int r = 0;

	for (size_t k = 0; k < match->count && match->values[k].is_set; k++) {
		const struct set *set = ruleset_find_set(scope->rules, match->values[k].set);

		for (size_t i = 0; set && i < set->port_count && !r; i++) {
			if (!set->ports[i].until)
				continue;
			cube.axis[axis] = (struct span){ set->ports[i].lo, set->ports[i].hi };
			cube.until = set->ports[i].until;
			r = cubes_add(ret, &cube);
		}
	}
	return r;
}

int port_cubes(const struct expansion *x, const struct match *match, enum axis axis,
	       struct cubes *ret)
{
	autospans struct spans in = {}, out = {}, any = {};
	u128 max = axis_max(AXIS_DPORT);
	int r;

	r = list_spans(x->scope, match, x->family, max, &in);
	if (r == 0)
		r = spans_invert(&in, max, &out);
	if (r == 0)
		r = spans_add(&any, 0, max);
	if (r == 0 && match->negated)
		r = pair_spans(ret, AXIS_SPORT, &out, AXIS_DPORT, &out);
	if (r == 0 && !match->negated)
		r = pair_spans(ret, AXIS_SPORT, &in, AXIS_DPORT, &any);
	if (r == 0 && !match->negated)
		r = pair_spans(ret, AXIS_SPORT, &any, AXIS_DPORT, &in);
	if (r == 0)
		r = timed_ports(x->scope, match, AXIS_SPORT, ret);
	return r < 0 ? r : timed_ports(x->scope, match, AXIS_DPORT, ret);
}
