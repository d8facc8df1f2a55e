/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_value.c - a pool of values for each kind of field. */
#include <string.h>

#include "random_value.h"

#define NUMBERS 8 /* of a field's own pool */
#define TESTS 5	  /* of bits: sets of flags tell packets apart into classes, and these are limited */

/* What packets of tests have, and values beside it; fields that are not here make theirs up. */
static const struct telling {
	uint32_t count, number[12];
} telling[FIELDS] = {
	[FIELD_ETHERTYPE] = { 6, { 0x0600, 0x0800, 0x0806, 0x86dd, 0x88b5, 0xffff } },
	[FIELD_VLAN] = { 7, { 0, 1, 10, 20, 100, 4094, 4095 } },
	[FIELD_PROTO] = { 10, { 2, 1, 6, 17, 33, 47, 58, 132, 136, 255 } },
	[FIELD_PORT] = { 9, { 0, 1, 53, 80, 443, 1024, 0x0800, 0x8000, 65535 } },
	[FIELD_SPORT] = { 9, { 0, 1, 53, 80, 443, 1024, 0x0800, 0x8000, 65535 } },
	[FIELD_DPORT] = { 9, { 0, 1, 53, 80, 443, 1024, 0x0800, 0x8000, 65535 } },
	[FIELD_LEN] = { 7, { 0, 40, 64, 100, 576, 1500, 65535 } },
};

/* Numbers of a pool are the same whenever they are asked for. */
static uint64_t made_up(enum field field, uint32_t n)
{
	const struct match_field *f = &match_fields[field];
	struct prng prng = prng_seed((uint64_t)field << 32 | n);
	int shift = below(&prng, (64 - __builtin_clzll(f->max | 1)) / 2 + 1);
	uint64_t wide = (uint64_t)prng_word(&prng) << 32 | prng_word(&prng);

	return wide % ((f->max >> shift) + 1);
}

static uint32_t count_names(const struct name *names)
{
	uint32_t count = 0;

	while (names && names[count].name)
		count++;
	return count;
}

/* Both ends, a name where there are any, and what is made up. */
uint64_t random_number(struct prng *prng, enum field field)
{
	const struct match_field *f = &match_fields[field];
	const struct telling *t = &telling[field];
	uint32_t n = below(prng, NUMBERS);

	if (t->count)
		return t->number[below(prng, t->count)];
	if (f->names && n % 2)
		return (uint64_t)f->names[n * count_names(f->names) / NUMBERS].number;
	return n == 0 ? 0 : n == 1 ? f->max : made_up(field, n);
}

static void random_range(struct prng *prng, enum field field, struct value *ret)
{
	bool one = !(match_fields[field].written & AS_RANGE) || below(prng, 2);
	uint32_t a = random_number(prng, field), b = one ? a : random_number(prng, field);

	ret->range.lo = MIN(a, b);
	ret->range.hi = MAX(a, b);
}

/* All bits, some, or the upper half of them, as vendors have theirs of an Ethernet address. */
static void random_bits(struct prng *prng, enum field field, struct value *ret)
{
	uint64_t max = match_fields[field].max;
	uint32_t n = below(prng, TESTS);
	uint64_t some = made_up(field, n) | (made_up(field, 2 * n + 1) & max);
	int half = (64 - __builtin_clzll(max)) / 2;

	ret->masked.mask = n == 0 ? max : n == 1 ? max & ~(max >> half) : some | 1;
	ret->masked.value = made_up(field, n + TESTS) & ret->masked.mask;
}

uint64_t random_near(struct prng *prng, enum field field)
{
	const struct match_field *f = &match_fields[field];
	struct value v;

	if (!below(prng, 8))
		return ((uint64_t)prng_word(prng) << 32 | prng_word(prng)) & f->max;
	if (f->kind == VALUE_RANGE)
		return (random_number(prng, field) + below(prng, 3) - 1) & f->max;
	random_bits(prng, field, &v);
	return (v.masked.value ^ (uint64_t)below(prng, 2) << below(prng, 64)) & f->max;
}

void random_value(struct prng *prng, enum field field, struct value *ret)
{
	static const uint8_t types[] = { 3, 8, 8, 128, 128, 135, 200 };

	memset(ret, 0, sizeof(*ret));
	switch (match_fields[field].kind) {
	case VALUE_RANGE:
		random_range(prng, field, ret);
		break;
	case VALUE_MASKED:
		random_bits(prng, field, ret);
		break;
	case VALUE_ICMP:
		ret->icmp.family = below(prng, 2) ? 4 : 6;
		ret->icmp.type = PICK(prng, types);
		ret->icmp.code_lo = below(prng, 2);
		ret->icmp.code_hi = ret->icmp.code_lo;
		if (below(prng, 2)) {
			ret->icmp.code_lo = 0;
			ret->icmp.code_hi = 255;
		}
		break;
	case VALUE_IFACE:
		strcpy(ret->iface, "lo");
		break;
	default:
		break;
	}
}
