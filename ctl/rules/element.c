/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element.c - one element of any set. */
#include "../../bpf/boottime.h"
#include "../base/array.h"
#include "element.h"
#include "set_items.h"

/* What its kind says it is, as the only one of an array. */
static struct item item_of(const struct element *element)
{
	return item_get(element->kind, (const char *)element + offsetof(struct element, ip4), 0);
}

int element_push(struct set *batch, const struct element *element, uint32_t lifetime)
{
	enum element_kind kind = element->kind;
	struct items items = items_of(batch, kind);
	struct item item = item_of(element);
	int r = array_reserve_at(items.array, *items.count, 1, items.capacity, item_size(kind));

	if (r < 0)
		return r;
	item.until = lifetime ? boottime_until(lifetime) : 0;
	item_put(kind, *items.array, (*items.count)++, &item);
	return 0;
}

struct element element_of(const struct set *set, enum element_kind kind, size_t n)
{
	switch (kind) {
	case ELEMENT_IP4:
		return (struct element){ .kind = kind, .ip4 = set->ip4[n] };
	case ELEMENT_IP6:
		return (struct element){ .kind = kind, .ip6 = set->ip6[n] };
	case ELEMENT_PORT:
		return (struct element){ .kind = kind, .port = set->ports[n] };
	default:
		return (struct element){ .kind = kind, .service = set->services[n] };
	}
}

struct element element_at(const struct set *set, size_t n)
{
	if (n < set->count4)
		return element_of(set, ELEMENT_IP4, n);
	n -= set->count4;
	if (n < set->count6)
		return element_of(set, ELEMENT_IP6, n);
	n -= set->count6;
	if (n < set->port_count)
		return element_of(set, ELEMENT_PORT, n);
	return element_of(set, ELEMENT_SERVICE, n - set->port_count);
}

uint32_t element_until(const struct element *element)
{
	return item_of(element).until;
}

uint32_t element_slot(const struct element *element)
{
	return item_of(element).slot;
}
