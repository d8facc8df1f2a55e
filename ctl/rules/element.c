/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element.c - one element of any set. */
#include "element.h"

int element_push(struct set *batch, const struct element *element, uint32_t until)
{
	struct element e = *element;

	switch (e.kind) {
	case ELEMENT_IP4:
		e.ip4.until = until;
		return set_push4(batch, &e.ip4);
	case ELEMENT_IP6:
		e.ip6.until = until;
		return set_push6(batch, &e.ip6);
	case ELEMENT_PORT:
		e.port.until = until;
		return set_push_port(batch, &e.port);
	default:
		e.service.until = until;
		return set_push_service(batch, &e.service);
	}
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
	switch (element->kind) {
	case ELEMENT_IP4:
		return element->ip4.until;
	case ELEMENT_IP6:
		return element->ip6.until;
	case ELEMENT_PORT:
		return element->port.until;
	default:
		return element->service.until;
	}
}

uint32_t element_slot(const struct element *element)
{
	switch (element->kind) {
	case ELEMENT_IP4:
		return element->ip4.slot;
	case ELEMENT_IP6:
		return element->ip6.slot;
	case ELEMENT_PORT:
		return element->port.slot;
	default:
		return element->service.slot;
	}
}
