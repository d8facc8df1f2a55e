/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* draft.c - from rules to packets at their edges. */
#include <netinet/in.h>
#include <string.h>

#include "draft.h"

#define COMBINATIONS 16 /* of lowest and highest values of a rule's matches */

enum edge { LOWEST, HIGHEST, BELOW, ABOVE, INSIDE };
#define EDGES 4 /* that are corners */

static const uint8_t with_ports[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP,
				      IPPROTO_UDPLITE };

bool draft_has_ports(uint8_t proto)
{
	return memchr(with_ports, proto, sizeof(with_ports)) != NULL;
}

static address random_address(struct chance *c)
{
	address a = 0;

	for (int i = 0; i < 4; i++)
		a = a << 32 | chance_word(c);
	return a;
}

void draft_random(struct chance *c, struct draft *d)
{
	static const int families[] = { 4, 4, 4, 6, 6, 6, 0 };
	static const uint32_t shortest[] = { 40, 100, 576, 1500, DRAFT_LONGEST };

	*d = (struct draft){
		.family = PICK(c, families),
		.src = random_address(c),
		.dst = random_address(c),
		.sport = below(c, 65536),
		.dport = below(c, 65536),
		.ethertype = 0x0600 + below(c, 0x10000 - 0x0600),
		.outer = below(c, 4) ? 0 : below(c, 4096),
		.inner = below(c, 4) ? 0 : below(c, 4096),
		.length = below(c, PICK(c, shortest) + 1),
		.proto = below(c, 4) ? PICK(c, with_ports) : below(c, 256),
		.flags = below(c, 256),
		.frag = below(c, 8) ? 0 : below(c, 3),
		.cut = !below(c, 64),
	};
}

/* One of lo..hi, or beside it. */
static address at_edge(struct chance *c, address lo, address hi, enum edge edge)
{
	switch (edge) {
	case LOWEST:
		return lo;
	case HIGHEST:
		return hi;
	case BELOW:
		return lo - 1;
	case ABOVE:
		return hi + 1;
	default:
		return hi - lo == ~(address)0 ? random_address(c)
					      : lo + random_address(c) % (hi - lo + 1);
	}
}

static address wide(const struct addr6 *a)
{
	return (address)a->hi << 64 | a->lo;
}

/* Some element of a set, as a value that is none. */
static void put_service(struct chance *c, struct draft *d, bool source, const struct service *s,
			enum edge edge)
{
	d->family = s->family;
	*(source ? &d->src : &d->dst) = wide(&s->address);
	d->proto = s->proto ? s->proto : PICK(c, with_ports);
	*(source ? &d->sport : &d->dport) = at_edge(c, s->port_lo, s->port_hi, edge);
}

static void put_member(struct chance *c, struct draft *d, bool source, const struct set *set,
		       enum edge edge)
{
	size_t n = set ? below(c, set->count4 + set->count6 + set->service_count) : 0;
	address *to = source ? &d->src : &d->dst;

	if (!set)
		return;
	if (n < set->count4) {
		d->family = 4;
		*to = at_edge(c, set->ip4[n].lo, set->ip4[n].hi, edge);
	} else if (n - set->count4 < set->count6) {
		n -= set->count4;
		d->family = 6;
		*to = at_edge(c, wide(&set->ip6[n].lo), wide(&set->ip6[n].hi), edge);
	} else if (set->service_count) {
		put_service(c, d, source, &set->services[n - set->count4 - set->count6], edge);
	}
}

static void put_address(struct chance *c, struct draft *d, enum field field, const struct value *v,
			enum edge edge)
{
	bool source = field == FIELD_SRC || (field == FIELD_HOST && below(c, 2));

	if (v->is_set) {
		put_member(c, d, source, ruleset_find_set(d->rules, v->set), edge);
		return;
	}
	d->family = v->addr.family;
	*(source ? &d->src : &d->dst) = at_edge(c, wide(&v->addr.lo), wide(&v->addr.hi), edge);
}

static void put_icmp(struct chance *c, struct draft *d, const struct value *v, enum edge edge)
{
	uint32_t type = v->icmp.type << 8;

	d->family = v->icmp.family;
	d->proto = d->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	d->dport = at_edge(c, type | v->icmp.code_lo, type | v->icmp.code_hi, edge);
}

static void put_port(struct chance *c, struct draft *d, enum field field, const struct value *v,
		     enum edge edge)
{
	bool source = field == FIELD_SPORT || (field == FIELD_PORT && below(c, 2));
	const struct set *set = v->is_set ? ruleset_find_set(d->rules, v->set) : NULL;
	uint32_t lo = v->range.lo, hi = v->range.hi;

	if (set && set->port_count) {
		const struct element_port *e = &set->ports[below(c, set->port_count)];

		lo = e->lo;
		hi = e->hi;
	}
	if (!draft_has_ports(d->proto))
		d->proto = PICK(c, with_ports);
	*(source ? &d->sport : &d->dport) = at_edge(c, lo, hi, edge);
}

static void put_flags(struct chance *c, struct draft *d, const struct value *v, enum edge edge)
{
	d->proto = IPPROTO_TCP;
	d->flags = (d->flags & ~v->flags.mask) | v->flags.value;
	if (edge == BELOW || edge == ABOVE)
		d->flags ^= 1 << below(c, 8);
}

static void put_ethertype(struct draft *d, uint16_t type)
{
	d->family = type == 0x0800 ? 4 : type == 0x86dd ? 6 : 0;
	d->ethertype = type;
}

/* Hooks and interfaces are not a frame's business: each goes through all hooks. */
static void put(struct chance *c, struct draft *d, const struct match *m, const struct value *v,
		enum edge edge)
{
	switch (m->field) {
	case FIELD_SRC:
	case FIELD_DST:
	case FIELD_HOST:
		put_address(c, d, m->field, v, edge);
		break;
	case FIELD_PROTO:
		d->proto = at_edge(c, v->range.lo, v->range.hi, edge);
		break;
	case FIELD_ICMP:
		put_icmp(c, d, v, edge);
		break;
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
		put_port(c, d, m->field, v, edge);
		break;
	case FIELD_FLAGS:
		put_flags(c, d, v, edge);
		break;
	case FIELD_FRAG:
		d->frag = edge == BELOW || edge == ABOVE ? 0 : 1 + below(c, 2);
		break;
	case FIELD_LEN:
		d->length = at_edge(c, v->range.lo, v->range.hi, edge);
		break;
	case FIELD_VLAN:
		*(below(c, 2) ? &d->outer : &d->inner) = at_edge(c, v->range.lo, v->range.hi, edge);
		break;
	case FIELD_ETHERTYPE:
		put_ethertype(d, at_edge(c, v->range.lo, v->range.hi, edge));
		break;
	default:
		break;
	}
}

static bool of_addresses(enum field field)
{
	return field == FIELD_SRC || field == FIELD_DST || field == FIELD_HOST;
}

/* Some value of the match; where addresses are meant, of the draft's family if one is soon found. */
static const struct value *some_value(struct chance *c, const struct draft *d,
				      const struct match *m, bool settled)
{
	const struct value *v = NULL;

	for (int tries = 4; m->count && tries; tries--) {
		v = &m->values[below(c, m->count)];
		if (!settled || !of_addresses(m->field) || v->is_set || v->addr.family == d->family)
			break;
	}
	return v;
}

static void put_some(struct chance *c, struct draft *d, const struct match *m, bool settled,
		     enum edge edge)
{
	const struct value *v = some_value(c, d, m, settled);

	if (v || m->field == FIELD_FRAG)
		put(c, d, m, v, edge);
}

/*
 * Rules that say nothing of addresses are about either family: that of the draft. Bit n of "high":
 * which end of the n-th match.
 */
static void satisfy(struct chance *c, struct draft *d, const struct ruleset *set,
		    const struct rule *rule, unsigned int high, bool inside)
{
	bool settled = false;

	draft_random(c, d);
	d->rules = set;
	if (below(c, 4)) {
		d->frag = d->cut = 0;
		d->family = d->family ? d->family : 4;
	}
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		enum edge edge = m->negated	     ? BELOW + below(c, 2)
				 : inside	     ? INSIDE
				 : high >> i % 4 & 1 ? HIGHEST
						     : LOWEST;

		put_some(c, d, m, settled, edge);
		settled |= of_addresses(m->field);
	}
}

void draft_for(struct chance *c, const struct ruleset *set, const struct rule *rule,
	       unsigned int moves, struct draft *d)
{
	satisfy(c, d, set, rule, chance_word(c), below(c, 2));
	for (; moves && set->count; moves--) {
		const struct rule *other = &set->rules[below(c, set->count)];

		if (other->count)
			put_some(c, d, &other->matches[below(c, other->count)], true,
				 below(c, EDGES + 1));
	}
}

size_t draft_corners(const struct rule *rule)
{
	size_t values = 0;

	for (size_t i = 0; i < rule->count; i++)
		values += MAX(rule->matches[i].count, 1);
	return COMBINATIONS + EDGES * values;
}

void draft_corner(struct chance *c, const struct ruleset *set, const struct rule *rule,
		  size_t corner, struct draft *d)
{
	satisfy(c, d, set, rule, corner < COMBINATIONS ? corner : chance_word(c),
		corner >= COMBINATIONS);
	if (corner < COMBINATIONS)
		return;
	corner -= COMBINATIONS;
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		size_t values = MAX(m->count, 1);

		if (corner < EDGES * values) {
			if (m->count || m->field == FIELD_FRAG)
				put(c, d, m, m->count ? &m->values[corner / EDGES] : NULL,
				    corner % EDGES);
			return;
		}
		corner -= EDGES * values;
	}
}
