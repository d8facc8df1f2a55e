/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation.c - conversations made of flows, and how they are sorted. */
#include <stdio.h>
#include <string.h>

#include "../../ctl/stats/conversation.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct flow flow(enum hook_id hook, uint32_t ifindex, uint32_t src, uint16_t sport,
			uint32_t dst, uint16_t dport, uint64_t packets)
{
	return (struct flow){
		.hook = hook,
		.ifindex = ifindex,
		.family = 4,
		.protocol = 17,
		.src.lo = src,
		.dst.lo = dst,
		.sport = sport,
		.dport = dport,
		.passed = { packets, packets * 100 },
		.first = 1000000000,
		.last = 3000000000,
	};
}

static struct conversation *make_of(struct flow *flows, size_t count, uint32_t ifindex,
				    const uint32_t *tc, size_t tc_count, size_t *ret_count)
{
	struct snapshot s = { .flows = flows, .flow_count = count };
	const struct flow_filter filter = { .ifindex = ifindex };
	const struct stack stack = {};
	struct attached attached[2] = {};
	const struct surroundings around = { &stack, attached, tc_count };
	struct conversation *list;

	for (size_t i = 0; i < tc_count; i++)
		attached[i] = (struct attached){ .ifindex = tc[i], .hook = HOOK_TC };
	assert_int_equal(conversations_make(&s, &filter, &around, &list, ret_count), 0);
	return list;
}

static struct conversation *make(struct flow *flows, size_t count, const uint32_t *tc,
				 size_t tc_count, size_t *ret_count)
{
	return make_of(flows, count, 0, tc, tc_count, ret_count);
}

/* Received at XDP; sent at TC, where OUTPUT has seen the same packets. */
static void test_directions(void **state)
{
	struct flow flows[] = {
		flow(HOOK_XDP, 2, 20, 53, 10, 999, 4),
		flow(HOOK_TC, 2, 10, 999, 20, 53, 5),
		flow(HOOK_NF, 2, 10, 999, 20, 53, 5),
	};
	const uint32_t tc[] = { 2 };
	size_t count;
	autofree struct conversation *c = make(flows, 3, tc, 1, &count);

	assert_int_equal(count, 1);
	assert_int_equal(c->local.lo, 10);
	assert_int_equal(c->local_port, 999);
	assert_int_equal(c->peer_port, 53);
	assert_int_equal(c->tx.passed.packets, 5);
	assert_int_equal(c->rx.passed.packets, 4);
	assert_int_equal(c->sent_hook, HOOK_TC);
	conversations_average(c, count);
	assert_int_equal(c->tx_rate, 5 * 100 * 8 / 2);
	assert_int_equal(c->rx_rate, 4 * 100 * 8 / 2);
}

/* Flows of years, of exabytes, and one whose times are the wrong way round. */
static void test_rates(void **state)
{
	const uint64_t year = 365 * 86400 * 1000000000ULL;
	struct conversation c[] = {
		{.first = 1, .last = 1 + 30 * year, .tx.passed.bytes = 30 * (year / 1000000000) * 125},
		{.first = year, .last = 21 * year, .tx.passed.bytes = UINT64_MAX, .rx.passed.bytes = 1},
		{.first = year, .last = year, .tx.passed.bytes = UINT64_MAX, .rx.passed.bytes = 3},
		{.first = 2 * year, .last = year, .tx.passed.bytes = 1000},
	};

	conversations_average(c, 4);
	assert_int_equal(c[0].tx_rate, 1000);
	assert_int_equal(c[1].tx_rate, 233976966942); /* 2^67 bits in 630720000 seconds */
	assert_int_equal(c[1].rx_rate, 0);
	assert_int_equal(c[2].tx_rate, INT64_MAX);
	assert_int_equal(c[2].rx_rate, 24);
	assert_int_equal(c[3].tx_rate, 8000);
}

static void test_output_alone(void **state)
{
	struct flow flows[] = { flow(HOOK_NF, 2, 10, 999, 20, 53, 5),
				flow(HOOK_NF, 3, 10, 1, 20, 2, 6) };
	const uint32_t tc[] = { 2 };
	size_t count;
	autofree struct conversation *c = make(flows, 2, tc, 1, &count);

	/* What passed on interface 2 is TC's to count. */
	assert_int_equal(count, 1);
	assert_int_equal(c->ifindex, 3);
	assert_int_equal(c->tx.passed.packets, 6);
	assert_int_equal(c->sent_hook, HOOK_NF);
}

static void test_output_drop(void **state)
{
	struct flow flows[] = { flow(HOOK_NF, 2, 10, 999, 20, 53, 1),
				flow(HOOK_TC, 2, 10, 999, 20, 53, 2) };
	const uint32_t tc[] = { 2 };
	size_t count;

	flows[0].dropped = (struct count){ 5, 500 };
	flows[0].verdict = VERDICT_DROP;
	flows[0].reason = REASON_RULE;
	flows[0].slot = 7;
	flows[1].last++; /* the drop weighs more, though older */
	for (size_t n = 1; n <= 2; n++) {
		autofree struct conversation *c = make(flows, n, tc, 1, &count);

		assert_int_equal(count, 1);
		assert_int_equal(c->verdict, VERDICT_DROP);
		assert_int_equal(c->reason, REASON_RULE);
		assert_int_equal(c->slot, 7);
		assert_int_equal(c->tx.dropped.packets, 5);
		assert_int_equal(c->tx.passed.packets, n == 1 ? 0 : 2);
		assert_int_equal(c->sent_hook, n == 1 ? HOOK_NF : HOOK_TC);
	}
}

/* What a rule passed, as within the rate of a limit, is told even where the other direction had the last packet. */
static void test_pass_of_a_rule(void **state)
{
	struct flow flows[] = { flow(HOOK_XDP, 2, 20, 53, 10, 999, 1),
				flow(HOOK_TC, 2, 10, 999, 20, 53, 2) };
	size_t count;

	flows[0].slot = 7;
	flows[1].last++;
	for (int audited = 0; audited <= 1; audited++) {
		flows[1].audit = audited ? 8 : 0; /* weighs more */
		autofree struct conversation *c = make(flows, 2, NULL, 0, &count);

		assert_int_equal(count, 1);
		assert_int_equal(c->slot, audited ? 0 : 7);
		assert_int_equal(c->audit, flows[1].audit);
	}
}

/* TC comes when OUTPUT has counted the flow for long, drops, passes, and goes: nothing falls, nor stands still. */
static void test_tc_comes_and_goes(void **state)
{
	static const struct {
		uint64_t output, dropped, passed; /* at TC */
		bool there;
	} steps[] = { { 5, 0, 0, false }, { 5, 0, 0, true },  { 6, 1, 0, true },
		      { 8, 1, 2, true },  { 9, 2, 2, false }, { 12, 2, 2, false } };
	const struct stack stack = {};
	const struct attached attached = { .ifindex = 2, .hook = HOOK_TC, .since = 2000000000 };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct flow flows[] = { flow(HOOK_NF, 2, 10, 999, 20, 53, steps[i].output),
					flow(HOOK_TC, 2, 10, 999, 20, 53, steps[i].passed) };
		struct snapshot s = { .flows = flows, .flow_count = steps[i].passed ? 2 : 1 };
		const struct surroundings around = { &stack, &attached, steps[i].there };
		autofree struct conversation *c = NULL;
		size_t count;

		if (steps[i].dropped)
			s.flow_count = 2;
		flows[1].first = attached.since;
		flows[1].passed.bytes += 14 * steps[i].passed;
		flows[1].dropped = (struct count){ steps[i].dropped, steps[i].dropped * 114 };
		assert_int_equal(conversations_make(&s, &(struct flow_filter){}, &around, &c, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(c->tx.passed.packets, steps[i].output - steps[i].dropped);
		assert_int_equal(c->tx.passed.bytes, 100 * (steps[i].output - steps[i].dropped));
		assert_int_equal(c->tx.dropped.packets, steps[i].dropped);
		assert_int_equal(c->sent_hook, HOOK_NF);
	}
}

/* What was sent never falls, whatever the verdict at either hook: dropped at both, passed at TC. */
static void test_verdicts_change(void **state)
{
	struct flow flows[] = { flow(HOOK_NF, 2, 10, 999, 20, 53, 0),
				flow(HOOK_TC, 2, 10, 999, 20, 53, 0) };
	const uint32_t tc[] = { 2 };
	uint64_t sent = 0, before = 0;
	size_t count;

	for (int i = 0; i < 40; i++) {
		const bool output_drops = i % 4 == 1, tc_drops = i % 3 == 1;
		struct count *at_output = output_drops ? &flows[0].dropped : &flows[0].passed;
		struct count *at_tc = tc_drops ? &flows[1].dropped : &flows[1].passed;
		autofree struct conversation *c = NULL;

		at_output->packets++;
		at_output->bytes += 86;
		flows[0].verdict = output_drops ? VERDICT_DROP : VERDICT_PASS;
		if (!output_drops) {
			at_tc->packets++;
			at_tc->bytes += 100;
			flows[1].verdict = tc_drops ? VERDICT_DROP : VERDICT_PASS;
		}
		c = make(flows, 2, tc, 1, &count);
		assert_int_equal(tally_sum(&c->tx).packets, ++sent);
		assert_true(tally_sum(&c->tx).bytes > before);
		assert_int_equal(c->tx.passed.packets, flows[1].passed.packets);
		before = tally_sum(&c->tx).bytes;
	}
}

/* From interface 2 to interface 3 and back: one row, on the interface the first packet left by. */
static void test_forwarded(void **state)
{
	struct flow flows[] = {
		flow(HOOK_XDP, 2, 10, 1, 20, 2, 5),
		flow(HOOK_TC, 3, 10, 1, 20, 2, 5),
		flow(HOOK_XDP, 3, 20, 2, 10, 1, 4),
		flow(HOOK_TC, 2, 20, 2, 10, 1, 4),
	};
	const uint32_t tc[] = { 2, 3 };
	size_t count;

	flows[2].first++;
	flows[3].first++;
	for (size_t n = 2; n <= 4; n++) {
		autofree struct conversation *c = make(flows, n, tc, 2, &count);

		assert_int_equal(count, 1);
		assert_int_equal(c->ifindex, 3);
		assert_int_equal(c->local.lo, 10);
		assert_int_equal(c->tx.passed.packets, 5);
		assert_int_equal(c->rx.passed.packets, n > 2 ? 4 : 0);
	}
}

/* Asked for one interface, it is shown there, whichever leads. */
static void test_forwarded_filter(void **state)
{
	struct flow flows[] = { flow(HOOK_XDP, 2, 10, 1, 20, 2, 5),
				flow(HOOK_TC, 3, 10, 1, 20, 2, 5) };
	const uint32_t tc[] = { 2, 3 };

	for (uint32_t ifindex = 2; ifindex <= 3; ifindex++) {
		size_t count;
		autofree struct conversation *c = make_of(flows, 2, ifindex, tc, 2, &count);

		assert_int_equal(count, 1);
		assert_int_equal(c->ifindex, ifindex);
		assert_int_equal(ifindex == 2 ? c->rx.passed.packets : c->tx.passed.packets, 5);
	}
}

static void test_icmp(void **state)
{
	struct flow flows[] = {
		flow(HOOK_TC, 2, 10, 77, 20, 8 << 8, 3),
		flow(HOOK_XDP, 2, 20, 77, 10, 0, 2),
	};
	size_t count;
	struct conversation *c;

	flows[0].protocol = flows[1].protocol = 1;
	c = make(flows, 2, NULL, 0, &count);
	assert_int_equal(count, 1);
	assert_int_equal(c->type, 8 << 8);
	assert_int_equal(c->tx.passed.packets, 3);
	assert_int_equal(c->rx.passed.packets, 2);
	free(c);
}

/* The conversations before are in the order in which they were shown. */
static void test_interval(void **state)
{
	struct flow flows[] = { flow(HOOK_XDP, 2, 20, 53, 10, 999, 4),
				flow(HOOK_XDP, 2, 21, 53, 10, 999, 4),
				flow(HOOK_XDP, 2, 22, 53, 10, 999, 4) };
	const struct conversation_sort shown = { .keys = { SORT_PEER },
						 .count = 1,
						 .reverse = true };
	size_t count, before_count;
	autofree struct conversation *before = make(flows, 2, NULL, 0, &before_count);
	struct conversation *c;

	conversations_sort(before, before_count, &shown);
	flows[0].passed.bytes += 1000;
	c = make(flows, 3, NULL, 0, &count);
	conversations_interval(c, count, before, before_count, 500000000);
	assert_int_equal(c[0].rx_rate, 16000);
	assert_int_equal(c[1].rx_rate, 0);
	assert_int_equal(c[2].rx_rate, 400 * 8 * 2); /* new: all of it */
	free(c);
}

static void test_sort(void **state)
{
	struct flow flows[] = {
		flow(HOOK_XDP, 2, 20, 53, 10, 999, 4),
		flow(HOOK_XDP, 2, 21, 53, 10, 999, 6),
		flow(HOOK_XDP, 2, 22, 53, 10, 999, 5),
	};
	struct fault fault = {};
	struct conversation_sort sort = {};
	size_t count;
	autofree struct conversation *c = make(flows, 3, NULL, 0, &count);

	conversations_sort(c, count, &sort);
	assert_int_equal(c[0].peer.lo, 21);
	assert_int_equal(c[2].peer.lo, 20);
	assert_int_equal(conversation_sort_parse("proto,peer", &sort, NULL), 0);
	conversations_sort(c, count, &sort);
	assert_int_equal(c[0].peer.lo, 20);
	sort.reverse = true;
	conversations_sort(c, count, &sort);
	assert_int_equal(c[0].peer.lo, 22);
	assert_true(conversation_sort_parse("bytes,", &sort, &fault) < 0);
	assert_true(conversation_sort_parse("bite", &sort, &fault) < 0);
	assert_true(conversation_sort_parse("", &sort, &fault) < 0);
	assert_non_null(strstr(fault.message, "''"));
	assert_int_equal(fault.code, EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_output_alone),
		cmocka_unit_test(test_output_drop),
		cmocka_unit_test(test_pass_of_a_rule),
		cmocka_unit_test(test_tc_comes_and_goes),
		cmocka_unit_test(test_verdicts_change),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_forwarded_filter),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
