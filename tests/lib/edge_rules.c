/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* edge_rules.c - random rules and packets over small pools of values, so that they meet. */
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "edge_rules.h"
#include "prng.h"

static const uint32_t addresses[] = { 0,	  1,	      0x0a000000, 0x0a000005,
				      0x0a000006, 0x0a0000ff, 0x7fffffff, 0x80000000,
				      0xc0a80101, 0xfffffffe, 0xffffffff };
static const uint64_t halves[] = {
	0, 1, 0x20010db800000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff
};
static const uint32_t ports[] = { 0, 1, 53, 80, 0x0800, 0x0801, 443, 1024, 0x8000, 65534, 65535 };
static const uint32_t protos[] = { 0, 1, 6, 17, 33, 47, 58, 132, 136, 255 };
static const uint32_t vlans[] = { 0, 1, 10, 11, 100, 4094, 4095 };
static const uint32_t lengths[] = { 0, 40, 100, 1500, 65535 };
static const uint32_t types[] = { 0, 0x0600, 0x0800, 0x0806, 0x86dd, 0xffff };
static const uint8_t tests[][2] = {
	{ 0x02, 0x02 }, { 0x12, 0x02 }, { 0xff, 0x00 }, { 0x17, 0x05 }
};

/* When timed rules end; packets come from a second before to one after. */
static const uint32_t ends[] = { 1000, 1001, 1500, 2000 };

static void random_range(const uint32_t *pool, size_t count, struct value *v)
{
	uint32_t a = pool[random_below(count)], b = random_below(2) ? a : pool[random_below(count)];

	v->range.lo = MIN(a, b);
	v->range.hi = MAX(a, b);
}
#define RANDOM_RANGE(pool, v) random_range(pool, ARRAY_SIZE(pool), v)

static void random_address(struct value *v)
{
	struct addr6 a = { RANDOM_OF(halves), RANDOM_OF(halves) },
		     b = { RANDOM_OF(halves), RANDOM_OF(halves) };
	struct value range;
	bool swap;

	v->addr.family = random_below(2) ? 4 : 6;
	v->addr.prefix = 255;
	if (v->addr.family == 4) {
		RANDOM_RANGE(addresses, &range);
		v->addr.lo = (struct addr6){ 0, range.range.lo };
		v->addr.hi = (struct addr6){ 0, range.range.hi };
		return;
	}
	if (random_below(2))
		b = a;
	swap = b.hi < a.hi || (b.hi == a.hi && b.lo < a.lo);
	v->addr.lo = swap ? b : a;
	v->addr.hi = swap ? a : b;
}

static void random_value(enum field field, struct value *v)
{
	static const uint32_t hooks[] = { HOOK_XDP, HOOK_TC, HOOK_NF };
	uint8_t i = random_below(ARRAY_SIZE(tests));

	memset(v, 0, sizeof(*v));
	switch (field) {
	case FIELD_HOOK:
		RANDOM_RANGE(hooks, v);
		v->range.hi = v->range.lo;
		break;
	case FIELD_IN:
	case FIELD_OUT:
		strcpy(v->iface, "lo");
		break;
	case FIELD_ETHERTYPE:
		RANDOM_RANGE(types, v);
		break;
	case FIELD_VLAN:
		RANDOM_RANGE(vlans, v);
		break;
	case FIELD_PROTO:
		RANDOM_RANGE(protos, v);
		break;
	case FIELD_ICMP:
		v->icmp.family = random_below(2) ? 4 : 6;
		v->icmp.type = random_below(2) ? 8 : 0x80;
		v->icmp.code_lo = random_below(2);
		v->icmp.code_hi = random_below(2) ? 255 : v->icmp.code_lo;
		break;
	case FIELD_HOST:
	case FIELD_SRC:
	case FIELD_DST:
		random_address(v);
		break;
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
		RANDOM_RANGE(ports, v);
		break;
	case FIELD_FLAGS:
		v->masked.mask = tests[i][0];
		v->masked.value = tests[i][1];
		break;
	default:
		RANDOM_RANGE(lengths, v);
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
		if (m->field == FIELD_FRAG)
			continue;
		m->count = random_below(2) ? 1 : 1 + random_below(4);
		m->values = calloc(m->count, sizeof(*m->values));
		for (j = 0; j < m->count; j++)
			random_value(m->field, &m->values[j]);
	}
	return rule;
}

static uint16_t random_port(void)
{
	return htons(random_below(3) ? RANDOM_OF(ports) + random_below(3) - 1
				     : random_below(65536));
}

struct packet edge_packet(void)
{
	struct packet p = {};
	uint32_t proto = random_below(4) ? RANDOM_OF(protos) : random_below(256);
	int family = random_below(5) ? (random_below(2) ? 4 : 6) : 0,
	    frag = random_below(4) ? 0 : random_below(3);
	bool icmp = proto == (family == 4 ? 1u : 58u);

	p.length = random_below(2) ? RANDOM_OF(lengths) + random_below(3) - 1 : random_below(70000);
	p.id.ifindex = 1 + random_below(3);
	p.id.tags = ID_TAGS((RANDOM_OF(vlans) + random_below(2)) & 0xfff,
			    random_below(2) ? 0 : RANDOM_OF(vlans), 0);
	if (!family) {
		p.id.dport = htons((RANDOM_OF(types) + random_below(3) - 1) & 0xffff);
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
	p.tcp_flags = proto == 6 ? random_below(256) : 0;
	return p;
}

uint32_t edge_length(void)
{
	return RANDOM_OF(lengths) + random_below(3) - 1;
}

uint32_t edge_end(void)
{
	return RANDOM_OF(ends);
}

uint32_t edge_time(void)
{
	return RANDOM_OF(ends) + random_below(3) - 1;
}
