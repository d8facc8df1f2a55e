/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element.h - one element of any set. */
#ifndef NETCTL_ELEMENT_H
#define NETCTL_ELEMENT_H

#include "set.h"

/* One element of any set. */
struct element {
	enum element_kind kind;
	union {
		struct element4 ip4;
		struct element6 ip6;
		struct element_port port;
		struct service service;
	};
};

/* Into a batch (see set.h), to last so many seconds; 0: for ever. */
int element_push(struct set *batch, const struct element *element, uint32_t lifetime);

/* The nth of a set's elements of one kind. */
struct element element_of(const struct set *set, enum element_kind kind, size_t n);
/* The nth of a set: IPv4 first, then IPv6; ports; services. */
struct element element_at(const struct set *set, size_t n);
uint32_t element_until(const struct element *element);
uint32_t element_slot(const struct element *element);

#endif
