/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* costly_samples.c - elements of sets and values of rules, looked up as a packet's are. */
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/class.h"
#include "../../bpf/rules/forest.h"
#include "../../ctl/check/probe.h"
#include "costly_samples.h"

#define NUMBER_TRIES 16384

typedef unsigned __int128 address;

static struct sample sample_of(const struct blob *blob, enum family family, address of)
{
	struct packet p = { .id.kind = family == FAMILY_IP6 ? KIND_IP6 : KIND_IP4 };
	int dst = !(blob->lookup.directions & 1);

	for (int i = 0; i < 2 && family == FAMILY_IP6; i++)
		p.addr[2 * i] = net64(of >> 64), p.addr[2 * i + 1] = net64((uint64_t)of);
	if (family == FAMILY_IP4)
		p.src4 = p.dst4 = net32((uint32_t)of);
	return (struct sample){ of, family,
				find_sets(&blob->lookup, parts_of(blob), &p, dst) & 0xffff };
}

size_t costly_samples(const struct ruleset *rules, const struct blob *blob, enum family family,
		      struct prng *prng, struct sample *ret, size_t room)
{
	size_t count = 0;

	for (size_t tries = 0; tries < room && rules->set_count; tries++) {
		const struct set *set = &rules->sets[below(prng, rules->set_count)];
		const struct element4 *e4 = &set->ip4[below(prng, set->count4)];
		const struct element6 *e6 = &set->ip6[below(prng, set->count6)];
		uint32_t high = below(prng, 2), beside = below(prng, 2);

		if (family == FAMILY_IP4 && set->count4)
			ret[count++] = sample_of(blob, family,
						 high ? e4->hi + beside : e4->lo - beside);
		if (family == FAMILY_IP6 && set->count6)
			ret[count++] = sample_of(blob, family,
						 high ? addr_number(&e6->hi) + beside
						      : addr_number(&e6->lo) - beside);
	}
	return count;
}

static void add_number(const struct blob *blob, int number, uint64_t x, struct class_numbers *ret)
{
	uint32_t class = class_of_number(&blob->classes.number[number], parts_of(blob), x);

	if (class >= SAMPLED_CLASSES)
		return;
	ret->of[number][class] = x;
	ret->count[number] = MAX(ret->count[number], class + 1);
}

void class_numbers_find(const struct ruleset *rules, const struct blob *blob, struct prng *prng,
			struct class_numbers *ret)
{
	struct probes probes = { .rules = rules, .random = (uint64_t)prng_word(prng) << 32 | 1 };

	memset(ret, 0, sizeof(*ret));
	if (!(blob->classes.numbers[HOOK_TC] & ((1 << NUMBER_COUNT) - 1)))
		return;
	for (int tries = 0; tries < NUMBER_TRIES; tries++) {
		const struct rule *rule = &rules->rules[below(prng, rules->count)];
		const struct match *m = &rule->matches[below(prng, rule->count)];
		enum field_place place = match_fields[m->field].place;
		struct probe d;

		if (place < PLACE_NUMBER)
			continue;
		probe_random(&probes, &d);
		probe_put_some(&probes, &d, m, below(prng, EDGES));
		add_number(blob, place - PLACE_NUMBER, d.own[m->field], ret);
	}
}
