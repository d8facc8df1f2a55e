/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_packet.c - from rules to packets at their edges. */
#include <netinet/in.h>
#include <string.h>

#include "../../ctl/rules/names.h"
#include "test_packet.h"

#define AGAIN_TRIES 16 /* rules asked for a field that packets of a flow differ in */
#define COMBINATIONS 16 /* of lowest and highest values of a rule's matches */

typedef unsigned __int128 address;

static address random_address(struct prng *c)
{
	address a = 0;

	for (int i = 0; i < 4; i++)
		a = a << 32 | prng_word(c);
	return a;
}

/* Of one value of a match, NULL: of whichever; note what is put at an edge. */
static void put_value(struct probes *probes, struct test_packet *d, const struct match *m,
		      const struct value *v, enum edge edge)
{
	if (v)
		probe_put(probes, &d->probe, m, v, edge);
	else
		probe_put_some(probes, &d->probe, m, edge);
	d->edges &= ~(1u << m->field);
	d->edges |= (uint32_t)(edge != EDGE_INSIDE) << m->field;
}

void test_packet_take_places(struct test_packet *d)
{
	for (enum field f = 0; f < FIELDS; f++) {
		const struct match_field *field = &match_fields[f];

		if (field->place >= PLACE_NUMBER)
			d->probe.own[f] = d->number[field->place - PLACE_NUMBER] & field->max;
		else if (field->place)
			d->probe.own[f] = d->byte[field->place - PLACE_BYTE] & field->max;
	}
}

void test_packet_random(struct prng *c, struct test_packet *d)
{
	static const int families[] = { 4, 4, 4, 6, 6, 6, 0 };
	static const uint32_t shortest[] = { 40, 100, 576, 1500, TEST_PACKET_LONGEST };

	*d = (struct test_packet){
		.probe = {
			.family = PICK(c, families),
			.src = random_address(c),
			.dst = random_address(c),
			.sport = below(c, 65536),
			.dport = below(c, 65536),
			.ethertype = 0x0600 + below(c, 0x10000 - 0x0600),
			.outer = below(c, 4) ? 0 : below(c, 4096),
			.inner = below(c, 4) ? 0 : below(c, 4096),
			.own[FIELD_LEN] = below(c, PICK(c, shortest) + 1),
			.proto = below(c, 4) ? PICK(c, port_protocols) : below(c, 256),
			.own[FIELD_FLAGS] = below(c, 256),
			.frag = below(c, 8) ? 0 : below(c, 3),
			.hides = below(c, 16) ? 0 : below(c, 3),
		},
		.datagram = below(c, DATAGRAMS),
		.cut = !below(c, 64),
		.ecn = below(c, 4),
	};
	for (int i = 0; i < BYTE_COUNT; i++)
		d->byte[i] = below(c, 256);
	for (int i = 0; i < NUMBER_COUNT; i++)
		d->number[i] = (uint64_t)prng_word(c) << 32 | prng_word(c);
	/* Packets with one take longer at OUTPUT. */
	if (below(c, 8))
		d->number[NUMBER_MARK] = 0;
	test_packet_take_places(d);
}

static struct probes probes_of(struct prng *c, const struct ruleset *rules)
{
	return (struct probes){ .rules = rules, .random = (uint64_t)prng_word(c) << 32 | 1 };
}

/*
 * Rules that say nothing of addresses are about either family: that of the draft. Bit n of "high":
 * which end of the n-th match.
 */
static void satisfy(struct probes *probes, struct prng *c, struct test_packet *d,
		    const struct rule *rule, unsigned int high, bool inside)
{
	test_packet_random(c, d);
	if (below(c, 4)) {
		d->probe.frag = d->probe.hides = d->cut = 0;
		d->probe.family = d->probe.family ? d->probe.family : 4;
	}
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		enum edge edge = m->negated	     ? EDGE_BELOW + below(c, 2)
				 : inside	     ? EDGE_INSIDE
				 : high >> i % 4 & 1 ? EDGE_HI
						     : EDGE_LO;

		put_value(probes, d, m, NULL, edge);
	}
}

void test_packet_for(struct prng *c, const struct ruleset *rules, const struct rule *rule,
		     unsigned int moves, struct test_packet *d)
{
	struct probes probes = probes_of(c, rules);

	satisfy(&probes, c, d, rule, prng_word(c), below(c, 2));
	d->probe.settled = true;
	for (; moves && rules->count; moves--) {
		const struct rule *other = &rules->rules[below(c, rules->count)];

		if (other->count)
			put_value(&probes, d, &other->matches[below(c, other->count)], NULL,
				  below(c, EDGES + 1));
	}
}

void test_packet_again(struct prng *c, const struct ruleset *rules, struct test_packet *d)
{
	struct probes probes = probes_of(c, rules);
	struct probe flow = d->probe;

	for (int tries = 0; tries < AGAIN_TRIES && rules->count; tries++) {
		const struct rule *rule = &rules->rules[below(c, rules->count)];
		const struct match *m = &rule->matches[below(c, rule->count)];

		if (rule->count && match_fields[m->field].varies)
			put_value(&probes, d, m, NULL, below(c, EDGES + 1));
	}
	/* What these put in beside their values. */
	d->probe.family = flow.family;
	d->probe.proto = flow.proto;
	d->probe.ports = flow.ports;
}

size_t test_packet_corners(const struct rule *rule)
{
	size_t values = 0;

	for (size_t i = 0; i < rule->count; i++)
		values += MAX(rule->matches[i].count, 1);
	return COMBINATIONS + EDGES * values;
}

void test_packet_corner(struct prng *c, const struct ruleset *rules, const struct rule *rule,
			size_t corner, struct test_packet *d)
{
	struct probes probes = probes_of(c, rules);

	satisfy(&probes, c, d, rule, corner < COMBINATIONS ? corner : prng_word(c),
		corner >= COMBINATIONS);
	if (corner < COMBINATIONS)
		return;
	corner -= COMBINATIONS;
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		size_t values = MAX(m->count, 1);

		if (corner < EDGES * values) {
			put_value(&probes, d, m, m->count ? &m->values[corner / EDGES] : NULL,
				  corner % EDGES);
			return;
		}
		corner -= EDGES * values;
	}
}

void test_packet_hide(struct prng *c, struct test_packet *d)
{
	d->cut = false;
	d->probe.frag = below(c, 3);
	d->probe.hides = 1 + below(c, 2);
	if (d->probe.frag == 2 && below(c, 2))
		d->probe.hides = 0;
	if (!protocol_has_ports(d->probe.proto) && below(c, 4))
		d->probe.proto = below(c, 3)		? PICK(c, port_protocols)
				 : d->probe.family == 4 ? IPPROTO_ICMP
							: IPPROTO_ICMPV6;
}

void test_packet_rest(const struct test_packet *first, struct test_packet *ret)
{
	*ret = *first;
	ret->follows = true;
	ret->probe.frag = 2;
	ret->probe.hides &= 2; /* or TCP would overlap its header */
	ret->probe.own[FIELD_LEN] /= 2;
	ret->probe.own[FIELD_TTL] ^= 1;
}
