/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * expand_unseen.c - what is left of a match about headers that packets hide, or that later fragments
 * do not have: whatever its values, and negated or not, such a packet might match it, if what is seen
 * of it does not rule that out.
 */
#include <netinet/in.h>

#include "../rules/rule_match.h"
#include "expand.h"

bool match_is_unseen(const struct expansion *x, const struct match *match)
{
	enum field_needs needs = match_fields[match->field].needs;

	switch (x->unseen) {
	case UNSEEN_TAGGED:
		return needs >= NEEDS_FRAME;
	case UNSEEN_BLIND6:
		if (needs == NEEDS_PROTO)
			return true;
		break;
	case UNSEENS:
		return false;
	default:
		break;
	}
	return needs >= NEEDS_PORTS || match_needs_transport(match, x->scope->rules);
}

/* The protocols that have the header which the match is about. */
static int protocols_of(const struct expansion *x, const struct match *match, struct spans *ret)
{
	switch (match_fields[match->field].needs) {
	case NEEDS_TCP:
		return spans_add(ret, IPPROTO_TCP, IPPROTO_TCP);
	case NEEDS_ICMP:
		if (!(match_families(match) & (x->family == FAMILY_IP4 ? ON_IP4 : ON_IP6)))
			return 0;
		if (x->family == FAMILY_IP4)
			return spans_add(ret, IPPROTO_ICMP, IPPROTO_ICMP);
		return spans_add(ret, IPPROTO_ICMPV6, IPPROTO_ICMPV6);
	default:
		return port_protocol_spans(ret);
	}
}

/* An end that is in a set of services: the address and, if it is known, the protocol tell. */
static int service_cubes(const struct expansion *x, const struct match *match, struct cubes *ret)
{
	if (match->field == FIELD_HOST)
		return host_cubes(x, match, AXIS_NONE, ret);
	return address_cubes(x, match, match->field == FIELD_SRC ? AXIS_SRC : AXIS_DST, ret);
}

int unseen_cubes(const struct expansion *x, const struct match *match, struct cubes *ret)
{
	bool services = match_fields[match->field].needs == NEEDS_IP;
	autocubes struct cubes ends = {};
	autospans struct spans protocols = {};
	struct cube full = cube_full();
	int r;

	if (x->unseen == UNSEEN_TAGGED)
		return cubes_add(ret, &full);
	if (match->field == FIELD_FRAG) { /* it may be known: see maybe_fragment() */
		full.axis[AXIS_FRAG].lo = full.axis[AXIS_FRAG].hi = !match->negated;
		return cubes_add(ret, &full);
	}
	if (services && !match->negated)
		return service_cubes(x, match, ret);
	r = protocols_of(x, match, &protocols);
	if (r < 0 || !protocols.count)
		return r;
	if (x->unseen == UNSEEN_BLIND6)
		r = cubes_add(ret, &full);
	else
		r = cubes_add_spans(ret, &full, AXIS_PROTO, &protocols);
	if (r < 0 || !services)
		return r;
	r = service_cubes(x, match, &ends);
	return r < 0 ? r : cubes_intersect(ret, &ends);
}
