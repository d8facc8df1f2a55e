/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* clock.c - the packet path's clocks as times of day: flows of years, any HZ, around 0 and wraps. */
#include "../../ctl/base/clock.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MS_NS 1000000ULL
#define SECOND_NS 1000000000ULL
#define DAY_NS (86400 * SECOND_NS)
#define YEAR_NS (365 * DAY_NS)

/* Jiffies begin five minutes before 32 bits are full. */
#define FIRST_JIFFIES(hz) ((uint64_t)(uint32_t)(-300 * (hz)))

static const unsigned int rates[] = {100, 250, 300, 1000};

static uint64_t tick_of(unsigned int hz)
{
	return (SECOND_NS + hz / 2) / hz;
}

/* Up for so long, with these jiffies when CLOCK_MONOTONIC was 0. */
static struct instant up(unsigned int hz, uint64_t at_zero, uint64_t ns)
{
	struct instant now = {
		.tick_ns = tick_of(hz),
		.jiffies = at_zero + ns / tick_of(hz),
		.start = 1700000000ULL * SECOND_NS,
	};

	now.realtime = now.start + ns;
	now.offset = now.start - at_zero * now.tick_ns;
	return now;
}

/* What was seen so long after the start has that time, whatever its age. */
static void check_since(unsigned int hz, uint64_t at_zero, uint64_t uptime, uint64_t since)
{
	const struct instant now = up(hz, at_zero, uptime);
	const uint64_t ticks = since / now.tick_ns, when = now.start + ticks * now.tick_ns;

	assert_int_equal(clock_realtime_jiffies(&now, at_zero + ticks), when);
	assert_int_equal(clock_realtime_monotonic(&now, since), now.start + since);
}

static void test_years(void **state)
{
	static const uint64_t since[] = {0, 1, SECOND_NS, 99 * DAY_NS, 199 * DAY_NS, YEAR_NS, 8 * YEAR_NS};

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		for (size_t j = 0; j < ARRAY_SIZE(since); j++) {
			check_since(rates[i], FIRST_JIFFIES(rates[i]), 8 * YEAR_NS, since[j]);
			check_since(rates[i], FIRST_JIFFIES(rates[i]), since[j], since[j]);
			check_since(rates[i], 0, 8 * YEAR_NS, since[j]);
			check_since(rates[i], -1000ULL, 8 * YEAR_NS, since[j]); /* wraps at once */
		}
}

/* A flow's first comes before its last, however long it lives. */
static void test_order(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		const uint64_t zero = FIRST_JIFFIES(rates[i]);
		const struct instant now = up(rates[i], zero, 20 * YEAR_NS);
		uint64_t before = 0;

		for (uint64_t ns = 0; ns <= 20 * YEAR_NS; ns += YEAR_NS / 4) {
			uint64_t jiffies = clock_realtime_jiffies(&now, zero + ns / now.tick_ns);
			uint64_t monotonic = clock_realtime_monotonic(&now, ns);

			assert_true(jiffies > before && jiffies <= now.realtime);
			assert_true(monotonic - jiffies < now.tick_ns);
			before = jiffies;
		}
	}
}

/* Seen before CLOCK_MONOTONIC was 0, and a moment after "now" was read. */
static void test_edges(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		const uint64_t zero = FIRST_JIFFIES(rates[i]);
		const struct instant now = up(rates[i], zero, DAY_NS);

		assert_int_equal(clock_realtime_jiffies(&now, zero - 3), now.start - 3 * now.tick_ns);
		assert_int_equal(clock_realtime_monotonic(&now, -5ULL), now.start - 5);
		assert_int_equal(clock_realtime_jiffies(&now, now.jiffies + 2), now.realtime);
		assert_int_equal(clock_realtime_monotonic(&now, DAY_NS + 1), now.realtime);
	}
}

/* The same moment by the clock that runs here: jiffies and nanoseconds say the same, to the tick. */
static void test_now(void **state)
{
	const struct clock clock = {.tick_ns = 4 * MS_NS, .jiffies_at_zero = FIRST_JIFFIES(250)};
	struct instant now;
	uint64_t ns;

	clock_now(&clock, &now);
	ns = (now.jiffies - clock.jiffies_at_zero) * clock.tick_ns;
	assert_int_equal(clock_realtime_jiffies(&now, now.jiffies), clock_realtime_monotonic(&now, ns));
	assert_true(now.realtime - clock_realtime_jiffies(&now, now.jiffies) <= 5 * MS_NS);
	assert_int_equal(now.start % MS_NS, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_years),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
