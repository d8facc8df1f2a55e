/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.c - values on their way into packets that try rules: every edge of every field, and what lies between. Both
 * the check before a swap and tests/tools/rulesets.c rely on it, so nobody else would see what it overlooks.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "../../ctl/check/probe.h"
#include "../lib/harness.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

#define TIMES 2000

typedef unsigned __int128 address;

#define IP6(low) ((address)0x20010db8ULL << 96 | (low))

enum place { NOWHERE, SRC, DST, SPORT, DPORT, PROTO, LENGTH, OUTER, INNER, ETHERTYPE, HOOK };

static address value_at(const struct probe *d, enum place place)
{
	switch (place) {
	case SRC:
		return d->family == 4 ? (uint32_t)d->src : d->src;
	case DST:
		return d->family == 4 ? (uint32_t)d->dst : d->dst;
	case SPORT:
		return (uint16_t)d->sport;
	case DPORT:
		return (uint16_t)d->dport;
	case PROTO:
		return d->proto;
	case LENGTH:
		return d->own[FIELD_LEN];
	case OUTER:
		return d->outer & 0xfff;
	case INNER:
		return d->inner & 0xfff;
	case ETHERTYPE:
		return (uint16_t)d->ethertype;
	default:
		return d->hook;
	}
}

/* A list of one rule; its first match goes into TIMES probes at that edge. */
struct putting {
	struct ruleset rules;
	struct probes probes;
};

static void begin(struct putting *p, const char *text)
{
	struct fault fault = {};

	*p = (struct putting){};
	if (harness_script(text, &p->rules, &fault))
		fail_msg("%s: %s", text, fault.message);
	p->probes = (struct probes){ .rules = &p->rules, .random = 7 };
}

static struct probe put(struct putting *p, enum edge edge)
{
	struct probe d;

	probe_random(&p->probes, &d);
	probe_put_some(&p->probes, &d, p->rules.rules[0].matches, edge);
	return d;
}

/* Is that value in the place after some of many puttings at the edge? Each must put it in one of the two. */
static bool holds(struct putting *p, enum edge edge, const enum place places[2], address value)
{
	bool seen[2] = { false, !places[1] };

	for (int i = 0; i < TIMES; i++) {
		struct probe d = put(p, edge);
		bool first = value_at(&d, places[0]) == value;
		bool second = places[1] && value_at(&d, places[1]) == value;

		if (!first && !second)
			return false;
		seen[0] |= first;
		seen[1] |= second;
	}
	return seen[0] && seen[1];
}

/* Does each value of the range come, in each place, and no other? */
static bool fills(struct putting *p, const enum place places[2], address lo, address hi)
{
	bool seen[2][16] = {};

	for (int i = 0; i < TIMES; i++) {
		struct probe d = put(p, EDGE_INSIDE);
		bool any = false;

		for (int k = 0; k < 2 && places[k]; k++) {
			address n = value_at(&d, places[k]) - lo;

			if (n <= hi - lo)
				any = seen[k][n] = true;
		}
		if (!any)
			return false;
	}
	for (int k = 0; k < 2 && places[k]; k++)
		for (address n = 0; n <= hi - lo; n++)
			if (!seen[k][n])
				return false;
	return true;
}

static void test_edges(void **state)
{
	static const struct {
		const char *rule;
		enum place places[2];
		address lo, hi;
	} rows[] = {
		{ "drop src 10.0.0.5-10.0.0.9", { SRC }, 0x0a000005, 0x0a000009 },
		{ "drop dst 10.0.0.8/29", { DST }, 0x0a000008, 0x0a00000f },
		{ "drop host 10.0.0.5-10.0.0.9", { SRC, DST }, 0x0a000005, 0x0a000009 },
		{ "drop src 2001:db8::5-2001:db8::9", { SRC }, IP6(5), IP6(9) },
		{ "drop host 2001:db8::5-2001:db8::9", { DST, SRC }, IP6(5), IP6(9) },
		{ "set a { 10.0.0.5-10.0.0.9 }\ndrop src @a", { SRC }, 0x0a000005, 0x0a000009 },
		{ "set a { 2001:db8::5-2001:db8::9 }\ndrop host @a", { SRC, DST }, IP6(5), IP6(9) },
		{ "drop proto udp sport 7-9", { SPORT }, 7, 9 },
		{ "drop proto udp dport 7-9", { DPORT }, 7, 9 },
		{ "drop proto udp port 7-9", { SPORT, DPORT }, 7, 9 },
		{ "set a ports { 7-9 }\ndrop proto udp sport @a", { SPORT }, 7, 9 },
		{ "set a ports { 7-9 }\ndrop proto udp port @a", { DPORT, SPORT }, 7, 9 },
		{ "drop proto 200", { PROTO }, 200, 200 },
		{ "drop len 100-110", { LENGTH }, 100, 110 },
		{ "drop vlan 7-9", { OUTER, INNER }, 7, 9 },
		{ "drop ethertype 0x0900", { ETHERTYPE }, 0x0900, 0x0900 },
		{ "drop icmp 3/4", { DPORT }, 0x0304, 0x0304 },
		{ "drop hook tc", { HOOK }, HOOK_TC, HOOK_TC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const enum place *places = rows[i].places;
		address lo = rows[i].lo, hi = rows[i].hi;
		struct putting p;

		begin(&p, rows[i].rule);
		/* In a rule with a protocol and ports, the ports are meant. */
		if (p.rules.rules[0].count == 2) {
			struct match *matches = p.rules.rules[0].matches;

			free(matches[0].values);
			matches[0] = matches[1];
			p.rules.rules[0].count = 1;
		}
		if (!holds(&p, EDGE_LO, places, lo) || !holds(&p, EDGE_HI, places, hi) ||
		    !holds(&p, EDGE_BELOW, places, lo - 1) ||
		    !holds(&p, EDGE_ABOVE, places, hi + 1) || !fills(&p, places, lo, hi))
			fail_msg("%s", rows[i].rule);
		ruleset_free(&p.rules);
	}
}

/* What has no order: the two edges outside are what does not match. */
static void test_outside(void **state)
{
	struct putting p;

	begin(&p, "drop frag");
	for (int i = 0; i < TIMES; i++) {
		assert_true(put(&p, i % 2).frag == 2);
		assert_false(put(&p, EDGE_BELOW + i % 2).frag == 2);
	}
	ruleset_free(&p.rules);
	begin(&p, "drop flags syn/syn+ack");
	for (int i = 0; i < TIMES; i++) {
		uint8_t inner = put(&p, i % 2).own[FIELD_FLAGS],
			outer = put(&p, EDGE_BELOW + i % 2).own[FIELD_FLAGS];

		assert_int_equal(inner & 0x12, 0x02);
		assert_int_not_equal(outer & 0x12, 0x02);
	}
	ruleset_free(&p.rules);
}

/* Every element of a set, at every edge; of services their addresses and their ports. */
static void test_elements(void **state)
{
	static const uint32_t addresses[] = { 4, 5, 6, 7, 19, 20, 21, 22 },
			      ports[] = { 6, 7, 9, 10 };
	bool seen[2][64] = {};
	struct putting p;

	begin(&p, "set a { 0.0.0.5-0.0.0.6, 0.0.0.20-0.0.0.21 }\ndrop dst @a");
	for (int i = 0; i < TIMES; i++)
		seen[0][put(&p, i % EDGES).dst % 64] = true;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		assert_true(seen[0][addresses[i]]);
	ruleset_free(&p.rules);

	memset(seen, 0, sizeof(seen));
	begin(&p, "set a services { 0.0.0.5:7-9/udp }\ndrop src @a");
	for (int i = 0; i < TIMES; i++) {
		struct probe d = put(&p, i % EDGES);

		assert_int_equal(d.proto, 17);
		seen[0][(uint32_t)d.src % 64] = true;
		seen[1][d.sport % 64] = true;
	}
	for (uint32_t a = 4; a <= 6; a++)
		assert_true(seen[0][a]);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		assert_true(seen[1][ports[i]]);
	ruleset_free(&p.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
