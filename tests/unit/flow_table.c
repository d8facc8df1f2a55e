/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_table.c - the flow table at its smallest, one group a CPU: keys apart, counts exact, evictions closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../lib/harness.h"
#include "../lib/frame.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

static struct harness harness;
static struct frame frame;

static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };

/* Build a packet and run it at a hook; its verdict. */
static enum verdict __attribute__((format(printf, 3, 4)))
run(enum hook_id hook, unsigned int times, const char *format, ...)
{
	enum verdict verdict = VERDICTS;
	char words[256], why[256];
	size_t skip;
	uint32_t value;
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	assert_int_equal(frame_build(words, &frame, why, sizeof(why)), 0);
	skip = hook == HOOK_NF ? frame.network : 0;
	assert_int_equal(harness_repeat(&harness, entries[hook], frame.ethertype == 0x0800 ? 4 : 6,
					frame.bytes + skip, frame.len - skip, times, &verdict,
					&value),
			 0);
	return verdict;
}

static size_t length_at(enum hook_id hook)
{
	return frame.len - (hook == HOOK_NF ? frame.network : 0);
}

static void put_rules(const char *const *rules, size_t count)
{
	struct fault fault = {};
	int r = harness_rules(&harness, VERDICT_PASS, rules, count, &fault);

	if (r < 0)
		fail_msg("rules: %s", fault.message);
}

/* The caller frees. The totals are those of all flows and closed counters. */
static void read_all(enum hook_id hook, struct snapshot *ret, uint64_t packets, uint64_t bytes)
{
	const struct iface_totals *t;
	uint64_t sum_packets = 0, sum_bytes = 0;

	assert_int_equal(harness_read(&harness, hook, ret, NULL), 0);
	assert_int_equal(ret->totals_count, 1);
	t = ret->totals;
	for (int i = 0; i < VERDICTS; i++) {
		sum_packets += t->verdict[i].packets;
		sum_bytes += t->verdict[i].bytes;
		assert_int_equal(t->live[i].packets + t->closed[i].packets, t->verdict[i].packets);
		assert_int_equal(t->live[i].bytes + t->closed[i].bytes, t->verdict[i].bytes);
	}
	assert_int_equal(sum_packets, packets);
	assert_int_equal(sum_bytes, bytes);
}

/* In 100 rounds of 8 flows some two have tags of 7 bits alike, whatever the seed. */
static void keys_stay_apart_at(enum hook_id hook, const char *family)
{
	struct snapshot snapshot;
	size_t len;

	for (unsigned int round = 0; round < 100; round++) {
		harness_clear(&harness, hook);
		for (unsigned int i = 0; i < 2 * WAYS; i++)
			run(hook, 1, "eth %s udp sport=%u dport=%u", family, round + 1,
			    i % WAYS + 1);
		len = length_at(hook);
		read_all(hook, &snapshot, 2 * WAYS, 2 * WAYS * len);
		assert_int_equal(snapshot.flow_count, WAYS);
		for (size_t i = 0; i < snapshot.flow_count; i++) {
			assert_int_equal(flow_count(&snapshot.flows[i]).packets, 2);
			assert_int_equal(flow_count(&snapshot.flows[i]).bytes, 2 * len);
		}
		snapshot_free(&snapshot);
	}
}

static void keys_stay_apart(void **state)
{
	for (int hook = 0; hook < HOOKS; hook++) {
		keys_stay_apart_at(hook, "ip4");
		keys_stay_apart_at(hook, "ip6");
	}
}

/* New flows of one packet each push one another out, never the flow that goes on. */
static void flood_at(enum hook_id hook, const char *family)
{
	enum { FLOOD = 3000 };
	const struct flow *steady = NULL;
	struct snapshot snapshot;
	uint64_t packets = 2;
	size_t len;

	harness_clear(&harness, hook);
	run(hook, 2, "eth %s udp sport=65535 dport=65535", family);
	for (unsigned int i = 0; i < FLOOD; i++, packets++) {
		run(hook, 1, "eth %s udp sport=%u dport=7", family, i);
		if (i % 3)
			continue;
		run(hook, 1, "eth %s udp sport=65535 dport=65535", family);
		packets++;
	}
	len = length_at(hook);
	read_all(hook, &snapshot, packets, packets * len);
	assert_int_equal(snapshot.flow_count, WAYS);
	for (size_t i = 0; i < snapshot.flow_count; i++)
		if (snapshot.flows[i].dport == 65535)
			steady = &snapshot.flows[i];
	assert_non_null(steady);
	assert_int_equal(flow_count(steady).packets, packets - FLOOD);
	assert_int_equal(snapshot.region[hook].inserted, FLOOD + 1);
	assert_int_equal(snapshot.region[hook].evicted, FLOOD + 1 - WAYS);
	assert_int_equal(snapshot.unlisted[hook].packets, 0);
	snapshot_free(&snapshot);
}

static void flood_evicts_itself(void **state)
{
	for (int hook = 0; hook < HOOKS; hook++) {
		flood_at(hook, "ip4");
		flood_at(hook, "ip6");
	}
}

/* One flow, packets that the rules tell apart by what is not in its key. */
static void verdicts_differ_within_a_flow(void **state)
{
	static const char *const rules[] = { "drop flags syn", "drop proto udp len 128-200" };
	struct snapshot snapshot;

	put_rules(rules, ARRAY_SIZE(rules));
	for (int hook = 0; hook < HOOKS; hook++) {
		harness_clear(&harness, hook);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(run(hook, 1, "eth ip4 tcp flags=A"), VERDICT_PASS);
			assert_int_equal(run(hook, 1, "eth ip4 tcp flags=S"), VERDICT_DROP);
			assert_int_equal(run(hook, 1, "eth ip4 tcp flags=RA"), VERDICT_PASS);
			assert_int_equal(run(hook, 1, "eth ip6 udp payload=79"), VERDICT_PASS);
			assert_int_equal(run(hook, 1, "eth ip6 udp payload=80"), VERDICT_DROP);
			assert_int_equal(run(hook, 1, "eth ip6 udp payload=152"), VERDICT_DROP);
			assert_int_equal(run(hook, 1, "eth ip6 udp payload=153"), VERDICT_PASS);
		}
		assert_int_equal(harness_read(&harness, hook, &snapshot, NULL), 0);
		assert_int_equal(snapshot.flow_count, 2);
		assert_int_equal(flow_count(&snapshot.flows[0]).packets + flow_count(&snapshot.flows[1]).packets,
				 21);
		assert_int_equal(snapshot.rules[1].packets, 3);
		assert_int_equal(snapshot.rules[2].packets, 6);
		snapshot_free(&snapshot);
	}
	put_rules(NULL, 0);
}

/* More packets and bytes than the word they are first counted in holds. */
static void counts_do_not_overflow(void **state)
{
	enum { TIMES = 1300000 };
	struct snapshot snapshot;
	uint64_t bytes;

	for (int hook = 0; hook < HOOKS; hook++) {
		harness_clear(&harness, hook);
		run(hook, TIMES, "eth ip4 udp payload=3500");
		bytes = (uint64_t)TIMES * length_at(hook);
		read_all(hook, &snapshot, TIMES, bytes);
		assert_int_equal(snapshot.flow_count, 1);
		assert_int_equal(flow_count(&snapshot.flows[0]).packets, TIMES);
		assert_int_equal(flow_count(&snapshot.flows[0]).bytes, bytes);
		snapshot_free(&snapshot);
	}
}

static int open_hooks(void **state)
{
	struct fault fault = {};
	unsigned int cpu;
	int r = harness_open_alone((1 << HOOKS) - 1, WAYS, &harness, &cpu, &fault);

	if (r < 0)
		print_error("%s\n", fault.message);
	return r;
}

static int close_hooks(void **state)
{
	harness_close(&harness);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_stay_apart),
		cmocka_unit_test(flood_evicts_itself),
		cmocka_unit_test(verdicts_differ_within_a_flow),
		cmocka_unit_test(counts_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, open_hooks, close_hooks);
}
