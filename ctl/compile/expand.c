/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * expand.c - one rule to the cubes it means, a family at a time.
 *
 * A match holds when it applies to the packet and the field is in the list; negated: in none of it. What it applies to
 * is said by "needs" and "only_on" in the field's row:
 *
 *	NEEDS_IP	not ARP, which has no address; and of IPv4 and IPv6 the families that the list names, where it
 *			is one of addresses: "not src 10.0.0.0/8" matches no IPv6 packet, "not src @bad" those of both
 *	NEEDS_PORTS	not later fragments, and not ICMP
 *	NEEDS_ICMP	ICMP and ICMPv6, first fragments included
 *
 * An empty list matches nothing, negated or not. VLAN id 0 means no tag (or a priority tag); every other id is looked
 * for in the outer and the inner tag.
 */
#include <errno.h>
#include <netinet/in.h>

#include "../rules/names.h"
#include "../rules/rule_match.h"
#include "packet_classes.h"
#include "expand.h"

#define ETH_IP4 0x0800
#define ETH_IP6 0x86dd

/* The numbers of a set of ports that stay; those of other sets are their classes. */
static int set_spans(const struct scope *scope, const char *name, struct spans *ret)
{
	const struct set *set = ruleset_find_set(scope->rules, name);
	int r = 0;

	for (size_t i = 0; set && set->type == SET_PORTS && i < set->port_count && !r; i++)
		if (!set->ports[i].until)
			r = spans_add(ret, set->ports[i].lo, set->ports[i].hi);
	return r;
}

int list_spans(const struct scope *scope, const struct match *match, enum family family, u128 max,
	       struct spans *ret)
{
	enum value_kind kind = match_fields[match->field].kind;
	uint8_t version = family == FAMILY_IP4 ? 4 : 6;
	size_t i;
	int r;

	for (i = 0; i < match->count; i++) {
		const struct value *v = &match->values[i];
		u128 lo = v->range.lo, hi = v->range.hi;

		if (v->is_set) {
			r = set_spans(scope, v->set, ret);
			if (r < 0)
				return r;
			continue;
		}
		if (kind == VALUE_ADDRESS) {
			if (v->addr.family != version)
				continue;
			lo = addr_number(&v->addr.lo);
			hi = addr_number(&v->addr.hi);
		} else if (kind == VALUE_ICMP) {
			if (v->icmp.family != version)
				continue;
			lo = v->icmp.type << 8 | v->icmp.code_lo;
			hi = v->icmp.type << 8 | v->icmp.code_hi;
		}
		r = spans_add(ret, lo, MIN(hi, max));
		if (r < 0)
			return r;
	}
	spans_merge(ret);
	return 0;
}

static int axis_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		      struct cubes *ret)
{
	autospans struct spans in = {}, out = {};
	struct cube full = cube_full();
	u128 max = axis_max(axis);
	int r;

	r = list_spans(x->scope, match, x->family, max, &in);
	if (r == 0 && match->negated)
		r = spans_invert(&in, max, &out);
	if (r == 0)
		r = cubes_add_spans(ret, &full, axis, match->negated ? &out : &in);
	return r < 0 ? r : timed_ports(x->scope, match, axis, ret);
}

int pair_spans(struct cubes *cubes, enum axis one, const struct spans *a, enum axis two,
	       const struct spans *b)
{
	struct cube full = cube_full();
	size_t i;
	int r;

	for (i = 0; i < a->count; i++) {
		full.axis[one] = a->span[i];
		r = cubes_add_spans(cubes, &full, two, b);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Ids from 1 as "either tag"; id 0 as "neither tag has an id". */
static int vlan_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		      struct cubes *ret)
{
	/*
	 * What the list names; its ids from 1; all but those; 0; ids from 1 that it does not name.
	 */
	autospans struct spans listed = {}, in = {}, out = {}, zero = {}, rest = {}, any = {};
	u128 max = axis_max(AXIS_OUTER);
	bool untagged;
	size_t i;
	int r;

	r = list_spans(x->scope, match, x->family, max, &listed);
	untagged = listed.count && listed.span[0].lo == 0;
	for (i = 0; r == 0 && i < listed.count; i++)
		r = spans_add(&in, MAX(listed.span[i].lo, 1), listed.span[i].hi);
	if (r == 0)
		r = spans_invert(&in, max, &out);
	for (i = 0; r == 0 && i < out.count; i++)
		r = spans_add(&rest, MAX(out.span[i].lo, 1), out.span[i].hi);
	if (r == 0)
		r = spans_add(&any, 0, max);
	if (r == 0)
		r = spans_add(&zero, 0, 0);
	if (r < 0)
		return r;
	if (match->negated) {
		r = pair_spans(ret, AXIS_OUTER, untagged ? &rest : &out, AXIS_INNER, &out);
		if (r == 0 && untagged)
			r = pair_spans(ret, AXIS_OUTER, &zero, AXIS_INNER, &rest);
	} else {
		r = pair_spans(ret, AXIS_OUTER, &in, AXIS_INNER, &any);
		if (r == 0)
			r = pair_spans(ret, AXIS_OUTER, &any, AXIS_INNER, &in);
		if (r == 0 && untagged)
			r = pair_spans(ret, AXIS_OUTER, &zero, AXIS_INNER, &zero);
	}
	return r;
}

static int ethertype_cubes(const struct expansion *x, const struct match *match, enum axis axis,
			   struct cubes *ret)
{
	uint32_t type = x->family == FAMILY_IP4 ? ETH_IP4 : ETH_IP6;
	struct cube full = cube_full();
	bool listed = false;
	size_t i;

	/* There dport holds the type; that of IP too, should a parser ever leave such a frame unread. */
	if (x->family == FAMILY_OTHER)
		return axis_cubes(x, match, AXIS_DPORT, ret);
	for (i = 0; i < match->count; i++)
		listed |= match->values[i].range.lo <= type && type <= match->values[i].range.hi;
	return listed == match->negated ? 0 : cubes_add(ret, &full);
}

static int hook_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		      struct cubes *ret)
{
	struct cube cube = cube_full();
	uint8_t hooks = 0;
	size_t i;
	int h;

	for (i = 0; i < match->count; i++)
		for (h = 0; h < HOOKS; h++)
			if (match->values[i].range.lo <= (uint32_t)h &&
			    (uint32_t)h <= match->values[i].range.hi)
				hooks |= 1 << h;
	cube.hooks &= match->negated ? ~hooks : hooks;
	return cube.hooks ? cubes_add(ret, &cube) : 0;
}

static int iface_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		       struct cubes *ret)
{
	autospans struct spans in = {}, out = {};
	struct cube full = cube_full();
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < match->count; i++) {
		uint32_t index = ruleset_ifindex(x->scope->rules, match->values[i].iface);

		r = spans_add(&in, index, index);
	}
	spans_merge(&in);
	if (r == 0)
		r = spans_invert(&in, axis_max(axis), &out);
	return r < 0 ? r : cubes_add_spans(ret, &full, axis, match->negated ? &out : &in);
}

static int flags_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		       struct cubes *ret)
{
	return flags_expand(match, ret);
}

static int frag_cubes(const struct expansion *x, const struct match *match, enum axis axis,
		      struct cubes *ret)
{
	struct cube cube = cube_full();

	cube.axis[axis].lo = cube.axis[axis].hi = !match->negated;
	return cubes_add(ret, &cube);
}

/*
 * Protocols with ports. The parser reads ports of these five (6, 17, 33, 132, 136), beside them the
 * type of ICMP (1) in IPv4 and of ICMPv6 (58) in IPv6, and nothing else: so one range does in IPv4,
 * and two around 58 in IPv6. But a rule that names protocols gets exact ones, so that one which can
 * never match is seen.
 */
static int port_spans(enum family family, bool exact, struct spans *ret)
{
	int r;

	if (exact)
		return port_protocol_spans(ret);
	if (family == FAMILY_IP4)
		return spans_add(ret, IPPROTO_TCP, IPPROTO_UDPLITE);
	r = spans_add(ret, IPPROTO_TCP, IPPROTO_DCCP);
	return r < 0 ? r : spans_add(ret, IPPROTO_SCTP, IPPROTO_UDPLITE);
}

/* Of those hooks and what is needed of the transport header: which must have been read, and by protocols that have it. */
static int applies_cubes(const struct expansion *x, unsigned int hooks, enum field_needs needs,
			 struct cubes *ret)
{
	autospans struct spans protocols = {};
	struct cube cube = cube_full();
	uint8_t icmp = x->family == FAMILY_IP4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int r;

	cube.hooks = hooks;
	if (needs < NEEDS_PORTS)
		return cubes_add(ret, &cube);
	cube.ports = true;
	if (needs == NEEDS_ICMP)
		r = spans_add(&protocols, icmp, icmp);
	else if (needs == NEEDS_TCP)
		r = spans_add(&protocols, IPPROTO_TCP, IPPROTO_TCP);
	else
		r = port_spans(x->family, x->names_proto, &protocols);
	return r < 0 ? r : cubes_add_spans(ret, &cube, AXIS_PROTO, &protocols);
}

/* Values that are ranges of one axis need no more than its name. */
static const enum axis axes[FIELDS] = {
#define FIELD(id, word, name, ...) [FIELD_##id] = AXIS_##name,
#include "../rules/fields.def"
#undef FIELD
};

/* What the others mean. */
static int (*const meanings[FIELDS])(const struct expansion *x, const struct match *match,
				     enum axis axis, struct cubes *ret) = {
	[FIELD_HOOK] = hook_cubes, [FIELD_IN] = iface_cubes,	[FIELD_OUT] = iface_cubes,
	[FIELD_VLAN] = vlan_cubes, [FIELD_HOST] = host_cubes,	[FIELD_ETHERTYPE] = ethertype_cubes,
	[FIELD_PORT] = port_cubes, [FIELD_SRC] = address_cubes, [FIELD_DST] = address_cubes,
	[FIELD_FRAG] = frag_cubes, [FIELD_FLAGS] = flags_cubes,
};

/* A number, by its classes. */
static int number_cubes(const struct expansion *x, const struct match *match, enum axis axis,
			struct cubes *ret)
{
	const struct number_plan *plan = &x->scope->classes->number[axis - AXIS_NUMBER];
	const struct spans *in = number_plan_spans(plan, match);
	autospans struct spans out = {};
	struct cube full = cube_full();
	int r = 0;

	if (match->negated)
		r = spans_invert(in, axis_max(axis), &out);
	return r < 0 ? r : cubes_add_spans(ret, &full, axis, match->negated ? &out : in);
}

/* Is it about what a packet has not shown that is blind? Whether that is a fragment, it may have. */
static bool asks_blind(const struct expansion *x, const struct match *match)
{
	if (x->family == FAMILY_OTHER)
		return match_fields[match->field].needs == NEEDS_FRAME;
	return x->family == FAMILY_IP6 && match->field == FIELD_PROTO;
}

/* Leave of the cubes what the match holds for. */
static int expand_match(const struct expansion *x, const struct match *match, struct cubes *cubes)
{
	const struct match_field *field = &match_fields[match->field];
	autocubes struct cubes applies = {}, in = {};
	bool services = match->negated && match_needs_transport(match, x->scope->rules);
	enum field_needs needs = services ? NEEDS_PORTS : field->needs;
	enum axis axis = axes[match->field];
	bool unseen = match_is_unseen(x, match);
	int r = 0;

	if ((needs >= NEEDS_IP && !(unseen && x->family == FAMILY_OTHER) &&
	     !(match_families(match) & 1u << x->family)) ||
	    (!match->count && field->kind != VALUE_NONE)) {
		cubes->count = 0;
		return 0;
	}
	if (unseen) {
		r = unseen_cubes(x, match, &in);
		return r < 0 ? r : cubes_intersect(cubes, &in);
	}
	if (needs >= NEEDS_PORTS || field->only_on) {
		r = applies_cubes(x, field->only_on ?: ON_ALL, needs, &applies);
		if (r == 0)
			r = cubes_intersect(cubes, &applies);
	}
	if (r == 0)
		r = (meanings[match->field] ?: axis < AXIS_NUMBER ? axis_cubes : number_cubes)(
			x, match, axis, &in);
	for (size_t i = 0; i < in.count; i++) {
		in.cube[i].sighted = asks_blind(x, match);
		in.cube[i].ether = field_is_ether(match->field);
	}
	return r < 0 ? r : cubes_intersect(cubes, &in);
}

struct cube cube_of_family(enum family family)
{
	struct cube cube = cube_full();

	if (family != FAMILY_IP6)
		cube.axis[AXIS_SRC].hi = cube.axis[AXIS_DST].hi =
			family == FAMILY_IP4 ? address_max(family) : 0;
	return cube;
}

static int expand(struct expansion *x, const struct rule *rule, struct cubes *ret)
{
	autocubes struct cubes cubes = {};
	struct cube full = cube_of_family(x->family);
	size_t i;
	int r;

	for (i = 0; i < rule->count; i++)
		x->names_proto |= rule->matches[i].field == FIELD_PROTO;
	r = cubes_add(&cubes, &full);
	for (i = 0; r == 0 && i < rule->count && cubes.count; i++)
		r = expand_match(x, &rule->matches[i], &cubes);
	if (r < 0)
		return r;
	*ret = cubes;
	cubes = (struct cubes){};
	return 0;
}

int rule_expand(const struct rule *rule, enum family family, const struct scope *scope,
		struct cubes *ret)
{
	struct expansion x = { .family = family, .unseen = ALL_SEEN, .scope = scope };

	return expand(&x, rule, ret);
}

static struct expansion expansion_of(enum unseen unseen, const struct scope *scope)
{
	return (struct expansion){ .family = unseen_family(unseen), .unseen = unseen, .scope = scope };
}

bool rule_is_unseen(const struct rule *rule, enum unseen unseen, const struct scope *scope)
{
	const struct expansion x = expansion_of(unseen, scope);

	for (size_t i = 0; i < rule->count; i++)
		if (match_is_unseen(&x, &rule->matches[i]))
			return true;
	return false;
}

int rule_expand_unseen(const struct rule *rule, enum unseen unseen, const struct scope *scope,
		       struct cubes *ret)
{
	struct expansion x = expansion_of(unseen, scope);

	return expand(&x, rule, ret);
}
