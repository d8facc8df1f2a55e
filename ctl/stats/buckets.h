/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* buckets.h - how full the rate limits' table of buckets is. */
#ifndef NETCTL_BUCKETS_H
#define NETCTL_BUCKETS_H

#include "../state/store.h"

/* The buckets of rate limits. */
struct buckets {
	uint64_t used, capacity;
	uint64_t full;	 /* packets that found no free bucket and shared another's */
	uint64_t memory; /* bytes */
};
int store_buckets(const struct store *store, struct buckets *ret);

#endif
