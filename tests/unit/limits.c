/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* limits.c - the arithmetic of rate limits with a clock of our own: rates, bursts, years. */
#include <setjmp.h>
#include <string.h>

#include "../../bpf/limit/bucket.h"
#include "../../ctl/rules/limit.h"
#include "../../ctl/base/util.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>
#undef fail

#define SECOND (1000000000ULL * TICKS_NS)
#define DAY (86400 * SECOND)

static struct meter packets(__u64 rate, uint32_t period, uint32_t burst)
{
	struct limit limit = { .rate = rate, .period = period, .burst = burst };

	return limit_meter(&limit);
}

static struct meter bits(__u64 rate, uint32_t burst)
{
	struct limit limit = { .rate = rate, .period = 1, .burst = burst, .unit = METER_BYTES };

	return limit_meter(&limit);
}

static bool take(const struct meter *m, __u64 *bucket, __u64 now, __u64 units)
{
	return bucket_share(bucket, now, meter_cost(m, units), m->burst);
}

/* Packets of so many units, "count" of them every "step" ticks; the units that pass. */
static __u64 flood(const struct meter *m, __u64 *bucket, __u64 now, __u64 step, __u64 count,
		   __u64 units)
{
	__u64 passed = 0;

	for (; count; count--, now += step)
		passed += take(m, bucket, now, units) ? units : 0;
	return passed;
}

static void assert_near(__u64 got, double expected, double tolerance)
{
	assert_true((double)got >= expected * (1 - tolerance) - 1);
	assert_true((double)got <= expected * (1 + tolerance) + 1);
}

/* Offered at twice the rate, what passes is the rate, and the burst once. */
static void test_rates(void **state)
{
	static const struct {
		__u64 rate;
		uint32_t period, burst;
		bool bits;
		uint32_t size;
		double tolerance;
	} rows[] = {
		{ 1000, 1, 100, false, 1, 0.0001 },
		{ 1, 1, 1, false, 1, 0.0001 },
		{ 7, 60, 3, false, 1, 0.0001 },
		{ 1, 86400, 5, false, 1, 0.0001 },
		{ 999999937, 86400, 5, false, 1, 0.0001 },
		{ 1000000, 1, 10000, false, 44, 0.0001 },
		{ 30000000, 1, 5, false, 1, 0.001 },
		{ LIMIT_MOST_PACKETS, 1, 5, false, 1, 0.0001 },
		{ 1, 1, 1500, true, 1500, 0.0001 },
		{ 64000, 1, 16384, true, 60, 0.0001 },
		{ 10000000, 1, 125952, true, 1514, 0.0001 },
		{ 1000000000, 1, 12500992, true, 1514, 0.0001 },
		{ 10000000000, 1, 65536, true, 65226, 0.0001 },
		{ 100000000000, 1, 65536, true, 1514, 0.001 },
		{ 400000000000, 1, 65536, true, 64, 0.03 },
		{ LIMIT_MOST_BITS, 1, 65536, true, 1514, 0.003 },
	};
	const __u64 count = 200000;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double unit = rows[i].bits ? 8 : 1, size = rows[i].size;
		double ticks = size * unit * (double)rows[i].period * SECOND / (double)rows[i].rate;
		struct meter m = rows[i].bits
					 ? bits(rows[i].rate, rows[i].burst)
					 : packets(rows[i].rate, rows[i].period, rows[i].burst);
		__u64 bucket = 0, begin = 12345 * SECOND, step = (__u64)(ticks / 2 + 0.5);
		__u64 n = MIN(count, UINT64_MAX / 4 / step);
		__u64 passed = flood(&m, &bucket, begin, step, n, rows[i].size);
		double whole = (double)(n * step) / ticks * size;

		/* The burst comes on top, but for less than one packet. */
		assert_true(passed + rows[i].size >= rows[i].burst);
		assert_near(passed, whole + rows[i].burst, rows[i].tolerance + size / whole);
	}
}

/* Exactly the burst at once, and no more until time has passed for one more. */
static void test_bursts(void **state)
{
	static const uint32_t bursts[] = { 1, 2, 5, 7, 100, 1000, 99991 };
	static const struct {
		__u64 rate;
		uint32_t period;
	} rates[] = {
		{ 1, 1 }, { 3, 1 }, { 1000, 1 }, { 7777777, 1 }, { 7, 60 }, { 300000000, 1 }
	};

	for (size_t r = 0; r < ARRAY_SIZE(rates); r++)
		for (size_t b = 0; b < ARRAY_SIZE(bursts); b++) {
			struct meter m = packets(rates[r].rate, rates[r].period, bursts[b]);
			__u64 one = SECOND * rates[r].period / rates[r].rate + 1;
			__u64 bucket = 0, now = 77 * DAY, end = now + one;

			assert_int_equal(flood(&m, &bucket, now, 0, bursts[b] + 10, 1), bursts[b]);
			assert_false(take(&m, &bucket, now + one / 2, 1));
			/* Rounding may let a fast rate's next one pass a tick sooner or later. */
			assert_true(take(&m, &bucket, end + 1, 1));
			assert_false(take(&m, &bucket, end + 1, 1));
		}
}

/* Bytes: whole packets that fit into the burst. */
static void test_byte_bursts(void **state)
{
	struct meter m = bits(8000, 15000);
	__u64 bucket = 0, now = DAY;

	assert_int_equal(flood(&m, &bucket, now, 0, 50, 1500), 15000);
	assert_false(take(&m, &bucket, now + SECOND, 1500));
	assert_true(take(&m, &bucket, now + 3 * SECOND / 2, 1500));
	assert_false(take(&m, &bucket, now + 3 * SECOND / 2, 1500));
	bucket = 0;
	assert_true(take(&m, &bucket, now, 14000));
	assert_false(take(&m, &bucket, now, 1500)); /* but a smaller one */
	assert_true(take(&m, &bucket, now, 1000));
}

/* What is larger than the burst takes a full bucket, and is paid for in full. */
static void test_super_packets(void **state)
{
	struct meter m = packets(10, 1, 5);
	__u64 bucket = 0, now = DAY;

	assert_true(take(&m, &bucket, now, 45));
	assert_false(take(&m, &bucket, now + 40 * SECOND / 10, 1));
	assert_true(take(&m, &bucket, now + 42 * SECOND / 10, 1));
	assert_false(take(&m, &bucket, now + 45 * SECOND / 10, 45));
	assert_true(take(&m, &bucket, now + 46 * SECOND / 10, 45));

	bucket = 0;
	assert_true(take(&m, &bucket, now, 2));
	assert_true(take(&m, &bucket, now, 3));
	assert_false(take(&m, &bucket, now, 1));
}

/* However long nothing came, the burst is the burst, whatever the clock shows. */
static void test_years(void **state)
{
	static const __u64 clocks[] = { 0,
					1,
					SECOND,
					1ULL << 63,
					(1ULL << 63) - 1,
					UINT64_MAX - 3 * SECOND,
					UINT64_MAX,
					5000 * DAY };
	struct meter m = packets(100, 1, 20);

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		__u64 bucket = clocks[i] - SECOND, now = clocks[i];

		for (int year = 0; year < 34; year++) {
			assert_int_equal(flood(&m, &bucket, now, 0, 30, 1), 20);
			assert_int_equal(flood(&m, &bucket, now + SECOND / 10, 0, 30, 1), 10);
			now += 365 * DAY;
		}
		/* And after 34 years of nothing. */
		assert_int_equal(flood(&m, &bucket, now, 0, 30, 1), 20);
		assert_int_equal(flood(&m, &bucket, now + 34 * 365 * DAY, 0, 30, 1), 20);
	}
}

/* No number of packets or bytes makes a bucket unusable, or a sum run over. */
static void test_extremes(void **state)
{
	static const __u64 units[] = { 1, 65535, 1 << 24, UINT32_MAX, UINT64_MAX };
	struct meter meters[] = {
		packets(1, 86400, 1),
		packets(1, 86400, 100),
		packets(LIMIT_MOST_PACKETS, 1, LIMIT_MOST_BURST),
		packets(LIMIT_MOST_PACKETS, 86400, LIMIT_MOST_BURST),
		bits(1, 1),
		bits(1000, LIMIT_MOST_BURST),
		bits(LIMIT_MOST_BITS, 1),
		bits(LIMIT_MOST_BITS, LIMIT_MOST_BURST),
	};

	for (size_t i = 0; i < ARRAY_SIZE(meters); i++)
		for (size_t k = 0; k < ARRAY_SIZE(units); k++) {
			const struct meter *m = &meters[i];
			__u64 bucket = 0, now = 3 * DAY, cost = meter_cost(m, units[k]);

			assert_true(m->most >= 1 && m->cost);
			assert_true(cost <= 1ULL << (BUCKET_BITS - 1));
			assert_true(meter_cost(m, 1) <= cost);
			assert_true(take(m, &bucket, now, units[k]));
			assert_true(bucket_ahead(bucket, now) == cost);
			/* It comes back. */
			now += cost;
			assert_true(take(m, &bucket, now, 1));
		}
}

static void test_reduced(void **state)
{
	static const struct {
		struct limit from;
		__u64 rate;
		uint32_t period;
	} rows[] = {
		{ { .rate = 60, .period = 60 }, 1, 1 },
		{ { .rate = 5, .period = 60 }, 5, 60 },
		{ { .rate = 3600, .period = 3600 }, 1, 1 },
		{ { .rate = 120, .period = 3600 }, 2, 60 },
		{ { .rate = 86400, .period = 86400 }, 1, 1 },
		{ { .rate = 48, .period = 86400 }, 2, 3600 },
		{ { .rate = 7, .period = 86400 }, 7, 86400 },
		{ { .rate = 7, .period = 1 }, 7, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct limit limit = rows[i].from;

		limit_reduce(&limit);
		assert_int_equal(limit.rate, rows[i].rate);
		assert_int_equal(limit.period, rows[i].period);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),	    cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_byte_bursts), cmocka_unit_test(test_super_packets),
		cmocka_unit_test(test_years),	    cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_reduced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
