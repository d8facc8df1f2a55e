/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_items.h - the elements of a set, of whatever kind, as ranges of one line of numbers. */
#ifndef NETCTL_SET_ITEMS_H
#define NETCTL_SET_ITEMS_H

#include "../base/addr.h"
#include "set.h"

/* Both ends in. Services: their ports; those of one address and protocol are a line of their own. */
struct item {
	u128 lo, hi;
	uint32_t until, slot;
	const struct service *of; /* services: whose ports these are */
	bool fresh;		  /* of the batch, not of the set */
	bool same_range;	  /* joined with nothing so far */
};

/* One of the four arrays of a set. */
struct items {
	void **array;
	size_t *count, *capacity;
};

struct items items_of(struct set *set, enum element_kind kind);

static inline size_t item_size(enum element_kind kind)
{
	static const size_t sizes[ELEMENT_KINDS] = {
		sizeof(struct element4),
		sizeof(struct element6),
		sizeof(struct element_port),
		sizeof(struct service),
	};

	return sizes[kind];
}

/* Longer lives are greater. */
static inline uint64_t item_life(uint32_t until)
{
	return until ? until : UINT64_MAX;
}

static inline struct item item_get(enum element_kind kind, const void *array, size_t i)
{
	const struct element4 *e4 = (const struct element4 *)array + i;
	const struct element6 *e6 = (const struct element6 *)array + i;
	const struct element_port *port = (const struct element_port *)array + i;
	const struct service *service = (const struct service *)array + i;

	switch (kind) {
	case ELEMENT_IP4:
		return (struct item){ e4->lo, e4->hi, e4->until, e4->slot, NULL, 0, 0 };
	case ELEMENT_IP6:
		return (struct item){
			addr_number(&e6->lo), addr_number(&e6->hi), e6->until, e6->slot, NULL, 0, 0
		};
	case ELEMENT_PORT:
		return (struct item){ port->lo, port->hi, port->until, port->slot, NULL, 0, 0 };
	default:
		return (struct item){ service->port_lo,
				      service->port_hi,
				      service->until,
				      service->slot,
				      service,
				      0,
				      0 };
	}
}

void item_put(enum element_kind kind, void *array, size_t i, const struct item *item);

/* By address and protocol, 0 for what is no service. */
int items_line(enum element_kind kind, const void *array_a, size_t a, const void *array_b,
	       size_t b);

/*
 * In the order items are merged in: by line, lo, the wider first, the longer life first. -ENOMEM.
 */
int items_sort(enum element_kind kind, void *array, size_t count);

#endif
