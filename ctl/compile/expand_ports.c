/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* expand_ports.c - ports as cubes: either of two, and those of sets that stay for a time only. */
#include "expand.h"

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

int in_either(const struct expansion *x, const struct match *match, enum axis one, enum axis two,
	      wide max)
{
	autospans struct spans in = {}, out = {}, any = {};
	autocubes struct cubes cubes = {};
	int r;

	r = list_spans(x->scope, match, x->family, max, &in);
	if (r == 0)
		r = spans_invert(&in, max, &out);
	if (r == 0)
		r = spans_add(&any, 0, max);
	if (r == 0 && match->negated)
		r = pair_spans(&cubes, one, &out, two, &out);
	if (r == 0 && !match->negated)
		r = pair_spans(&cubes, one, &in, two, &any);
	if (r == 0 && !match->negated)
		r = pair_spans(&cubes, one, &any, two, &in);
	if (r == 0)
		r = timed_ports(x->scope, match, one, &cubes);
	if (r == 0)
		r = timed_ports(x->scope, match, two, &cubes);
	if (r == 0)
		r = cubes_intersect(x->cubes, &cubes);
	return r;
}
