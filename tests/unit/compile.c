/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compile.c - rules to blob: the native walk against the oracle, refusals, and the way back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/check/check.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/live/ifaces.h"
#include "../lib/edge_rules.h"
#include "../lib/prng.h"
#include "../lib/seconds.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define PACKETS 20000

static size_t rulesets = 20; /* --long: 60 */

static int compile(struct ruleset *rules, struct blob *blob, struct fault *fault)
{
	int r;

	memset(fault, 0, sizeof(*fault));
	memset(blob, 0, sizeof(*blob));
	r = ifaces_find(rules, false, fault);
	return r < 0 ? r : ruleset_compile(rules, blob, fault);
}

/* Up to "count" random rules; those that can never match are left out. */
static void random_ruleset(struct ruleset *rules, size_t count, struct blob *blob)
{
	struct fault fault;

	ruleset_init(rules);
	rules->policy = random_below(2) ? VERDICT_DROP : VERDICT_PASS;
	while (count--) {
		struct rule rule = edge_rule();

		assert_int_equal(
			ruleset_insert(rules, random_below(rules->count + 1), &rule, &fault), 0);
		if (compile(rules, blob, &fault) == 0)
			continue;
		for (size_t i = 0; i < rules->count; i++)
			if (rules->rules[i].id == rules->next_id - 1)
				ruleset_remove(rules, i);
	}
	assert_int_equal(compile(rules, blob, &fault), 0);
}

/* ---- comparisons ---- */

static size_t decided, audited; /* packets that met a rule */

/* Did anything that time changes judge the packet? */
static bool changes(const struct ruleset *rules, const struct oracle_answer *list)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		bool met = rule->slot == list->slot;

		for (size_t j = 0; j < list->audit_count; j++)
			met |= rule->slot == list->audits[j];
		if (met && (rule->until || list->limited))
			return true;
	}
	return false;
}

static bool agree(const struct ruleset *rules, const struct blob *blob, const struct edge_packet *p,
		  enum hook_id hook)
{
	struct oracle_answer list;
	struct decision walk;

	boottime_seconds_hold(edge_time());
	oracle_ask(rules, &p->packet, &p->envelope, hook, &list);
	classify(blob, &p->packet, &p->envelope, hook, &walk);
	decided += list.slot != 0;
	audited += list.audit_count != 0;
	return walk.verdict == list.verdict && walk.slot == list.slot &&
	       walk.audits == list.audit_count &&
	       (!list.audit_count || walk.audit == list.audits[0]) &&
	       walk.fleeting == changes(rules, &list);
}

/*
 * Packets of one flow key, class included, get one verdict: what is cached is true of all of them.
 */
static uint32_t class_of(const struct blob *blob, const struct edge_packet *p, enum hook_id hook)
{
	__u64 numbers;

	return packet_class(&blob->classes, parts_of(blob), &p->packet, &p->envelope, hook,
			    &numbers);
}

static bool same_in_class(const struct blob *blob, const struct edge_packet *p, enum hook_id hook)
{
	struct edge_packet q = *p;
	struct decision a, b;

	edge_packet_again(&q);
	if (class_of(blob, p, hook) != class_of(blob, &q, hook) ||
	    class_of(blob, p, hook) == NO_CLASS)
		return true;
	classify(blob, &p->packet, &p->envelope, hook, &a);
	classify(blob, &q.packet, &q.envelope, hook, &b);
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void test_fuzz(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	size_t differences = 0, mixed = 0, rule_count = 0, boxes = 0, i, j;
	double slowest = 0, begun;

	for (i = 0; i < rulesets; i++) {
		struct fault fault = {};
		struct ruleset rules;

		random_ruleset(&rules, i < 8 ? i : random_below(65), blob);
		rule_count += rules.count;
		for (enum family f = 0; f < FAMILIES; f++)
			boxes += blob->family[f].total;
		for (j = 0; j < PACKETS; j++) {
			struct edge_packet p = edge_packet();
			enum hook_id hook = random_below(HOOKS);

			differences += !agree(&rules, blob, &p, hook);
			mixed += !same_in_class(blob, &p, hook);
		}
		begun = cpu_seconds();
		assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
		slowest = MAX(slowest, cpu_seconds() - begun);
		ruleset_free(&rules);
	}
	print_message("%zu rulesets, %zu rules, %zu boxes, %zu packets (%zu met a rule, %zu an audit "
		      "rule): %zu differences, %zu mixed classes; slowest check %.1f ms\n",
		      rulesets, rule_count, boxes, rulesets * PACKETS, decided, audited,
		      differences, mixed, slowest * 1e3);
	assert_int_equal(differences, 0);
	assert_int_equal(mixed, 0);
	free(blob);
}

#define FORESTS 16
#define FOREST_RULES 700

static void forest_ruleset(struct ruleset *rules, struct blob *blob)
{
	struct fault fault;

	ruleset_init(rules);
	while (rules->count < FOREST_RULES) {
		struct rule rule = edge_rule();
		struct ruleset alone;

		rule.action = random_below(64) ? random_below(2) : ACTION_AUDIT;
		rule.until = random_below(64) ? 0 : edge_end();
		ruleset_init(&alone);
		assert_int_equal(ruleset_insert(&alone, 0, &rule, &fault), 0);
		if (compile(&alone, blob, &fault) == 0 && blob->family[FAMILY_IP4].total < 40) {
			rule = alone.rules[0];
			rule.id = rule.slot = 0;
			alone.count = 0;
			assert_int_equal(ruleset_insert(rules, rules->count, &rule, &fault), 0);
		}
		ruleset_free(&alone);
	}
}

/* Rules of every kind, so many and so alike that leaves are large and boxes in several of them. */
static void test_forests(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	size_t differences = 0, refused = 0, trees = 0, boxes = 0;

	for (size_t i = 0; i < FORESTS; i++) {
		struct fault fault = {};
		struct ruleset rules;

		forest_ruleset(&rules, blob);
		refused += compile(&rules, blob, &fault) < 0;
		if (fault_is_set(&fault))
			print_message("%s\n", fault.message);
		for (size_t j = 0; j < PACKETS / 4 && !fault_is_set(&fault); j++) {
			struct edge_packet p = edge_packet();

			differences += !agree(&rules, blob, &p, random_below(HOOKS));
		}
		for (enum family f = 0; f < FAMILIES; f++) {
			trees += blob->family[f].trees;
			boxes += blob->family[f].total;
		}
		ruleset_free(&rules);
	}
	print_message(
		"%d rulesets of %d rules, %zu boxes, %zu trees, %zu refused: %zu differences\n",
		FORESTS, FOREST_RULES, boxes, trees, refused, differences);
	assert_int_equal(differences, 0);
	assert_true(refused < FORESTS / 2 && trees > FORESTS);
	free(blob);
}

/* TCP flags under a mask: the i-th of the pairs in which the mask holds the value. */
static struct rule flags_rule(size_t i)
{
	struct rule rule = { .action = i % 2, .count = 1 };
	struct value *value = calloc(1, sizeof(*value));

	for (int bit = 0; bit < 8; bit++, i /= 3) {
		value->masked.mask |= (i % 3 > 0) << bit;
		value->masked.value |= (i % 3 > 1) << bit;
	}
	rule.matches = calloc(1, sizeof(*rule.matches));
	*rule.matches = (struct match){ .field = FIELD_FLAGS, .count = 1, .values = value };
	return rule;
}

static int compile_flags(size_t count, struct ruleset *rules, struct blob *blob,
			 struct fault *fault)
{
	ruleset_init(rules);
	/* From the masks of many flags on: none is covered by those before it. */
	for (size_t i = 0; i < count; i++) {
		struct rule rule = flags_rule(6560 - i);

		assert_int_equal(ruleset_insert(rules, i, &rule, fault), 0);
	}
	return compile(rules, blob, fault);
}

/* Nodes do not ask for TCP flags: no cut tells these rules apart. */
static void test_uncut(void **unused)
{
	static const size_t counts[] = { MAX_LINEAR + 1, MAX_LEAF + 1, MAX_TREES * MAX_LEAF };
	struct blob *blob = calloc(1, BLOB_MAX);
	struct fault fault = {};
	struct ruleset rules;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		assert_int_equal(compile_flags(counts[i], &rules, blob, &fault), 0);
		assert_int_equal(blob->family[FAMILY_IP6].worst_boxes, counts[i]);
		decided = 0;
		for (size_t j = 0; j < 4 * PACKETS; j++) {
			struct edge_packet p = edge_packet();

			if (!(p.packet.id.kind & KIND_PORTS) ||
			    ID_PROTO(p.packet.id.tags) != PROTO_TCP)
				continue;
			p.packet.tcp_flags = random_below(256);
			assert_true(agree(&rules, blob, &p, random_below(HOOKS)));
		}
		print_message("%zu flags rules: %zu packets met one\n", counts[i], decided);
		assert_true(decided > 10);
		ruleset_free(&rules);
	}
	assert_int_equal(compile_flags(MAX_TREES * MAX_LEAF + 1, &rules, blob, &fault), -EINVAL);
	ruleset_free(&rules);
	free(blob);
}

/* The comparisons above can fail: a box or a class that is wrong shows. */
static void test_fuzz_sees(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct rule rule = { .action = ACTION_DROP, .count = 1 };
	struct fault fault = {};
	struct ruleset rules;
	struct rest *rest;
	size_t differences = 0, mixed = 0;

	ruleset_init(&rules);
	rule.matches = calloc(1, sizeof(*rule.matches));
	rule.matches->field = FIELD_LEN;
	rule.matches->count = 1;
	rule.matches->values = calloc(1, sizeof(struct value));
	rule.matches->values->range.lo = 100;
	rule.matches->values->range.hi = 1500;
	assert_int_equal(ruleset_insert(&rules, 0, &rule, &fault), 0);
	assert_int_equal(compile(&rules, blob, &fault), 0);
	rest = (void *)((char *)blob + blob->family[FAMILY_IP4].boxes + sizeof(struct box4));
	rest->len_hi--;
	blob->classes.number[NUMBER_LENGTH].bound[1]--;
	for (size_t j = 0; j < PACKETS; j++) {
		struct edge_packet p = edge_packet();

		differences += !agree(&rules, blob, &p, HOOK_TC);
		mixed += !same_in_class(blob, &p, HOOK_TC);
	}
	assert_true(differences && mixed);
	ruleset_free(&rules);
	free(blob);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_fuzz_sees),
		cmocka_unit_test(test_forests),
		cmocka_unit_test(test_uncut),
	};

	if (argc > 1 && !strcmp(argv[1], "--long"))
		rulesets = 60;
	return cmocka_run_group_tests(all, NULL, NULL);
}
