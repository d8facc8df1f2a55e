/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* eviction.c - which flow makes room for a new one in a full group, and when none does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "../../ctl/base/util.h"
#include "../lib/native_path.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define FIN 1

static const int families[] = { 4, 6 };
static struct expected expected;

/* A packet of each flow, a tick apart; the rules stay as they are. */
static void send(int first, int count)
{
	for (int i = 0; i < count; i++) {
		path_run(&(struct op){ first + i, false }, &expected);
		path_tick();
	}
}

/* The full group of flows 0 to 7, a packet each, under rules that pass. */
static void begin(int family)
{
	path_reset(family, &expected);
	path_run(&(struct op){ 0, true }, &expected);
	path_tick();
	send(1, WAYS - 1);
}

static void assert_listed(int first, int count)
{
	for (int i = 0; i < count; i++)
		assert_true(path_listed(first + i));
	assert_null(path_check(&expected));
}

/* Of flows of one packet the one goes that came first, round after round. */
static void single_flows_go_in_turn(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		begin(families[i]);
		for (int flow = WAYS; flow < 5 * WAYS; flow++) {
			assert_true(path_listed(flow - WAYS));
			send(flow, 1);
			assert_false(path_listed(flow - WAYS));
			assert_listed(flow - WAYS + 1, WAYS);
		}
		assert_int_equal(path_region()->evicted, 4 * WAYS);
	}
}

/* However many come, those of more than one packet stay. */
static void others_stay(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		begin(families[i]);
		send(2, 4);
		send(WAYS, 50);
		assert_listed(2, 4);
		assert_listed(WAYS + 46, 4);
		/* And those that get a second one meanwhile. */
		send(WAYS + 47, 1);
		send(WAYS + 50, 50);
		assert_listed(WAYS + 47, 1);
		assert_listed(2, 4);
		assert_listed(WAYS + 97, 3);
	}
}

/* Without flows of one packet: ended TCP first, then the one that was seen longest ago. */
static void longest_idle_goes(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		begin(families[i]);
		send(0, WAYS);
		path_flags(FIN);
		send(5, 1);
		path_flags(0);
		send(1, 1);
		send(WAYS, 1);
		assert_false(path_listed(5));
		send(WAYS, 1); /* it stays, too */
		send(WAYS + 1, 1);
		assert_false(path_listed(0));
		send(WAYS + 1, 1);
		send(WAYS + 2, 1);
		assert_false(path_listed(2));
		assert_listed(WAYS, 3);
		assert_listed(1, 1);
		assert_listed(3, 2);
		assert_listed(6, 2);
	}
}

/* What the rules drop closes no more flows in a tick than it may; free ways it takes. */
static void drops_evict_little(void **state)
{
	enum { FLOOD = 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		path_reset(families[i], &expected);
		for (int flow = 0; flow < WAYS + FLOOD; flow++)
			path_run(&(struct op){ flow, false }, &expected);
		assert_int_equal(path_region()->inserted, WAYS + DROP_ENTRIES);
		assert_int_equal(path_region()->evicted, DROP_ENTRIES);
		assert_int_equal(path_region()->unlisted.half[0].packets, FLOOD - DROP_ENTRIES);
		assert_listed(DROP_ENTRIES, WAYS);
		path_tick();
		send(5000, 1);
		assert_listed(5000, 1);
		assert_int_equal(path_region()->evicted, DROP_ENTRIES + 1);
		/* Of what passes each is listed. */
		path_run(&(struct op){ 6000, true }, &expected);
		for (int flow = 6001; flow < 6000 + FLOOD; flow++)
			path_run(&(struct op){ flow, false }, &expected);
		assert_listed(6000 + FLOOD - WAYS, WAYS);
		assert_int_equal(path_region()->unlisted.half[0].packets, FLOOD - DROP_ENTRIES);
	}
}

static int open_path(void **state)
{
	return path_open();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_flows_go_in_turn),
		cmocka_unit_test(others_stay),
		cmocka_unit_test(longest_idle_goes),
		cmocka_unit_test(drops_evict_little),
	};

	return cmocka_run_group_tests(tests, open_path, NULL);
}
