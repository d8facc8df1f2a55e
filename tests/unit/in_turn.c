/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* in_turn.c - packets whose verdict depends on those before: fragments of a datagram, what a limit has let through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../lib/frame.h"
#include "../lib/harness.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define MOST 8

/* Rules, and packets that come one after the other, each with what becomes of it. */
static const struct turn {
	const char *rules[MOST];
	struct {
		const char *packet;
		enum verdict verdict;
		enum reason reason;
	} packet[MOST];
} turns[] = {
	/* A later fragment follows its first where its own rule does not come before. */
	{ { "limit 1/d burst 1 proto udp dport 53", "drop proto udp" },
	  { { "eth ip4 id=1 mf udp dport=53 payload=16", VERDICT_PASS, REASON_OK },
	    { "eth ip4 id=1 frag=3 proto=17 payload=8", VERDICT_PASS, REASON_FRAGMENT },
	    { "eth ip4 id=2 mf udp dport=53 payload=16", VERDICT_DROP, REASON_LIMIT },
	    { "eth ip4 id=2 frag=3 proto=17 payload=8", VERDICT_DROP, REASON_LIMIT },
	    { "eth ip4 id=3 frag=3 proto=17 payload=8", VERDICT_PASS, REASON_EARLY } } },
	/* Where it does, what a limit did with the first is not its. */
	{ { "drop frag", "limit 1/d burst 1 proto udp" },
	  { { "eth ip4 id=1 mf udp payload=16", VERDICT_PASS, REASON_OK },
	    { "eth ip4 id=2 mf udp payload=16", VERDICT_DROP, REASON_LIMIT },
	    { "eth ip4 id=2 frag=3 proto=17 payload=8", VERDICT_DROP, REASON_RULE },
	    { "eth ip4 id=1 frag=3 proto=17 payload=8", VERDICT_DROP, REASON_RULE } } },
	/* One rate for all that a rule matches; one for each source is one for either family's. */
	{ { "limit 1/d burst 1 dport 2000" },
	  { { "eth ip4 udp", VERDICT_PASS, REASON_OK },
	    { "eth ip6 udp", VERDICT_DROP, REASON_LIMIT },
	    { "eth ip4 tcp", VERDICT_DROP, REASON_LIMIT } } },
	{ { "limit 1/d burst 1 per src/0/0 dport 2000" },
	  { { "eth ip4 udp", VERDICT_PASS, REASON_OK },
	    { "eth ip6 udp", VERDICT_PASS, REASON_OK },
	    { "eth ip6 tcp", VERDICT_DROP, REASON_LIMIT } } },
};

static struct harness harness;

/* The reasons' counter of one more packet than before. */
static uint64_t seen(enum hook_id hook, enum reason reason)
{
	struct snapshot s;
	uint64_t packets;

	assert_int_equal(harness_read(&harness, hook, &s, NULL), 0);
	packets = s.totals_count ? s.totals[0].seen[reason].packets : 0;
	snapshot_free(&s);
	return packets;
}

static void send(enum hook_id hook, const char *words, enum verdict verdict, enum reason reason)
{
	static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };
	const uint64_t before = seen(hook, reason);
	static struct frame frame;
	enum verdict got;
	uint32_t value;
	char why[96];
	size_t skip;

	assert_int_equal(frame_build(words, &frame, why, sizeof(why)), 0);
	skip = hook == HOOK_NF ? frame.network : 0;
	assert_int_equal(harness_run(&harness, entries[hook], frame.ethertype == 0x800 ? 4 : 6,
				     frame.bytes + skip, frame.len - skip, &got, &value),
			 0);
	if (got != verdict || seen(hook, reason) != before + 1)
		fail_msg("hook %d: %s: verdict %d, or not reason %d", hook, words, got, reason);
}

static void test_turns(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		const struct turn *t = &turns[i];
		struct fault fault = {};
		size_t rules = 0;

		while (rules < MOST && t->rules[rules])
			rules++;
		if (harness_rules(&harness, VERDICT_PASS, t->rules, rules, &fault) < 0)
			fail_msg("rules: %s", fault.message);
		assert_int_equal(harness_forget_fragments(&harness), 0);
		assert_int_equal(harness_clear_buckets(&harness), 0);
		for (int hook = 0; hook < HOOKS; hook++)
			for (size_t k = 0; k < MOST && t->packet[k].packet; k++)
				send(hook, t->packet[k].packet, t->packet[k].verdict,
				     t->packet[k].reason);
	}
}

/*
 * A limit that lets one packet of a few pass: the hooks where it does not charge what was charged below,
 * which is everywhere but at OUTPUT, unless interfaces may differ over its rules so far.
 */
static const struct {
	const char *rules[MOST];
	unsigned int once;
} belows[] = {
	{ { "limit 1/d burst 1 dport 2000" }, ON_XDP | ON_TC },
	{ { "drop dport 9", "limit 1/d burst 1 per src ttl 1-255 dscp 0" }, ON_XDP | ON_TC },
	{ { "pass in lo dport 9", "pass out lo dport 9", "limit 1/d burst 1 dport 2000" }, ON_XDP | ON_TC },
	{ { "pass vlan 7", "limit 1/d burst 1 dport 2000" }, 0 },
	{ { "pass vlan 7 hook tc", "limit 1/d burst 1 dport 2000" }, ON_XDP },
	{ { "pass mark 7", "limit 1/d burst 1 dport 2000" }, ON_XDP },
	{ { "limit 1/d burst 1 len 1-1000" }, 0 },
	{ { "drop ether src 00:00:00:00:00:01", "limit 1/d burst 1 dport 2000" }, 0 },
	{ { "audit vlan 0", "limit 1/d burst 1 dport 2000", "pass vlan 7" }, ON_XDP | ON_TC },
};

static void assert_charged(enum hook_id hook, bool charged)
{
	const enum verdict beyond = charged ? VERDICT_DROP : VERDICT_PASS;

	send(hook, "eth ip4 udp dport=2000", VERDICT_PASS, REASON_OK);
	send(hook, "eth ip4 udp dport=2000", beyond, charged ? REASON_LIMIT : REASON_OK);
	send(hook, "eth ip4 udp dport=2000", beyond, charged ? REASON_LIMIT : REASON_OK);
}

static void test_below(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(belows); i++)
		for (unsigned int hooks = 0; hooks <= ON_ALL; hooks++) {
			size_t rules = 0;

			while (rules < MOST && belows[i].rules[rules])
				rules++;
			assert_int_equal(harness_rules(&harness, VERDICT_PASS, belows[i].rules, rules, NULL), 0);
			assert_int_equal(harness_clear_buckets(&harness), 0);
			assert_int_equal(harness_below(&harness, hooks), 0);
			for (int hook = 0; hook < HOOKS; hook++)
				assert_charged(hook, !(belows[i].once & hooks & 1U << hook));
		}
	assert_int_equal(harness_below(&harness, 0), 0);
}

static int open_harness(void **state)
{
	struct fault fault = {};
	unsigned int cpu;
	int r = harness_open_alone((1 << HOOKS) - 1, 1024, &harness, &cpu, &fault);

	if (r < 0)
		print_error("%s\n", fault.message);
	return r;
}

static int close_harness(void **state)
{
	harness_close(&harness);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_turns), cmocka_unit_test(test_below) };

	return cmocka_run_group_tests(tests, open_harness, close_harness);
}
