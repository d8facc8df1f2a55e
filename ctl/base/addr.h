/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* addr.h - addresses as numbers, to reckon with. */
#ifndef NETCTL_ADDR_H
#define NETCTL_ADDR_H

#include "../../bpf/types.h"

typedef unsigned __int128 u128;

static inline u128 addr_number(const struct addr6 *a)
{
	return (u128)a->hi << 64 | a->lo;
}

static inline struct addr6 addr6_of(u128 number)
{
	return (struct addr6){ number >> 64, number };
}

static inline int addr_compare(const struct addr6 *a, const struct addr6 *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return a->lo == b->lo ? 0 : a->lo < b->lo ? -1 : 1;
}

#endif
