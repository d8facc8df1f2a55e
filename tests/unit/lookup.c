/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup.c - sets in rules: the compiled directory against the plain search, as time goes by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/check/check.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/compile/blob_read.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/text/rule_parse.h"
#include "../lib/element_oracle.h"
#include "../lib/prng.h"
#include "../lib/random_sets.h"
#include "../lib/set_compare.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define RULESETS 120
#define PACKETS 3000

static const uint32_t moments[] = { 50, 100, 150, 200, 1000 };

/* ---- what is compared ---- */

static size_t decided, audited, fleeting, counted;

/* Verdict, rule and audit rules; nothing that time will change is called lasting. */
static bool agree(const struct ruleset *rules, const struct blob *blob, const struct packet *p,
		  size_t moment)
{
	struct oracle_answer list;
	struct decision walk, later;
	bool same;

	oracle_ask(rules, p, &(struct envelope){}, HOOK_XDP, &list);
	classify(blob, p, &(struct envelope){}, HOOK_XDP, &walk);
	decided += list.slot != 0;
	audited += list.audit_count != 0;
	fleeting += walk.fleeting;
	counted += !!walk.elements;
	same = walk.verdict == list.verdict && walk.slot == list.slot &&
	       walk.audits == list.audit_count &&
	       (!list.audit_count || walk.audit == list.audits[0]);
	if (walk.fleeting)
		return same;
	for (; moment < ARRAY_SIZE(moments); moment++) {
		boottime_seconds_hold(moments[moment]);
		classify(blob, p, &(struct envelope){}, HOOK_XDP, &later);
		same &= !memcmp(&walk, &later, sizeof(walk));
	}
	return same;
}

/* The counters of the elements that hold one end of a packet, by the plain search: a sum of squares. */
static uint64_t slots_by_search(const struct ruleset *rules, const struct packet *p, int dst)
{
	uint32_t room[256];
	struct slots slots = { room, 0, ARRAY_SIZE(room) };
	uint64_t sum = 0;

	element_oracle_end(rules, p, !dst, &slots);
	assert_true(slots.count < slots.room);
	for (size_t i = 0; i < slots.count; i++)
		sum += (uint64_t)room[i] * room[i];
	return sum;
}

/* Of one answer, in one direction. */
static uint64_t sum_of_slots(const struct blob *blob, uint64_t sets, int dst)
{
	parts_ref parts = parts_of(blob);
	const struct lookup_outcome *a;
	uint64_t sum = 0;

	if (!(sets >> 16 & MET_COUNTED))
		return 0;
	a = place_at(parts, blob->lookup.answers + (sets >> 32) * sizeof(*a), sizeof(*a));
	for (uint32_t i = 0; i < a->count; i++) {
		const __u32 *slot = place_at(
			parts, blob->lookup.slots + (a->slots + i) * sizeof(*slot), sizeof(*slot));

		if (SLOT_DIRECTIONS(*slot) >> dst & 1)
			sum += (uint64_t)SLOT_OF(*slot) * SLOT_OF(*slot);
	}
	return sum;
}

static uint64_t slots_by_directory(const struct blob *blob, const struct packet *p, int dst)
{
	parts_ref parts = parts_of(blob);

	return sum_of_slots(blob, find_sets(&blob->lookup, parts, p, dst), dst) +
	       sum_of_slots(blob, find_port(&blob->lookup, parts, p, dst), dst);
}

static size_t try_ruleset(const struct ruleset *rules, const struct blob *blob)
{
	size_t differences = 0;

	for (size_t i = 0; i < PACKETS; i++) {
		struct packet p = random_sets_packet(rules);

		for (size_t m = 0; m < ARRAY_SIZE(moments); m++) {
			boottime_seconds_hold(moments[m]);
			differences += !agree(rules, blob, &p, m);
			boottime_seconds_hold(moments[m]);
			for (int dst = 0; dst < 2; dst++)
				differences += slots_by_search(rules, &p, dst) !=
					       slots_by_directory(blob, &p, dst);
		}
	}
	return differences;
}

static void test_random_sets(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	size_t differences = 0, elements = 0, classes = 0;

	for (size_t i = 0; i < RULESETS; i++) {
		struct ruleset rules, back;
		struct fault fault = {};

		random_sets(0, &rules);
		boottime_seconds_hold(moments[0]);
		memset(blob, 0, sizeof(*blob));
		if (ruleset_compile(&rules, blob, &fault) < 0)
			fail_msg("%s", fault.message);
		for (size_t j = 0; j < rules.set_count; j++)
			elements += set_size(&rules.sets[j]);
		classes = MAX(classes, blob->lookup.classes);
		differences += try_ruleset(&rules, blob);
		boottime_seconds_hold(moments[0]);
		assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
		assert_int_equal(ruleset_load(blob, &back, &fault), 0);
		assert_int_equal(back.set_count, rules.set_count);
		for (size_t j = 0; j < rules.set_count; j++)
			assert_true(set_equal(&rules.sets[j], &back.sets[j]));
		ruleset_free(&rules);
		ruleset_free(&back);
	}
	boottime_seconds_hold(0);
	print_message("%d rulesets, %zu elements, %zu classes at most, %d packets at %zu moments "
		      "(%zu met a rule, %zu an audit rule, %zu fleeting, %zu counted): "
		      "%zu differences\n",
		      RULESETS, elements, classes, RULESETS * PACKETS, ARRAY_SIZE(moments), decided,
		      audited, fleeting, counted, differences);
	assert_int_equal(differences, 0);
	assert_true(fleeting && counted);
	free(blob);
}

static void push_hosts(struct set *batch, size_t count, uint32_t from, uint32_t room, bool timed)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t n = from + (room ? random_below(room) : (uint32_t)random64());
		struct element4 e = { n, n, timed ? 100 : 0, 0 };

		assert_int_equal(set_push4(batch, &e), 0);
	}
}

/* So many hosts that most of them stand beside the tree; some within ranges, some side by side. */
static void many_hosts(struct ruleset *rules, bool timed)
{
	static const char *const texts[] = { "pass src @a dst @b", "drop src @a", "drop dst @b,@c",
					     "audit host @c" };
	struct set *set, batch[3] = {};

	ruleset_init(rules);
	push_hosts(&batch[0], 300000, 0, 0, timed);
	push_hosts(&batch[0], 50000, 0x0a000000, 70000, timed);
	push_hosts(&batch[1], 50000, 0x0a000000, 90000, false);
	for (size_t i = 0; i < 3000; i++) {
		uint32_t lo = (uint32_t)random64();
		struct element4 e = { lo, lo + MIN(random_below(100000), UINT32_MAX - lo), 0, 0 };

		assert_int_equal(set_push4(&batch[2], &e), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		const char name[] = { 'a' + i, 0 };

		assert_int_equal(ruleset_add_set(rules, name, SET_ADDRESSES, &set), 0);
		assert_int_equal(set_add(set, &batch[i], NULL), 0);
		set_free(&batch[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct rule rule = {};

		assert_int_equal(rule_parse(texts[i], &rule, NULL), 0);
		assert_int_equal(ruleset_insert(rules, i, &rule, NULL), 0);
	}
}

static void test_hosts(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);

	for (int timed = 0; timed < 2; timed++) {
		struct fault fault = {};
		struct ruleset rules;
		size_t differences = 0;

		many_hosts(&rules, timed);
		memset(blob, 0, sizeof(*blob));
		boottime_seconds_hold(moments[0]);
		assert_int_equal(ruleset_compile(&rules, blob, &fault), 0);
		for (int i = 0; i < 6; i++)
			differences += try_ruleset(&rules, blob);
		print_message("%u prefixes beside %u ranges: %zu differences\n",
			      blob->lookup.pages.count, blob->lookup.directory[0].ranges,
			      differences);
		assert_int_equal(differences, 0);
		assert_true(blob->lookup.pages.count > 200000);
		ruleset_free(&rules);
	}
	boottime_seconds_hold(0);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_random_sets),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
