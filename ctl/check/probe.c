/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probe.c - packets in the making: at the edges of the values rules name, and what the parser makes of them. */
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "../rules/names.h"
#include "probe.h"

uint32_t probe_below(struct probes *c, uint32_t n)
{
	c->random ^= c->random >> 12;
	c->random ^= c->random << 25;
	c->random ^= c->random >> 27;
	return (uint32_t)(c->random * 0x2545f4914f6cdd1dULL >> 32) % n;
}

static u128 inside(struct probes *c, u128 lo, u128 hi)
{
	u128 any = 0;

	for (int i = 0; i < 4; i++)
		any = any << 32 | probe_below(c, UINT32_MAX);
	return hi - lo == ~(u128)0 ? any : lo + any % (hi - lo + 1);
}

void probe_random(struct probes *c, struct probe *d)
{
	static const uint8_t families[] = { 4, 4, 6, 6, 0 };

	*d = (struct probe){ .hook = probe_below(c, HOOKS), .family = families[probe_below(c, 5)] };
	d->src = (u128)probe_below(c, UINT32_MAX) << 96 | probe_below(c, UINT32_MAX);
	d->dst = (u128)probe_below(c, UINT32_MAX) << 96 | probe_below(c, UINT32_MAX);
	d->sport = probe_below(c, 65536);
	d->dport = probe_below(c, 65536);
	d->ethertype = probe_below(c, 65536);
	d->ifindex = c->rules->iface_count && probe_below(c, 2)
			     ? c->rules->ifaces[probe_below(c, c->rules->iface_count)].index
			     : 1 + probe_below(c, 4);
	d->outer = probe_below(c, 3) ? 0 : probe_below(c, 4096);
	d->inner = probe_below(c, 3) ? 0 : probe_below(c, 4096);
	for (enum field f = 0; f < FIELDS; f++)
		if (match_fields[f].varies)
			d->own[f] = inside(c, 0, match_fields[f].max);
	d->own[FIELD_LEN] = probe_below(c, 2) ? probe_below(c, 1600) : probe_below(c, 70000);
	d->proto = probe_below(c, 4) ? port_protocols[probe_below(c, 5)] : probe_below(c, 256);
	d->ports = probe_below(c, 8);
	d->frag = probe_below(c, 8) ? 0 : probe_below(c, 3);
	d->hides = probe_below(c, 16) ? 0 : probe_below(c, 3);
	d->bare = !probe_below(c, 8);
}

void probe_places(const struct probe *d, uint8_t byte[BYTE_COUNT], uint64_t number[NUMBER_COUNT])
{
	for (enum field f = 0; f < FIELDS; f++) {
		enum field_place place = match_fields[f].place;

		if (place >= PLACE_NUMBER)
			number[place - PLACE_NUMBER] = d->own[f];
		else if (place)
			byte[place - PLACE_BYTE] = d->own[f];
	}
}

/* A later fragment of IPv6 may show no protocol without hiding anything. */
static void hide(const struct probe *d, struct packet *p)
{
	bool blind = d->family == 6 && d->hides == 2;

	if (d->hides && !(blind && d->frag == 2))
		p->id.kind |= KIND_HIDDEN;
	if (!blind)
		return;
	p->id.kind |= KIND_BLIND;
	p->id.tags &= ~0xffU;
}

void probe_packet(const struct probe *d, struct packet *p, struct envelope *e)
{
	bool icmp = d->proto == (d->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	bool ports = d->ports && !d->hides && d->frag < 2 &&
		     (icmp || protocol_has_ports(d->proto));

	memset(p, 0, sizeof(*p));
	memset(e, 0, sizeof(*e));
	probe_places(d, p->byte, (uint64_t *)e->number);
	p->length = d->own[FIELD_LEN];
	p->bare = d->bare;
	p->id.ifindex = d->ifindex;
	p->id.tags = ID_TAGS(d->outer & 0xfff, d->inner & 0xfff, d->family ? d->proto : 0);
	if (!d->family) {
		memset(p->byte, 0, sizeof(p->byte));
		p->id.dport = d->hides ? 0 : htons(d->ethertype);
		p->id.kind = d->hides ? KIND_HIDDEN | KIND_BLIND : 0;
		return;
	}
	if (d->family == 4) {
		p->id.kind = KIND_IP4;
		p->src4 = htonl(d->src);
		p->dst4 = htonl(d->dst);
	} else {
		p->id.kind = KIND_IP6;
		/* Such a number is none that a packet carries. */
		p->id.tags += is_walked(d->proto) ? PROTO_NONE - d->proto : 0;
		p->src6[0] = htobe64(d->src >> 64);
		p->src6[1] = htobe64(d->src);
		p->dst6[0] = htobe64(d->dst >> 64);
		p->dst6[1] = htobe64(d->dst);
	}
	p->id.kind |= d->frag == 1 ? KIND_FIRST : d->frag == 2 ? KIND_LATER : 0;
	hide(d, p);
	if (!ports)
		return;
	p->id.kind |= KIND_PORTS;
	p->id.sport = htons(d->sport);
	p->id.dport = htons(d->dport);
	p->tcp_flags = d->proto == IPPROTO_TCP ? d->own[FIELD_FLAGS] : 0;
}

static u128 edge_of(struct probes *c, u128 lo, u128 hi, enum edge edge)
{
	switch (edge) {
	case EDGE_LO:
		return lo;
	case EDGE_HI:
		return hi;
	case EDGE_BELOW:
		return lo - 1;
	case EDGE_ABOVE:
		return hi + 1;
	default:
		return inside(c, lo, hi);
	}
}

/* Does it lie outside? */
static bool is_outer(enum edge edge)
{
	return edge == EDGE_BELOW || edge == EDGE_ABOVE;
}

/* Is it about the packet's source? Of either end, now and then. */
static bool is_source(struct probes *c, enum field field)
{
	unsigned int ends = match_fields[field].ends;

	return ends == DIRECTION_SRC || (ends & DIRECTION_SRC && probe_below(c, 2));
}

/* What packets that have one have, too. */
static void put_needs(struct probes *c, struct probe *d, enum field field)
{
	const struct match_field *f = &match_fields[field];

	while (f->only_on && !(f->only_on & 1u << d->hook))
		d->hook = probe_below(c, HOOKS);
	if (f->needs >= NEEDS_IP && !d->family)
		d->family = probe_below(c, 2) ? 4 : 6;
	d->ports |= field_needs_transport(field);
	if (f->needs == NEEDS_TCP)
		d->proto = IPPROTO_TCP;
	if (f->needs == NEEDS_PORTS && !protocol_has_ports(d->proto))
		d->proto = port_protocols[probe_below(c, sizeof(port_protocols))];
}

static void put_address(struct probes *c, struct probe *d, enum field field, const struct value *v,
			enum edge edge)
{
	u128 a = edge_of(c, addr_number(&v->addr.lo), addr_number(&v->addr.hi), edge);

	d->family = v->addr.family;
	d->settled = true;
	*(is_source(c, field) ? &d->src : &d->dst) = a;
}

static void put_icmp(struct probes *c, struct probe *d, const struct value *v, enum edge edge)
{
	uint32_t first = v->icmp.type << 8;

	d->family = v->icmp.family;
	d->proto = d->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	d->dport = edge_of(c, first | v->icmp.code_lo, first | v->icmp.code_hi, edge);
}

/* Outside, one bit of the mask is another. */
static void put_masked(struct probes *c, struct probe *d, enum field field, const struct value *v,
		       enum edge edge)
{
	uint64_t left = v->masked.mask;

	d->own[field] = (d->own[field] & ~left) | v->masked.value;
	for (uint32_t skip = probe_below(c, 64); skip && left & (left - 1); skip--)
		left &= left - 1;
	if (is_outer(edge))
		d->own[field] ^= left & -left;
}

static void put_number(struct probes *c, struct probe *d, enum field field, const struct value *v,
		       enum edge edge)
{
	uint32_t x = edge_of(c, v->range.lo, v->range.hi, edge);

	switch (field) {
	case FIELD_HOOK:
		d->hook = x % HOOKS;
		break;
	case FIELD_VLAN:
		*(probe_below(c, 2) ? &d->outer : &d->inner) = x;
		break;
	case FIELD_ETHERTYPE:
		d->family = x == 0x0800 ? 4 : x == 0x86dd ? 6 : 0;
		d->ethertype = x;
		break;
	case FIELD_PROTO:
		d->proto = x;
		break;
	case FIELD_LEN: /* of which there are larger ones */
		d->own[field] = x;
		break;
	default:
		if (match_fields[field].varies)
			d->own[field] = x & match_fields[field].max;
		else
			*(is_source(c, field) ? &d->sport : &d->dport) = x;
	}
}

/* An address of an element of a set; of the probe's family, where the set has both. */
static void some_address(struct probes *c, const struct probe *d, const struct set *set,
			 struct value *ret)
{
	bool six =
		set->count6 && (!set->count4 || (d->settled ? d->family == 6 : probe_below(c, 2)));

	if (six) {
		const struct element6 *e = &set->ip6[probe_below(c, set->count6)];

		ret->addr.lo = e->lo;
		ret->addr.hi = e->hi;
	} else if (set->count4) {
		const struct element4 *e = &set->ip4[probe_below(c, set->count4)];

		ret->addr.lo = (struct addr6){ 0, e->lo };
		ret->addr.hi = (struct addr6){ 0, e->hi };
	}
	ret->addr.family = six ? 6 : 4;
}

/* The packet comes from a service, or goes to it; an edge of its address or of its ports. */
static void put_service(struct probes *c, struct probe *d, enum field field,
			const struct service *s, enum edge edge)
{
	struct value v = { .addr = { s->address, s->address, s->family, 0 } };
	bool ports = probe_below(c, 2);
	uint16_t port = edge_of(c, s->port_lo, s->port_hi, ports ? edge : EDGE_LO);

	put_address(c, d, field, &v, ports ? EDGE_LO : edge);
	d->ports = true;
	d->proto = s->proto ? s->proto : port_protocols[probe_below(c, sizeof(port_protocols))];
	*(match_fields[field].ends == DIRECTION_SRC ? &d->sport : &d->dport) = port;
}

/* The same with an element of a set, whichever. */
static void put_element(struct probes *c, struct probe *d, const struct match *m,
			const struct value *v, enum edge edge)
{
	const struct set *set = ruleset_find_set(c->rules, v->set);
	struct value element = {};

	if (!set || !set_size(set))
		return;
	if (set->type == SET_SERVICES) {
		put_service(c, d, m->field, &set->services[probe_below(c, set->service_count)],
			    edge);
		return;
	}
	if (set->type == SET_PORTS) {
		const struct element_port *e = &set->ports[probe_below(c, set->port_count)];

		element.range.lo = e->lo;
		element.range.hi = e->hi;
	} else {
		some_address(c, d, set, &element);
	}
	probe_put(c, d, m, &element, edge);
}

void probe_put(struct probes *c, struct probe *d, const struct match *m, const struct value *v,
	       enum edge edge)
{
	uint32_t index;

	if (!v && match_fields[m->field].kind != VALUE_NONE)
		return;
	if (v && v->is_set) {
		put_element(c, d, m, v, edge);
		return;
	}
	put_needs(c, d, m->field);
	switch (match_fields[m->field].kind) {
	case VALUE_ADDRESS:
		put_address(c, d, m->field, v, edge);
		break;
	case VALUE_ICMP:
		put_icmp(c, d, v, edge);
		break;
	case VALUE_MASKED:
		put_masked(c, d, m->field, v, edge);
		break;
	case VALUE_IFACE:
		index = ruleset_ifindex(c->rules, v->iface);
		d->ifindex = edge_of(c, index, index, edge);
		break;
	case VALUE_NONE:
		d->frag = is_outer(edge) ? probe_below(c, 2) : 2;
		break;
	default:
		put_number(c, d, m->field, v, edge);
	}
}

void probe_put_some(struct probes *c, struct probe *d, const struct match *m, enum edge edge)
{
	const struct value *v = NULL;
	int tries = 4;

	do {
		v = m->count ? &m->values[probe_below(c, m->count)] : NULL;
	} while (v && --tries && d->settled && field_is_address(m->field) && !v->is_set &&
		 v->addr.family != d->family);
	probe_put(c, d, m, v, edge);
}

void probe_satisfy(struct probes *c, struct probe *d, const struct rule *rule)
{
	size_t i;

	probe_random(c, d);
	for (i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];

		probe_put_some(c, d, m, (m->negated ? EDGE_BELOW : EDGE_LO) + probe_below(c, 2));
	}
}

void probe_disturb(struct probes *c, struct probe *d)
{
	const struct rule *rule = &c->rules->rules[probe_below(c, c->rules->count)];
	const struct match *m = rule->count ? &rule->matches[probe_below(c, rule->count)] : NULL;

	switch (probe_below(c, 8)) {
	case 0:
		d->hook = probe_below(c, HOOKS);
		break;
	case 1:
		d->frag = probe_below(c, 3);
		d->hides = probe_below(c, 2) ? 0 : probe_below(c, 3);
		break;
	case 2:
		d->ports = !d->ports;
		break;
	case 3:
		d->own[FIELD_LEN] = probe_below(c, 70000);
		break;
	default:
		if (m)
			probe_put_some(c, d, m, probe_below(c, EDGES));
	}
}
