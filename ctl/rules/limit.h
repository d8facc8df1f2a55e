/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* limit.h - the rate of a limit rule as people say it, and as the packet path reckons with it. */
#ifndef NETCTL_LIMIT_H
#define NETCTL_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/limit/meter.h"

#define LIMIT_MOST_BITS 1000000000000ULL   /* a second */
#define LIMIT_MOST_PACKETS 1000000000ULL   /* in any period */
#define LIMIT_MOST_BURST (1U << 30)	   /* packets or bytes */
#define LIMIT_LONGEST_BURST (100U * 86400) /* seconds that a bucket may take to fill */

/* What follows "limit". */
struct limit {
	uint64_t rate;		  /* packets or bits a period; 0: no limit */
	uint32_t period;	  /* seconds: 1; packets also 60, 3600 or 86400 */
	uint32_t burst;		  /* packets, or bytes where the rate is in bits; 0: not given */
	uint8_t unit;		  /* enum meter_unit */
	uint8_t per;		  /* enum meter_per */
	uint8_t prefix4, prefix6; /* PER_SRC, PER_DST: lengths */
	uint32_t beyond; /* slot where the kernel counts what is dropped; 0: not yet given */
};

/* The same rate in the shortest period that tells it in whole packets. */
void limit_reduce(struct limit *limit);

/* The same rate, burst and key, whatever the slot. */
bool limit_equal(const struct limit *a, const struct limit *b);

/* What is taken where no burst was given: a tenth of a second, five packets or 16 KiB at least. */
uint32_t limit_default_burst(const struct limit *limit);

/* Seconds that an empty bucket takes to be full. */
uint64_t limit_fill_time(const struct limit *limit);

/* Its bounds are those above. */
struct meter limit_meter(const struct limit *limit);

#endif
