/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_items.c - elements as ranges: reading, writing, and sorting them, a million in tenths of a second. */
#include <errno.h>
#include <string.h>

#include "set_items.h"

#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)

struct items items_of(struct set *set, enum element_kind kind)
{
	switch (kind) {
	case ELEMENT_IP4:
		return (struct items){ (void **)&set->ip4, &set->count4, &set->capacity4 };
	case ELEMENT_IP6:
		return (struct items){ (void **)&set->ip6, &set->count6, &set->capacity6 };
	case ELEMENT_PORT:
		return (struct items){ (void **)&set->ports, &set->port_count,
				       &set->port_capacity };
	default:
		return (struct items){ (void **)&set->services, &set->service_count,
				       &set->service_capacity };
	}
}

void item_put(enum element_kind kind, void *array, size_t i, const struct item *item)
{
	struct service service;

	switch (kind) {
	case ELEMENT_IP4:
		((struct element4 *)array)[i] =
			(struct element4){ item->lo, item->hi, item->until, item->slot };
		break;
	case ELEMENT_IP6:
		((struct element6 *)array)[i] =
			(struct element6){ addr6_of(item->lo), addr6_of(item->hi), item->until,
					   item->slot };
		break;
	case ELEMENT_PORT:
		((struct element_port *)array)[i] =
			(struct element_port){ item->lo, item->hi, item->until, item->slot };
		break;
	default:
		service = *item->of;
		service.port_lo = item->lo;
		service.port_hi = item->hi;
		service.until = item->until;
		service.slot = item->slot;
		((struct service *)array)[i] = service;
	}
}

static int compare_numbers(u128 a, u128 b)
{
	return (a > b) - (a < b);
}

static int compare_lines(const struct service *a, const struct service *b)
{
	int r = a->family - b->family;

	if (!r)
		r = compare_numbers(addr_number(&a->address), addr_number(&b->address));
	return r ? r : a->proto - b->proto;
}

int items_line(enum element_kind kind, const void *array_a, size_t a, const void *array_b, size_t b)
{
	if (kind != ELEMENT_SERVICE)
		return 0;
	return compare_lines((const struct service *)array_a + a,
			     (const struct service *)array_b + b);
}

static int compare_items(const struct item *a, const struct item *b)
{
	int r = compare_numbers(a->lo, b->lo);

	if (!r)
		r = compare_numbers(b->hi, a->hi);
	if (!r)
		r = compare_numbers(item_life(b->until), item_life(a->until));
	return r;
}

static int compare(enum element_kind kind, const void *a, const void *b)
{
	struct item x = item_get(kind, a, 0), y = item_get(kind, b, 0);
	int r = items_line(kind, a, 0, b, 0);

	return r ? r : compare_items(&x, &y);
}

static int compare4(const void *a, const void *b)
{
	return compare(ELEMENT_IP4, a, b);
}

static int compare6(const void *a, const void *b)
{
	return compare(ELEMENT_IP6, a, b);
}

static int compare_ports(const void *a, const void *b)
{
	return compare(ELEMENT_PORT, a, b);
}

static int compare_services(const void *a, const void *b)
{
	return compare(ELEMENT_SERVICE, a, b);
}

static int (*const comparisons[ELEMENT_KINDS])(const void *, const void *) = {
	compare4,
	compare6,
	compare_ports,
	compare_services,
};

static bool is_sorted(enum element_kind kind, const char *array, size_t count)
{
	size_t size = item_size(kind);

	for (size_t i = 1; i < count; i++)
		if (compare(kind, array + (i - 1) * size, array + i * size) > 0)
			return false;
	return true;
}

/* One pass of a radix sort, stable, by a digit of lo. */
static void sort_digit(const struct element4 *from, struct element4 *to, size_t count, int shift)
{
	uint32_t place[DIGITS] = {};
	uint32_t sum = 0, n;

	for (size_t i = 0; i < count; i++)
		place[from[i].lo >> shift & (DIGITS - 1)]++;
	for (size_t i = 0; i < DIGITS; i++) {
		n = place[i];
		place[i] = sum;
		sum += n;
	}
	for (size_t i = 0; i < count; i++)
		to[place[from[i].lo >> shift & (DIGITS - 1)]++] = from[i];
}

/* The same lo: few as a rule. */
static void sort_ties(struct element4 *array, size_t count)
{
	size_t first = 0;

	for (size_t i = 1; i <= count; i++) {
		if (i < count && array[i].lo == array[first].lo)
			continue;
		if (i - first > 1)
			qsort(array + first, i - first, sizeof(*array), compare4);
		first = i;
	}
}

static int sort4(struct element4 *array, size_t count)
{
	autofree struct element4 *other = malloc(count * sizeof(*other));

	if (!other)
		return -ENOMEM;
	sort_digit(array, other, count, 0);
	sort_digit(other, array, count, DIGIT_BITS);
	sort_digit(array, other, count, 2 * DIGIT_BITS);
	memcpy(array, other, count * sizeof(*array));
	sort_ties(array, count);
	return 0;
}

int items_sort(enum element_kind kind, void *array, size_t count)
{
	if (count < 2 || is_sorted(kind, array, count))
		return 0;
	if (kind == ELEMENT_IP4 && count > DIGITS && count <= UINT32_MAX)
		return sort4(array, count);
	qsort(array, count, item_size(kind), comparisons[kind]);
	return 0;
}
