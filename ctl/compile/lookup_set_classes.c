/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_set_classes.c - combinations of sets: numbers for them, and classes in an order that rules like. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

int combos_init(struct combos *combos, size_t sets)
{
	uint32_t number;

	*combos = (struct combos){ .words = sets / 64 + 1, .hash_mask = 255 };
	combos->hash = calloc(combos->hash_mask + 1, sizeof(*combos->hash));
	combos->bits = calloc(1, combos->words * sizeof(*combos->bits));
	if (!combos->hash || !combos->bits)
		return -ENOMEM;
	combos->capacity = 1;
	return combos_find(combos, combos->bits, &number);
}

void combos_free(struct combos *combos)
{
	free(combos->bits);
	free(combos->number);
	free(combos->order);
	free(combos->hash);
	*combos = (struct combos){};
}

static uint64_t hash_of(const uint64_t *bits, size_t words)
{
	uint64_t h = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < words; i++)
		h = (h ^ bits[i] ^ h >> 29) * 0xbf58476d1ce4e5b9;
	return h ^ h >> 32;
}

static const uint64_t *bits_of(const struct combos *c, size_t number)
{
	return c->bits + number * c->words;
}

/* Where a combination is, or is to be. */
static uint32_t *place_of(const struct combos *c, const uint64_t *bits)
{
	size_t size = c->words * sizeof(*bits), i = hash_of(bits, c->words);

	for (;; i++) {
		uint32_t *place = &c->hash[i & c->hash_mask];

		if (!*place || !memcmp(bits_of(c, *place - 1), bits, size))
			return place;
	}
}

static int double_hash(struct combos *c)
{
	size_t mask = 2 * c->hash_mask + 1;
	uint32_t *bigger = calloc(mask + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	free(c->hash);
	c->hash = bigger;
	c->hash_mask = mask;
	for (size_t i = 0; i < c->count; i++)
		*place_of(c, bits_of(c, i)) = i + 1;
	return 0;
}

int combos_find(struct combos *combos, const uint64_t *bits, uint32_t *ret)
{
	uint32_t *place = place_of(combos, bits);
	size_t size = combos->words * sizeof(*bits);

	if (*place) {
		*ret = *place - 1;
		return 0;
	}
	if (combos->count >= MAX_CLASSES)
		return -E2BIG;
	if (array_reserve_at(&combos->bits, combos->count, 1, &combos->capacity, size) < 0)
		return -ENOMEM;
	memcpy(combos->bits + combos->count * combos->words, bits, size);
	*place = ++combos->count;
	*ret = combos->count - 1;
	return combos->count > combos->hash_mask / 2 ? double_hash(combos) : 0;
}

/*
 * Gray's order: neighbours differ in few sets, so that each set's combinations are in half as many
 * ranges as counting up would make of them.
 */
static int compare_gray(const void *a, const void *b, void *data)
{
	const struct combos *c = data;
	const uint64_t *x = bits_of(c, *(const uint32_t *)a), *y = bits_of(c, *(const uint32_t *)b);
	int odd = 0;

	for (size_t i = 0; i < c->words; i++) {
		uint64_t differ = x[i] ^ y[i], above;

		if (!differ) {
			odd ^= __builtin_parityll(x[i]);
			continue;
		}
		/* The lowest bit is the first set's, which weighs most. */
		above = (differ & -differ) - 1;
		odd ^= __builtin_parityll(x[i] & above);
		return !!(x[i] & differ & -differ) != odd ? 1 : -1;
	}
	return 0;
}

int combos_order(struct combos *combos)
{
	size_t count = combos->count;

	combos->number = calloc(count, sizeof(*combos->number));
	combos->order = calloc(count, sizeof(*combos->order));
	if (!combos->number || !combos->order)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		combos->order[i] = i;
	/* The empty one comes first, as it did. */
	qsort_r(combos->order, count, sizeof(*combos->order), compare_gray, combos);
	for (size_t i = 0; i < count; i++)
		combos->number[combos->order[i]] = i;
	return 0;
}

uint32_t combos_alone(const struct combos *combos, size_t set)
{
	autofree uint64_t *bits = calloc(combos->words, sizeof(*bits));
	uint32_t place;

	if (!bits || !combos->number)
		return 0;
	bits[set / 64] |= UINT64_C(1) << set % 64;
	place = *place_of(combos, bits);
	return place ? combos->number[place - 1] : 0;
}
