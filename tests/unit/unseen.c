/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* unseen.c - what a device has sent against what TC egress saw pass, by how the device counts. */
#include <string.h>

#include "../../ctl/attach/unseen.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct attached attached = {
	.hook = HOOK_TC,
	.has_baseline = 1,
	.offload = OFFLOAD_ALL,
	.baseline = {.sent = 5000, .lost = 7, .errors = 1, .packets = 900, .extra = 40},
};

/* Since the baseline 100 frames passed, 10 of them super-packets of 11 segments; the device has sent so many. */
static struct unseen_reading reading(const char *driver, uint64_t sent)
{
	struct unseen_reading now = {
		.device = {.found = true, .sent = 5000 + sent, .errors = 1,
			   .before = {.lost = 7}, .after = {.lost = 7}},
		.offload = OFFLOAD_ALL,
		.before = {.packets = 900 + 200, .extra = 40 + 100, .apart = true},
	};

	strcpy(now.driver, driver);
	now.after = now.before;
	return now;
}

static void check(const struct unseen_reading *now, uint64_t frames)
{
	struct unseen_frames unseen;

	unseen_compare(&attached, now, &unseen);
	if (!unseen.known)
		print_error("%s\n", unseen.why);
	assert_true(unseen.known);
	assert_int_equal(unseen.frames, frames);
}

static void check_unknown(const struct attached *since, const struct unseen_reading *now,
			  const char *why)
{
	struct unseen_frames unseen;

	unseen_compare(since, now, &unseen);
	assert_false(unseen.known);
	if (!strstr(unseen.why, why))
		fail_msg("'%s', not '%s'", unseen.why, why);
}

static void test_counts(void **state)
{
	struct unseen_reading now = reading("veth", 100);

	check(&now, 0);
	now = reading("veth", 103);
	check(&now, 3);
	now = reading("ixgbe", 203);
	check(&now, 3);
	now = reading("ixgbe", 200);
	check(&now, 0);
	now = reading("veth", 99);
	check_unknown(&attached, &now, "counted 1 fewer");
	now = reading("strange", 103);
	check_unknown(&attached, &now, "not known how the device counts super-packets; at most 3");
	/* As many as there were frames at most: none is left for others, however it counts. */
	now = reading("strange", 100);
	check(&now, 0);
	/* Without super-packets all count alike. */
	now = reading("strange", 205);
	now.before.extra = now.after.extra = 40;
	check(&now, 5);
}

static void test_offloads(void **state)
{
	struct attached since = attached;
	struct unseen_reading now = reading("veth", 203);
	struct unseen_frames unseen;

	now.offload = OFFLOAD_NONE;
	check_unknown(&attached, &now, "offloads have changed: 'netctl attach' again begins anew; at most 103");
	since.offload = OFFLOAD_NONE;
	unseen_compare(&since, &now, &unseen);
	assert_true(unseen.known);
	assert_int_equal(unseen.frames, 3);
	now.offload = since.offload = OFFLOAD_SOME;
	check_unknown(&since, &now, "not known how");
	now = reading("veth", 103);
	now.device.cuts = true;
	check_unknown(&attached, &now, "not known how");
	now = reading("mlx5_core", 203);
	now.offload = OFFLOAD_SOME;
	check(&now, 3);
}

/* Dropped or waiting behind TC egress: of super-packets the segments are not known. */
static void test_lost(void **state)
{
	struct unseen_reading now = reading("veth", 90);

	now.device.before = now.device.after = (struct unsent){.lost = 7 + 6, .queued = 4};
	check(&now, 0);
	now.device.sent += 2;
	check(&now, 2);
	now = reading("ixgbe", 195);
	now.device.before.lost = now.device.after.lost += 2;
	check_unknown(&attached, &now, "super-packets were dropped");
	now.before.extra = now.after.extra = 40;
	now.device.sent += 5;
	check(&now, 2);
}

/* While frames are sent no figure is beyond what there was. */
static void test_traffic(void **state)
{
	struct unseen_reading now = reading("veth", 110);

	now.after.packets += 20;
	check(&now, 0);
	now.device.sent += 15;
	check(&now, 5);
	now.device.sent -= 30;
	check_unknown(&attached, &now, "counted 5 fewer");
	/* Three leave the queue while the device is read: no more than the others are unseen. */
	now = reading("veth", 98);
	now.device.before.queued = 4;
	now.device.after.queued = 1;
	check(&now, 0);
	now.device.sent += 6;
	check(&now, 5);
}

static void test_not_comparable(void **state)
{
	struct attached since = attached;
	struct unseen_reading now = reading("veth", 100);

	since.has_baseline = 0;
	check_unknown(&since, &now, "no count to begin with");
	now.device.sent = 10;
	check_unknown(&attached, &now, "began anew");
	now = reading("veth", 100);
	now.device.after.lost = 6;
	check_unknown(&attached, &now, "began anew");
	now = reading("veth", 100);
	now.device.errors++;
	check_unknown(&attached, &now, "errors");
	now = reading("veth", 100);
	now.behind = true;
	check_unknown(&attached, &now, "programs after netctl");
	now = reading("veth", 100);
	now.after.apart = false;
	check_unknown(&attached, &now, "(other)");
	now = reading("bonding", 100);
	check_unknown(&attached, &now, "ports");
	now.device.found = false;
	check_unknown(&attached, &now, "no counters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),	cmocka_unit_test(test_offloads),
		cmocka_unit_test(test_lost),	cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_not_comparable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
