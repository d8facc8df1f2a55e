/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* alike.c - rules that interfaces on each other may differ over: which, and that none is added in place before limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ctl/compile/compile.h"
#include "../../ctl/compile/overlay.h"
#include "../../ctl/rules/alike.h"
#include "../../ctl/rules/rule_match.h"
#include "../../ctl/text/rule_parse.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

static struct rule parse(const char *text)
{
	struct rule rule = {};

	if (rule_parse(text, &rule, NULL) < 0)
		fail_msg("%s", text);
	return rule;
}

static void test_rules(void **state)
{
	static const struct {
		const char *text;
		unsigned int local;
	} rows[] = {
		{ "drop src 10.0.0.1", 0 },
		{ "limit 5pps proto tcp flags syn ttl 1-9 dscp 0", 0 },
		{ "pass in alone0", 0 },
		{ "pass in below0", ON_XDP },
		{ "pass in alone0,below0", ON_XDP },
		{ "pass not in other0", ON_XDP },
		{ "pass out below0 hook tc", ON_TC },
		{ "drop vlan 7 hook xdp", ON_XDP },
		{ "drop len 100", ON_ALL },
		{ "drop mark 7", ON_TC | ON_NF },
		{ "drop ether dst 00:00:00:00:00:01", ON_XDP | ON_TC },
	};
	struct rule_iface ifaces[] = { { "alone0", 2, true }, { "below0", 3, false } };
	const struct ruleset rules = { .ifaces = ifaces, .iface_count = ARRAY_SIZE(ifaces) };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rule rule = parse(rows[i].text);

		if (rule_local_hooks(&rules, &rule) != rows[i].local)
			fail_msg("%s: hooks %u", rows[i].text, rule_local_hooks(&rules, &rule));
		assert_int_equal(rule_alike_after(&rules, &rule, ON_ALL), ON_ALL & ~rows[i].local);
		rule.disabled = true;
		assert_int_equal(rule_alike_after(&rules, &rule, ON_ALL), ON_ALL);
		rule_free(&rule);
	}
}

static void assert_added(struct blob *blob, const char *text, int result)
{
	struct overlay_edit edit;
	struct rule rule = parse(text);
	const struct ruleset alone = { .count = 1, .rules = &rule };

	assert_int_equal(overlay_add(blob, FIRST, 0, &alone, &edit, NULL), result);
	rule_free(&rule);
}

static void compile(const struct ruleset *rules, struct blob *blob)
{
	memset(blob, 0, BLOB_MAX);
	assert_int_equal(ruleset_compile(rules, blob, NULL), 0);
}

/* It would change which interfaces charge the limits behind it. */
static void test_in_place(void **state)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct ruleset rules;
	struct rule rule;
	char text[32];

	assert_non_null(blob);
	ruleset_init(&rules);
	for (int i = 0; i < OVERLAY_FROM; i++) {
		snprintf(text, sizeof(text), "drop src 10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		rule = parse(text);
		assert_int_equal(ruleset_insert(&rules, rules.count, &rule, NULL), 0);
	}
	compile(&rules, blob);
	assert_added(blob, "drop vlan 7", 0);
	rule = parse("limit 10pps src 192.0.2.1");
	assert_int_equal(ruleset_insert(&rules, rules.count, &rule, NULL), 0);
	compile(&rules, blob);
	assert_added(blob, "drop vlan 7", 1);
	assert_added(blob, "pass in lo", 1);
	assert_added(blob, "drop dport 7", 0);
	ruleset_free(&rules);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rules), cmocka_unit_test(test_in_place) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
