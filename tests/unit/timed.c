/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* timed.c - limits and timed rules on their way into a blob and back, with time held by us. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/boottime.h"
#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/check/check.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/compile/blob_read.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/live/cost.h"
#include "../../ctl/live/rule_diff.h"
#include "../../ctl/rules/ruleset.h"
#include "../../ctl/text/rule_parse.h"
#include "../../ctl/text/rule_print.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>
#undef fail

#define NOW 1000

static void add(struct ruleset *rules, const char *text)
{
	struct fault fault = {};
	struct rule rule = {};

	assert_int_equal(rule_parse(text, &rule, &fault), 0);
	assert_int_equal(ruleset_insert(rules, rules->count, &rule, &fault), 0);
}

static void assert_text(const struct rule *rule, const char *expected)
{
	autofree char *text = NULL;

	assert_int_equal(rule_print(rule, &text), 0);
	assert_string_equal(text, expected);
}

static struct ruleset reloaded(const struct ruleset *rules)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct fault fault = {};
	struct ruleset back;

	assert_non_null(blob);
	assert_int_equal(ruleset_compile(rules, blob, &fault), 0);
	assert_int_equal(ruleset_check(rules, blob, &fault), 0);
	assert_int_equal(ruleset_load(blob, &back, &fault), 0);
	free(blob);
	return back;
}

static void test_there_and_back(void **state)
{
	struct ruleset rules, back;

	boottime_seconds_hold(NOW);
	ruleset_init(&rules);
	add(&rules, "drop dst 10.0.0.1 for 10m");
	add(&rules, "limit 10pps per src/24 dst 10.0.0.2 for 1h");
	add(&rules, "pass dst 10.0.0.3");
	assert_int_equal(rules.rules[0].until, NOW + 601);
	assert_true(rules.rules[1].slot && rules.rules[1].limit.beyond &&
		    rules.rules[1].slot != rules.rules[1].limit.beyond &&
		    rules.rules[2].slot != rules.rules[1].limit.beyond);
	assert_text(&rules.rules[0], "drop dst 10.0.0.1 for 10m");

	boottime_seconds_hold(NOW + 100);
	back = reloaded(&rules);
	assert_int_equal(back.count, 3);
	for (size_t i = 0; i < back.count; i++) {
		assert_true(rule_equal(&back.rules[i], &rules.rules[i]));
		assert_int_equal(back.rules[i].until, rules.rules[i].until);
		assert_int_equal(back.rules[i].slot, rules.rules[i].slot);
		assert_int_equal(back.rules[i].limit.beyond, rules.rules[i].limit.beyond);
	}
	assert_text(&back.rules[0], "drop dst 10.0.0.1 for 8m20s");
	assert_text(&back.rules[1], "limit 10pps burst 5 per src/24 dst 10.0.0.2 for 58m20s");
	ruleset_free(&back);

	/* In its last second it is there, */
	boottime_seconds_hold(NOW + 600);
	back = reloaded(&rules);
	assert_int_equal(back.count, 3);
	assert_text(&back.rules[0], "drop dst 10.0.0.1 for 1s");
	ruleset_free(&back);
	/* and then it is not, nor in what is made of the list. */
	boottime_seconds_hold(NOW + 601);
	back = reloaded(&rules);
	assert_int_equal(back.count, 2);
	assert_int_equal(back.rules[0].id, 2);
	ruleset_free(&rules);
	rules = reloaded(&back);
	assert_int_equal(rules.count, 2);
	ruleset_free(&rules);
	ruleset_free(&back);
	boottime_seconds_hold(0);
}

/* A timed rule lives on as one whatever it has left; against one for ever, it changes. */
static void test_pairs(void **state)
{
	static const char *const old_texts[] = { "drop dst 10.0.0.1 for 10m", "drop dst 10.0.0.2",
						 "limit 10pps dst 10.0.0.3 for 5m" };
	static const char *const next_texts[] = { "drop dst 10.0.0.1 for 2h",
						  "drop dst 10.0.0.2 for 1h",
						  "limit 11pps dst 10.0.0.3 for 5m" };
	struct ruleset old, next;
	struct rule_diff diff;
	struct rule_diff_counts counts;

	ruleset_init(&old);
	ruleset_init(&next);
	for (size_t i = 0; i < ARRAY_SIZE(old_texts); i++) {
		add(&old, old_texts[i]);
		add(&next, next_texts[i]);
	}
	assert_int_equal(rule_diff_make(&old, &next, &diff), 0);
	counts = rule_diff_count(&old, &next, &diff);
	assert_int_equal(counts.same, 1);
	assert_int_equal(counts.changed, 1);
	assert_int_equal(counts.added, 1);
	assert_int_equal(counts.removed, 1);
	rule_succeed(&next.rules[0], &old.rules[0]);
	assert_int_equal(next.rules[0].until, old.rules[0].until);
	rule_succeed(&next.rules[1], &old.rules[1]);
	rule_start(&next.rules[1]);
	assert_true(next.rules[1].until > boottime_seconds() + 3590);
	rule_diff_free(&diff);
	ruleset_free(&old);
	ruleset_free(&next);
}

#define ALIKE 3000

/* Timed rules that are alike to what does not show all, with one in between that passes what it shows. */
static void alike(struct ruleset *rules, const char *format, const char *between)
{
	char text[80];

	ruleset_init(rules);
	for (int i = 0; i < ALIKE; i++) {
		snprintf(text, sizeof(text), format, i >> 8, i & 255, 1000 + i);
		add(rules, i == ALIKE / 2 ? between : text);
	}
}

static void assert_verdicts(const struct ruleset *rules, const struct blob *blob,
			    const struct packet *p)
{
	for (uint32_t over = 0; over <= ALIKE; over += 50) {
		struct oracle_answer list;
		struct decision walk;

		boottime_seconds_hold(NOW + 1000 + over);
		oracle_ask(rules, p, &(struct envelope){}, HOOK_XDP, &list);
		classify(blob, p, &(struct envelope){}, HOOK_XDP, &walk);
		assert_int_equal(walk.verdict, list.verdict);
		assert_true(over >= ALIKE / 2 || list.verdict == VERDICT_DROP);
	}
	boottime_seconds_hold(NOW);
}

/* Thousands are few comparisons, and judge as long as any of them stays. */
static void test_alike(void **state)
{
	struct packet tagged = { .id = { .kind = KIND_HIDDEN | KIND_BLIND } };
	struct packet tiny = { .src4 = 1, .id = { .kind = KIND_IP4 | KIND_FIRST | KIND_HIDDEN,
						  .tags = ID_TAGS(0, 0, PROTO_UDP) } };
	struct blob *blob = calloc(1, BLOB_MAX);
	struct fault fault = {};
	struct ruleset rules;

	boottime_seconds_hold(NOW);
	alike(&rules, "drop src 10.1.%d.%d for %ds", "pass vlan 5");
	assert_int_equal(ruleset_compile(&rules, blob, &fault), 0);
	assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
	assert_true(cost_of(blob, FAMILY_OTHER).boxes < 200);
	assert_verdicts(&rules, blob, &tagged);
	tagged.id.tags = ID_TAGS(5, 0, 0);
	assert_verdicts(&rules, blob, &tagged);
	ruleset_free(&rules);

	memset(blob, 0, BLOB_SIZE);
	alike(&rules, "drop proto udp sport %d dport %d for %ds", "pass src 1.0.0.0/8");
	assert_int_equal(ruleset_compile(&rules, blob, &fault), 0);
	assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
	assert_true(cost_of(blob, FAMILY_IP4).boxes < 300);
	assert_verdicts(&rules, blob, &tiny);
	tiny.src4 = 2;
	assert_verdicts(&rules, blob, &tiny);
	ruleset_free(&rules);
	boottime_seconds_hold(0);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
