/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_set_classes.c - combinations of sets: numbers for them, and classes in an order that rules like. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

int set_classes_init(struct set_classes *classes, size_t sets)
{
	uint32_t number;

	*classes = (struct set_classes){ .words = sets / 64 + 1, .hash_mask = 255 };
	classes->hash = calloc(classes->hash_mask + 1, sizeof(*classes->hash));
	classes->bits = calloc(1, classes->words * sizeof(*classes->bits));
	if (!classes->hash || !classes->bits)
		return -ENOMEM;
	classes->capacity = 1;
	return set_classes_find(classes, classes->bits, &number);
}

void set_classes_free(struct set_classes *classes)
{
	free(classes->bits);
	free(classes->number);
	free(classes->order);
	free(classes->hash);
	*classes = (struct set_classes){};
}

static uint64_t hash_of(const uint64_t *bits, size_t words)
{
	uint64_t h = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < words; i++)
		h = (h ^ bits[i] ^ h >> 29) * 0xbf58476d1ce4e5b9;
	return h ^ h >> 32;
}

static const uint64_t *bits_of(const struct set_classes *c, size_t number)
{
	return c->bits + number * c->words;
}

/* Where a combination is, or is to be. */
static uint32_t *place_of(const struct set_classes *c, const uint64_t *bits)
{
	size_t size = c->words * sizeof(*bits), i = hash_of(bits, c->words);

	for (;; i++) {
		uint32_t *place = &c->hash[i & c->hash_mask];

		if (!*place || !memcmp(bits_of(c, *place - 1), bits, size))
			return place;
	}
}

static int double_hash(struct set_classes *c)
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

int set_classes_find(struct set_classes *classes, const uint64_t *bits, uint32_t *ret)
{
	uint32_t *place = place_of(classes, bits);
	size_t size = classes->words * sizeof(*bits);

	if (*place) {
		*ret = *place - 1;
		return 0;
	}
	if (classes->count >= MAX_CLASSES)
		return -E2BIG;
	if (array_reserve_at(&classes->bits, classes->count, 1, &classes->capacity, size) < 0)
		return -ENOMEM;
	memcpy(classes->bits + classes->count * classes->words, bits, size);
	*place = ++classes->count;
	*ret = classes->count - 1;
	return classes->count > classes->hash_mask / 2 ? double_hash(classes) : 0;
}

/*
 * Gray's order: neighbours differ in few sets, so that each set's combinations are in half as many
 * ranges as counting up would make of them.
 */
static int compare_gray(const void *a, const void *b, void *data)
{
	const struct set_classes *c = data;
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

int set_classes_order(struct set_classes *classes)
{
	size_t count = classes->count;

	classes->number = calloc(count, sizeof(*classes->number));
	classes->order = calloc(count, sizeof(*classes->order));
	if (!classes->number || !classes->order)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		classes->order[i] = i;
	/* The empty one comes first, as it did. */
	qsort_r(classes->order, count, sizeof(*classes->order), compare_gray, classes);
	for (size_t i = 0; i < count; i++)
		classes->number[classes->order[i]] = i;
	return 0;
}

uint32_t set_classes_alone(const struct set_classes *classes, size_t set)
{
	autofree uint64_t *bits = calloc(classes->words, sizeof(*bits));
	uint32_t place;

	if (!bits || !classes->number)
		return 0;
	bits[set / 64] |= UINT64_C(1) << set % 64;
	place = *place_of(classes, bits);
	return place ? classes->number[place - 1] : 0;
}
