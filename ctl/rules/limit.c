/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* limit.c - the rate of a limit rule as people say it, and as the packet path reckons with it. */
#include <endian.h>
#include <arpa/inet.h>

#include "../../bpf/limit/bucket.h"
#include "../base/addr.h"
#include "../base/util.h"
#include "limit.h"

#define SECOND_TICKS (1000000000ULL * TICKS_NS)
#define MOST_UNITS (1U << 24)	/* packets or bytes of one packet: no super-packet has more */
#define COST_BITS 39		/* of meter.cost: times MOST_UNITS it stays below 2^63 */
#define MOST_SHIFT 30		/* of meter.cost */
#define LEAST_PACKETS 5		/* of a default burst */
#define LEAST_BYTES (16U << 10) /* the same: some ten packets */

static const uint32_t periods[] = { 86400, 3600, 60, 1 };

void limit_reduce(struct limit *limit)
{
	for (size_t i = 0; i + 1 < ARRAY_SIZE(periods); i++) {
		uint32_t times = periods[i] / periods[i + 1];

		if (limit->period != periods[i] || limit->rate % times)
			continue;
		limit->rate /= times;
		limit->period = periods[i + 1];
	}
}

bool limit_equal(const struct limit *a, const struct limit *b)
{
	return a->rate == b->rate && a->period == b->period && a->burst == b->burst &&
	       a->unit == b->unit && a->per == b->per && a->prefix4 == b->prefix4 &&
	       a->prefix6 == b->prefix6;
}

/* Ticks that "units" packets or bytes take, rounded up: numerator / rate, of each. */
static u128 ticks_of(const struct limit *limit, uint64_t units)
{
	u128 numerator = (u128)SECOND_TICKS * limit->period * units;

	if (limit->unit == METER_BYTES)
		numerator *= 8;
	return (numerator + limit->rate - 1) / limit->rate;
}

uint32_t limit_default_burst(const struct limit *limit)
{
	uint64_t tenth = limit->rate / limit->period / 10;

	if (limit->unit == METER_PACKETS)
		return (uint32_t)MIN(MAX(tenth, LEAST_PACKETS), LIMIT_MOST_BURST);
	tenth = ROUND_UP(tenth / 8, 1024);
	return (uint32_t)MIN(MAX(tenth, LEAST_BYTES), LIMIT_MOST_BURST);
}

uint64_t limit_fill_time(const struct limit *limit)
{
	return (uint64_t)(ticks_of(limit, limit->burst) / SECOND_TICKS);
}

static uint64_t mask64(unsigned int bits)
{
	return bits ? UINT64_MAX << (64 - bits) : 0;
}

struct meter limit_meter(const struct limit *limit)
{
	struct meter m = { .shift = MOST_SHIFT, .unit = limit->unit, .per = limit->per };
	u128 one = ticks_of(limit, 1ULL << MOST_SHIFT); /* << MOST_SHIFT */
	u128 most;

	while (m.shift && one >> COST_BITS) {
		one >>= 1;
		m.shift--;
	}
	m.cost = (uint64_t)one;
	most = ((u128)(1ULL << (BUCKET_BITS - 1)) << m.shift) / one;
	m.most = (uint32_t)MIN(most, MOST_UNITS);
	/* The cost of each packet is rounded: as many as the burst are to fit all the same. */
	if (limit->unit == METER_PACKETS)
		m.burst = limit->burst * meter_cost(&m, 1);
	else
		m.burst = (uint64_t)ticks_of(limit, limit->burst) + limit->burst / 64 + 1;
	m.beyond = limit->beyond;
	m.mask4 = htonl((uint32_t)(mask64(limit->prefix4) >> 32));
	m.mask6[0] = htobe64(mask64(MIN(limit->prefix6, 64)));
	m.mask6[1] = htobe64(limit->prefix6 > 64 ? mask64(limit->prefix6 - 64U) : 0);
	return m;
}
