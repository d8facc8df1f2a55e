/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compile_speed.c - how long rulesets of many rules take to compile and to check. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "../../ctl/check/check.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/rules/ruleset.h"
#include "../lib/seconds.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

/* UDP to some addresses and ports. */
static struct rule speed_rule(uint32_t i)
{
	static const enum field fields[] = { FIELD_PROTO, FIELD_DST, FIELD_DPORT };
	struct rule rule = { .action = i % 2,
			     .count = 3,
			     .matches = calloc(3, sizeof(struct match)) };

	for (size_t j = 0; j < 3; j++) {
		rule.matches[j] = (struct match){ .field = fields[j], .count = 1 };
		rule.matches[j].values = calloc(1, sizeof(struct value));
	}
	rule.matches[0].values->range.lo = rule.matches[0].values->range.hi = IPPROTO_UDP;
	rule.matches[1].values->addr.family = 4;
	rule.matches[1].values->addr.prefix = 255;
	rule.matches[1].values->addr.lo.lo = 0x0a000000 + 97 * i;
	rule.matches[1].values->addr.hi.lo = 0x0a000100 + 97 * i;
	rule.matches[2].values->range.lo = i * 7919 % 1000;
	rule.matches[2].values->range.hi = 1000 + i * 104729 % 1000;
	return rule;
}

/* "rule add" must feel instant. */
static void test_speed(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	static const size_t counts[] = { 1, 10, 100, 1000, 10000, 100000 };
	struct fault fault = {};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		double begun, compiled, checked;
		struct ruleset rules;

		ruleset_init(&rules);
		while (rules.count < counts[i]) {
			struct rule rule = speed_rule(rules.count);

			assert_int_equal(ruleset_insert(&rules, rules.count, &rule, &fault), 0);
		}
		memset(blob, 0, sizeof(*blob));
		begun = cpu_seconds();
		assert_int_equal(ruleset_compile(&rules, blob, &fault), 0);
		compiled = cpu_seconds();
		assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
		checked = cpu_seconds();
		print_message("%zu rules: compiled in %.2f ms, checked in %.2f ms\n", rules.count,
			      (compiled - begun) * 1e3, (checked - compiled) * 1e3);
		ruleset_free(&rules);
	}
	free(blob);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
