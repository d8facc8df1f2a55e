/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_entries.c - one flow whose packets the rules tell apart: it has an entry for each outcome, which knows
 * the classes it has judged, and counts are exact whatever happens to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../lib/frame.h"
#include "../lib/harness.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define MOST_RULES 64
#define MOST_ENTRIES 3 /* of one flow: FLOW_ENTRIES */
#define IP_HEADER 20
#define TCP_HEADER 20
#define STEP 40 /* bytes from a class of lengths to the next */

static struct harness harness;
static unsigned int cpu;

static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };

/* The names of the TCP flags of a set, the lowest bit first. */
static const char *set_names(unsigned int set, const char *const names[5], const char *between)
{
	static char text[64];
	size_t at = 0;

	for (unsigned int i = 0; i < 5; i++)
		if ((set + 1) >> i & 1)
			at += snprintf(text + at, sizeof(text) - at, "%s%s", at ? between : "",
				       names[i]);
	return text;
}

/* A ruleset that tells so many lengths and sets of TCP flags apart, after the rules given. */
static void put_rules(unsigned int lengths, unsigned int sets, const char *const *own, size_t count)
{
	static char texts[MOST_RULES][96];
	const char *rules[MOST_RULES];
	struct fault fault = {};

	memcpy(rules, own, count * sizeof(*own));
	for (unsigned int i = 1; i < lengths; i++, count++) {
		snprintf(texts[count], sizeof(texts[count]), "drop dst 198.51.100.1 len 0-%u",
			 IP_HEADER + TCP_HEADER + i * STEP - 1);
		rules[count] = texts[count];
	}
	for (unsigned int i = 1; i < sets; i++, count++) {
		snprintf(texts[count], sizeof(texts[count]),
			 "drop dst 198.51.100.1 proto tcp flags %s/all",
			 set_names(i, (const char *[]){ "fin", "syn", "rst", "psh", "ack" }, "+"));
		rules[count] = texts[count];
	}
	if (harness_rules(&harness, VERDICT_PASS, rules, count, &fault) < 0)
		fail_msg("rules: %s", fault.message);
}

/* One packet of the flow: its bytes at the hook. */
static size_t send(enum hook_id hook, unsigned int length, unsigned int set)
{
	static struct frame frame;
	enum verdict verdict;
	char words[96], why[96];
	uint32_t value;
	size_t skip;

	snprintf(words, sizeof(words), "eth ip4 tcp flags=%s payload=%u",
		 set_names(set, (const char *[]){ "F", "S", "R", "P", "A" }, ""), length * STEP);
	assert_int_equal(frame_build(words, &frame, why, sizeof(why)), 0);
	skip = hook == HOOK_NF ? frame.network : 0;
	assert_int_equal(harness_run(&harness, entries[hook], 4, frame.bytes + skip,
				     frame.len - skip, &verdict, &value),
			 0);
	return frame.len - skip;
}

/* How often an entry of the flow was written, not just counted into: once a packet that was judged. */
static unsigned int judged(enum hook_id hook)
{
	const struct flow4_group *group =
		(struct flow4_group *)harness.memory[hook][MAP_FLOW4].at + cpu;
	unsigned int sum = 0;

	for (int way = 0; way < WAYS; way++)
		sum += PENDING_INC(group->way[way].state.pending) / 2;
	return sum;
}

struct sent {
	uint64_t packets, bytes, lengths[64];
};

/* A packet of each class, "times" times over. */
static void send_rounds(enum hook_id hook, unsigned int lengths, unsigned int sets,
			unsigned int times, struct sent *sent)
{
	for (unsigned int i = 0; i < lengths * sets * times; i++) {
		sent->bytes += send(hook, i % lengths, i / lengths % sets);
		sent->packets++;
		sent->lengths[i % lengths]++;
	}
}

/* The flow is one row with all packets, has so many entries, and live and closed are the totals. */
static void check(enum hook_id hook, const struct sent *sent, unsigned int most_entries)
{
	uint64_t packets = 0, bytes = 0;
	struct snapshot s;

	assert_int_equal(harness_read(&harness, hook, &s, NULL), 0);
	assert_int_equal(s.flow_count, 1);
	assert_in_range(s.entries[hook], 1, most_entries);
	assert_int_equal(flow_count(&s.flows[0]).packets, sent->packets);
	assert_int_equal(flow_count(&s.flows[0]).bytes, sent->bytes);
	assert_int_equal(s.totals_count, 1);
	for (int v = 0; v < VERDICTS; v++) {
		const struct iface_totals *t = &s.totals[0];

		assert_int_equal(t->live[v].packets + t->closed[v].packets, t->verdict[v].packets);
		assert_int_equal(t->live[v].bytes + t->closed[v].bytes, t->verdict[v].bytes);
		packets += t->verdict[v].packets;
		bytes += t->verdict[v].bytes;
	}
	assert_int_equal(packets, sent->packets);
	assert_int_equal(bytes, sent->bytes);
	snapshot_free(&s);
}

/* As many classes as have room in an entry's word are judged once each; all are in one entry. */
static void one_outcome_is_one_entry(void **state)
{
	static const struct {
		unsigned int lengths, sets;
		bool room;
	} cases[] = { { 2, 1, true }, { 8, 1, true }, { 20, 2, true }, { 32, 2, true }, { 25, 20, false } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int lengths = cases[i].lengths, sets = cases[i].sets;

		put_rules(lengths, sets, NULL, 0);
		for (int hook = 0; hook < HOOKS; hook++) {
			struct sent sent = {};
			unsigned int before;

			harness_clear(&harness, hook);
			send_rounds(hook, lengths, sets, 1, &sent);
			before = judged(hook);
			assert_int_equal(before, lengths * sets);
			send_rounds(hook, lengths, sets, 3, &sent);
			if (cases[i].room)
				assert_int_equal(judged(hook), before);
			check(hook, &sent, 1);
		}
	}
}

/* Of 640 classes an entry knows eight at a time, such as neighbours are. */
static void few_of_many_classes_are_known(void **state)
{
	put_rules(32, 20, NULL, 0);
	for (int hook = 0; hook < HOOKS; hook++) {
		struct sent sent = {};

		harness_clear(&harness, hook);
		send_rounds(hook, 1, 8, 5, &sent);
		assert_int_equal(judged(hook), 8);
		check(hook, &sent, 1);
	}
}

static uint64_t rule_packets(enum hook_id hook, unsigned int slot)
{
	struct snapshot s;
	uint64_t packets;

	assert_int_equal(harness_read(&harness, hook, &s, NULL), 0);
	packets = s.rules[slot].packets;
	snapshot_free(&s);
	return packets;
}

/* Rules by turns: an entry each, up to the most a flow may have; beyond, outcomes move among them. */
static void outcomes_have_entries(void **state)
{
	static const char *const own[] = { "drop dst 192.0.2.2 len 0-79", "pass dst 192.0.2.2 len 80-119",
					   "drop dst 192.0.2.2 len 120-159",
					   "pass dst 192.0.2.2 len 160-199",
					   "drop dst 192.0.2.2 len 200-239" };

	for (unsigned int outcomes = 2; outcomes <= ARRAY_SIZE(own); outcomes++) {
		put_rules(8, 2, own, ARRAY_SIZE(own));
		for (int hook = 0; hook < HOOKS; hook++) {
			struct sent sent = {};
			unsigned int before;

			harness_clear(&harness, hook);
			send_rounds(hook, outcomes, 2, 1, &sent);
			before = judged(hook);
			send_rounds(hook, outcomes, 2, 20, &sent);
			if (outcomes <= MOST_ENTRIES)
				assert_int_equal(judged(hook), before);
			else
				assert_true(judged(hook) > before);
			check(hook, &sent, MIN(outcomes, MOST_ENTRIES));
			for (unsigned int i = 0; i < outcomes; i++)
				assert_int_equal(rule_packets(hook, i + 1), sent.lengths[i]);
		}
	}
}

/* New rules: entries are renewed, none is added. */
static void new_rules_renew(void **state)
{
	static const char *const own[] = { "drop dst 192.0.2.2 len 0-79" };

	for (int hook = 0; hook < HOOKS; hook++) {
		struct sent sent = {};

		harness_clear(&harness, hook);
		for (int i = 0; i < 5; i++) {
			put_rules(8, 1, own, i & 1);
			send_rounds(hook, 8, 1, 2, &sent);
			check(hook, &sent, 2);
		}
	}
}

static int open_hooks(void **state)
{
	struct fault fault = {};
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
		cmocka_unit_test(one_outcome_is_one_entry),
		cmocka_unit_test(few_of_many_classes_are_known),
		cmocka_unit_test(outcomes_have_entries),
		cmocka_unit_test(new_rules_renew),
	};

	return cmocka_run_group_tests(tests, open_hooks, close_hooks);
}
