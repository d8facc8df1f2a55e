/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set.c - a set as it is kept: arrays of elements, appended to, searched, swept. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "set_items.h"

void set_free(struct set *set)
{
	struct set empty = { .type = set->type, .counters = set->counters };

	for (enum element_kind kind = 0; kind < ELEMENT_KINDS; kind++)
		free(*items_of(set, kind).array);
	memcpy(empty.name, set->name, sizeof(empty.name));
	*set = empty;
}

/* Append an element of "size" bytes. */
static int push(void *array, size_t *count, size_t *capacity, const void *element, size_t size)
{
	int r = array_reserve_at(array, *count, 1, capacity, size);

	if (!r)
		memcpy(*(char **)array + (*count)++ * size, element, size);
	return r;
}

int set_push4(struct set *batch, const struct element4 *element)
{
	return push(&batch->ip4, &batch->count4, &batch->capacity4, element, sizeof(*element));
}

int set_push6(struct set *batch, const struct element6 *element)
{
	return push(&batch->ip6, &batch->count6, &batch->capacity6, element, sizeof(*element));
}

int set_push_port(struct set *batch, const struct element_port *element)
{
	return push(&batch->ports, &batch->port_count, &batch->port_capacity, element,
		    sizeof(*element));
}

int set_push_service(struct set *batch, const struct service *element)
{
	return push(&batch->services, &batch->service_count, &batch->service_capacity, element,
		    sizeof(*element));
}

size_t set_size(const struct set *set)
{
	return set->count4 + set->count6 + set->port_count + set->service_count;
}

bool set_is_timed(const struct set *set)
{
	struct set all = *set;

	for (enum element_kind kind = 0; kind < ELEMENT_KINDS; kind++) {
		struct items items = items_of(&all, kind);

		for (size_t i = 0; i < *items.count; i++)
			if (item_get(kind, *items.array, i).until)
				return true;
	}
	return false;
}

size_t set_sweep(struct set *set, uint32_t now)
{
	size_t before = set_size(set);

	for (enum element_kind kind = 0; kind < ELEMENT_KINDS; kind++) {
		struct items items = items_of(set, kind);
		size_t kept = 0, size = item_size(kind);
		char *array = *items.array;

		for (size_t i = 0; i < *items.count; i++)
			if (!element_is_over(item_get(kind, array, i).until, now))
				memmove(array + size * kept++, array + size * i, size);
		*items.count = kept;
	}
	return before - set_size(set);
}

/* ---- the plain search ---- */

const struct element4 *set_find4(const struct set *set, uint32_t address, uint32_t now)
{
	size_t lo = 0, hi = set->count4;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct element4 *e = &set->ip4[mid];

		if (e->hi < address)
			lo = mid + 1;
		else if (e->lo > address)
			hi = mid;
		else
			return element_is_over(e->until, now) ? NULL : e;
	}
	return NULL;
}

const struct element6 *set_find6(const struct set *set, const struct addr6 *address, uint32_t now)
{
	size_t lo = 0, hi = set->count6;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct element6 *e = &set->ip6[mid];

		if (addr_compare(&e->hi, address) < 0)
			lo = mid + 1;
		else if (addr_compare(&e->lo, address) > 0)
			hi = mid;
		else
			return element_is_over(e->until, now) ? NULL : e;
	}
	return NULL;
}

const struct element_port *set_find_port(const struct set *set, uint16_t port, uint32_t now)
{
	for (size_t i = 0; i < set->port_count; i++) {
		const struct element_port *e = &set->ports[i];

		if (e->lo <= port && port <= e->hi)
			return element_is_over(e->until, now) ? NULL : e;
	}
	return NULL;
}

static int compare_address(const struct service *s, uint8_t family, const struct addr6 *address)
{
	if (s->family != family)
		return s->family < family ? -1 : 1;
	return addr_compare(&s->address, address);
}

const struct service *set_find_service(const struct set *set, uint8_t family,
				       const struct addr6 *address, uint8_t proto, uint32_t port,
				       uint32_t now)
{
	size_t lo = 0, hi = set->service_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_address(&set->services[mid], family, address) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < set->service_count; lo++) {
		const struct service *s = &set->services[lo];

		if (compare_address(s, family, address))
			break;
		if ((port == ANY_PORT || (s->port_lo <= port && port <= s->port_hi)) &&
		    (!proto || !s->proto || s->proto == proto) && !element_is_over(s->until, now))
			return s;
	}
	return NULL;
}

bool set_name_is_good(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= SET_NAME_SIZE || !isalpha((unsigned char)name[0]))
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return false;
	return true;
}
