/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* edge_rules.c - random rules and packets over small pools of values, so that they meet. */
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "edge_rules.h"
#include "random_value.h"

static const uint32_t addresses[] = { 0,	  1,	      0x0a000000, 0x0a000005,
				      0x0a000006, 0x0a0000ff, 0x7fffffff, 0x80000000,
				      0xc0a80101, 0xfffffffe, 0xffffffff };
static const uint64_t halves[] = {
	0, 1, 0x20010db800000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
};
static struct prng values = { 0x452821e638d01377 };

/* When timed rules end; packets come from a second before to one after. */
static const uint32_t ends[] = { 1000, 1001, 1500, 2000 };

static void random_address(struct value *v)
{
	struct addr6 a = { RANDOM_OF(halves), RANDOM_OF(halves) },
		     b = { RANDOM_OF(halves), RANDOM_OF(halves) };
	uint32_t one = RANDOM_OF(addresses), other = random_below(2) ? one : RANDOM_OF(addresses);
	bool swap;

	v->addr.family = random_below(2) ? 4 : 6;
	v->addr.prefix = 255;
	if (v->addr.family == 4) {
		v->addr.lo = (struct addr6){ 0, MIN(one, other) };
		v->addr.hi = (struct addr6){ 0, MAX(one, other) };
		return;
	}
	if (random_below(2))
		b = a;
	swap = b.hi < a.hi || (b.hi == a.hi && b.lo < a.lo);
	v->addr.lo = swap ? b : a;
	v->addr.hi = swap ? a : b;
}

static void edge_value(enum field field, struct value *v)
{
	if (field_is_address(field)) {
		memset(v, 0, sizeof(*v));
		random_address(v);
	} else {
		random_value(&values, field, v);
	}
}

struct rule edge_rule(void)
{
	struct rule rule = { .action = random_below(4),
			     .count = 1 + random_below(4),
			     .limit = { .rate = 1, .period = 1, .burst = 1 } };
	size_t i, j;

	if (!random_below(4))
		rule.until = ends[random_below(ARRAY_SIZE(ends))];
	rule.matches = calloc(rule.count, sizeof(*rule.matches));
	for (i = 0; i < rule.count; i++) {
		struct match *m = &rule.matches[i];

		m->field = random_below(FIELDS);
		m->negated = !random_below(3);
		if (match_fields[m->field].kind == VALUE_NONE)
			continue;
		m->count = random_below(2) ? 1 : 1 + random_below(4);
		m->values = calloc(m->count, sizeof(*m->values));
		for (j = 0; j < m->count; j++)
			edge_value(m->field, &m->values[j]);
	}
	return rule;
}

/* One that rules name, or beside it. */
static uint32_t number_near(enum field field)
{
	return random_number(&values, field) + random_below(3) - 1;
}

static uint16_t random_port(void)
{
	return htons(random_below(3) ? number_near(FIELD_PORT) : random_below(65536));
}

void edge_packet_again(struct edge_packet *p)
{
	bool ip = p->packet.id.kind & (KIND_IP4 | KIND_IP6);

	p->packet.length = number_near(FIELD_LEN);
	if (p->packet.id.kind & KIND_PORTS && ID_PROTO(p->packet.id.tags) == PROTO_TCP)
		p->packet.tcp_flags = random_below(256);
	for (int i = 0; i < FIELDS; i++) {
		enum field_place place = match_fields[i].place;

		if (place >= PLACE_NUMBER)
			p->envelope.number[place - PLACE_NUMBER] = random_near(&values, i);
		else if (place && ip)
			p->packet.byte[place - PLACE_BYTE] = random_near(&values, i);
	}
}

static struct packet flow_packet(void)
{
	struct packet p = {};
	uint32_t proto = random_below(4) ? random_number(&values, FIELD_PROTO) : random_below(256);
	int family = random_below(5) ? (random_below(2) ? 4 : 6) : 0,
	    frag = random_below(4) ? 0 : random_below(3);
	bool icmp = proto == (family == 4 ? 1u : 58u);

	p.id.ifindex = 1 + random_below(3);
	p.id.tags = ID_TAGS(number_near(FIELD_VLAN) & 0xfff,
			    random_below(2) ? 0 : random_number(&values, FIELD_VLAN), 0);
	if (!family) {
		p.id.dport = htons(number_near(FIELD_ETHERTYPE) & 0xffff);
		return p;
	}
	p.id.kind = (family == 4 ? KIND_IP4 : KIND_IP6) | (frag ? KIND_FIRST * frag : 0);
	p.id.tags |= proto;
	if (family == 4) {
		p.src4 = htonl(RANDOM_OF(addresses) + random_below(3) - 1);
		p.dst4 = htonl(RANDOM_OF(addresses) + random_below(3) - 1);
	} else {
		for (int i = 0; i < 4; i++)
			p.addr[i] = htobe64(RANDOM_OF(halves) + random_below(3) - 1);
	}
	if (frag == 2 || !random_below(8) ||
	    !(icmp || proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136))
		return p;
	p.id.kind |= KIND_PORTS;
	p.id.sport = random_port();
	p.id.dport = icmp && random_below(2)
			     ? htons((random_below(2) ? 0x0800 : 0x8000) + random_below(3))
			     : random_port();
	return p;
}

struct edge_packet edge_packet(void)
{
	struct edge_packet p = { .packet = flow_packet() };
	uint32_t length = random_below(70000);

	edge_packet_again(&p);
	if (random_below(2))
		p.packet.length = length;
	return p;
}

uint32_t edge_end(void)
{
	return RANDOM_OF(ends);
}

uint32_t edge_time(void)
{
	return RANDOM_OF(ends) + random_below(3) - 1;
}
