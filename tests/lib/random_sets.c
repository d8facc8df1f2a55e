/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_sets.c - random sets that overlap, rules that use them, packets at their elements' edges. */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/lookup/lookup.h"
#include "../../ctl/text/rule_parse.h"
#include "prng.h"
#include "random_sets.h"

#define MOST_SETS 7 /* of addresses and services */
#define PORT_SETS 2 /* behind those */

/* What cannot fail but by a bug. */
static void must(int r, int wanted)
{
	if (r != wanted)
		abort();
}

static uint32_t begun; /* what lives are counted from */

/* ---- random sets ---- */

/* Close together or anywhere; the ends of the line too. */
static uint32_t random_word(void)
{
	switch (random_below(8)) {
	case 0:
		return random_below(3);
	case 1:
		return UINT32_MAX - random_below(3);
	case 2:
		return (uint32_t)random64();
	default:
		return 0x0a000000 + random_below(300);
	}
}

static struct addr6 random_addr6(void)
{
	struct addr6 a = { 0x20010db800000000, random_word() };

	switch (random_below(8)) {
	case 0:
		return (struct addr6){ 0, random_below(2) };
	case 1:
		return (struct addr6){ UINT64_MAX, UINT64_MAX - random_below(2) };
	case 2:
		return (struct addr6){ a.hi + random_below(3), UINT64_MAX - random_below(3) };
	case 3:
		return (struct addr6){ a.hi + random_below(3), random_below(3) };
	default:
		return a;
	}
}

static uint32_t random_until(void)
{
	return random_below(3) ? 0 : begun + 100 * (1 + random_below(3));
}

static void add_element(struct set *batch, bool timed)
{
	static const uint32_t sizes[] = { 0, 0, 0, 1, 2, 7, 255, 70000, UINT32_MAX };
	uint32_t lo = random_word(), size = sizes[random_below(9)];
	struct element4 e4 = { lo, size < UINT32_MAX - lo ? lo + size : UINT32_MAX, 0, 0 };
	struct element6 e6 = { random_addr6(), random_addr6(), 0, 0 };

	if (random_below(2))
		e6.hi = e6.lo;
	if (less6(&e6.hi, &e6.lo)) {
		struct addr6 swap = e6.lo;

		e6.lo = e6.hi;
		e6.hi = swap;
	}
	e4.until = e6.until = timed ? random_until() : 0;
	must(random_below(2) ? set_push4(batch, &e4) : set_push6(batch, &e6), 0);
}

static void add_service(struct set *batch, bool timed)
{
	static const uint8_t protos[] = { 0, 0, 6, 17, 132 };
	uint16_t port = random_below(4) ? random_below(8) : 65535 - random_below(2);
	struct service s = {
		.family = random_below(2) ? 4 : 6,
		.proto = protos[random_below(5)],
		.port_lo = port,
		.port_hi = port < 60000 ? port + random_below(5) : 65535,
		.until = timed ? random_until() : 0,
	};

	s.address = s.family == 6 ? random_addr6() : (struct addr6){ 0, random_word() };
	must(set_push_service(batch, &s), 0);
}

static void add_port(struct set *batch, bool timed)
{
	uint16_t port = random_below(4) ? random_below(12) : 65535 - random_below(3);
	struct element_port e = {
		.lo = port,
		.hi = random_below(2) || port > 60000 ? port : port + random_below(5),
		.until = timed ? random_until() : 0,
	};

	must(set_push_port(batch, &e), 0);
}

static void fill_set(struct set *set, bool timed)
{
	static const size_t counts[] = { 0, 1, 4, 30, 600 };
	size_t count = counts[random_below(set->type == SET_PORTS ? 3 : 5)];
	struct set batch = { .type = set->type };

	for (size_t i = 0; i < count; i++) {
		if (set->type == SET_SERVICES)
			add_service(&batch, timed);
		else if (set->type == SET_PORTS)
			add_port(&batch, timed);
		else
			add_element(&batch, timed);
	}
	must(set_add(set, &batch, NULL), 0);
	set_free(&batch);
}

/* ---- random rules that use them ---- */

/* " not src @s1,@s3,10.0.0.2-10.0.0.60"; host knows no services. */
static size_t print_match(const struct ruleset *rules, char *text)
{
	static const char *const fields[] = { "src", "dst", "host" };
	char list[128];
	bool services = false;
	size_t at = 0;

	for (size_t i = 0; i <= random_below(2); i++) {
		uint32_t n = random_below(rules->set_count - PORT_SETS);

		at += sprintf(list + at, "%s@s%u", i ? "," : "", n);
		services |= rules->sets[n].type == SET_SERVICES;
	}
	if (!random_below(4))
		sprintf(list + at, ",10.0.0.%u-10.0.0.%u", random_below(50), 50 + random_below(50));
	return sprintf(text, " %s%s %s", random_below(3) ? "" : "not ",
		       fields[random_below(services ? 2 : 3)], list);
}

/* " sport @s5,7-9"; boxes end at a time, but do not begin: see sets_check_uses(). */
static size_t print_ports(const struct ruleset *rules, char *text)
{
	static const char *const fields[] = { "sport", "dport", "port" };
	uint32_t n = rules->set_count - 1 - random_below(PORT_SETS);
	bool negated = !set_is_timed(&rules->sets[n]) && !random_below(3);

	return sprintf(text, " %s%s @s%u%s", negated ? "not " : "", fields[random_below(3)], n,
		       random_below(2) ? "" : ",7-9");
}

static void add_rule(struct ruleset *rules)
{
	static const char *const actions[] = { "drop", "pass", "audit" };
	struct rule rule = {};
	struct fault fault = {};
	char text[256];
	uint32_t action = random_below(3);
	size_t at = sprintf(text, "%s", actions[action]);

	if (random_below(8))
		at += print_match(rules, text + at);
	if (action < 2 && !random_below(3)) /* audit rules may have few boxes */
		at += print_match(rules, text + at);
	if (action < 2 && !random_below(2))
		at += print_ports(rules, text + at);
	else if (!random_below(4))
		sprintf(text + at, " dport %u-%u", random_below(5), 5 + random_below(5));
	if (rule_parse(text, &rule, &fault) < 0) { /* matches that exclude each other */
		free(fault.source);
		return;
	}
	must(ruleset_insert(rules, rules->count, &rule, &fault), 0);
}

void random_sets(uint32_t now, struct ruleset *rules)
{
	size_t sets = 1 + random_below(MOST_SETS) + PORT_SETS,
	       count = 1 + random_below(random_below(4) ? 6 : 60);
	bool timed = random_below(2), services = random_below(2);

	begun = now;
	ruleset_init(rules);
	for (size_t i = 0; i < sets; i++) {
		struct set *set;
		char name[8];

		enum set_type type = services && !random_below(3) ? SET_SERVICES : SET_ADDRESSES;

		sprintf(name, "s%zu", i);
		if (i + PORT_SETS >= sets)
			type = SET_PORTS;
		must(ruleset_add_set(rules, name, type, &set), 0);
		set->counters = !random_below(type == SET_PORTS ? 2 : 4);
		fill_set(set, timed);
	}
	must(ruleset_give_slots(rules, NULL), 0);
	while (rules->count < count)
		add_rule(rules);
}

/* ---- packets at elements' edges ---- */

static uint32_t near4(const struct ruleset *rules)
{
	const struct set *set = &rules->sets[random_below(rules->set_count)];
	const struct element4 *e = set->count4 ? &set->ip4[random_below(set->count4)] : NULL;

	if (set->service_count && random_below(8))
		return set->services[random_below(set->service_count)].address.lo;
	return e ? (random_below(2) ? e->lo : e->hi) + random_below(3) - 1 : random_word();
}

static struct addr6 near6(const struct ruleset *rules)
{
	const struct set *set = &rules->sets[random_below(rules->set_count)];
	struct addr6 a = random_addr6();

	if (set->service_count && random_below(8))
		return set->services[random_below(set->service_count)].address;
	if (set->count6)
		a = random_below(2) ? set->ip6[random_below(set->count6)].lo
				    : set->ip6[random_below(set->count6)].hi;
	a.lo += random_below(3) - 1;
	a.hi += !random_below(16);
	return a;
}

struct packet random_sets_packet(const struct ruleset *rules)
{
	static const uint8_t protos[] = { 1, 6, 6, 17, 17, 33, 58, 132, 136, 47 };
	bool ip6 = random_below(2);
	uint8_t proto = protos[random_below(10)];
	struct packet p = {};

	p.length = 100;
	p.id.kind = ip6 ? KIND_IP6 : KIND_IP4;
	p.id.tags = ID_TAGS(0, 0, proto);
	p.id.ifindex = 1;
	for (int i = 0; i < 2; i++) {
		struct addr6 a = near6(rules);

		if (ip6) {
			p.addr[2 * i] = htobe64(a.hi);
			p.addr[2 * i + 1] = htobe64(a.lo);
		} else if (i) {
			p.dst4 = htonl(near4(rules));
		} else {
			p.src4 = htonl(near4(rules));
		}
	}
	if (!random_below(8) || proto == 47 || proto == (ip6 ? 1 : 58))
		return p;
	p.id.kind |= KIND_PORTS;
	p.id.sport = htons(random_below(4) ? random_below(12) : 65535 - random_below(3));
	p.id.dport = htons(random_below(4) ? random_below(12) : 65535 - random_below(3));
	return p;
}
