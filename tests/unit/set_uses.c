/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_uses.c - sets and rules together: elements that stay are found again, rules name sets that fit. */
#include <errno.h>
#include <setjmp.h>
#include <string.h>

#include "../../ctl/check/check.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/rules/rule_uses.h"
#include "../../ctl/text/rule_parse.h"
#include "../../ctl/text/set_batch.h"
#include "../../ctl/live/set_diff.h"
#include "../../ctl/text/set_uses.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

/* A set of these elements. */
static struct set make(enum set_type type, bool counters, const char *text)
{
	struct set set = { .name = "a", .type = type, .counters = counters };
	struct set batch = { .type = type };
	char *copy = strdup(text);

	assert_int_equal(batch_words(1, &copy, 0, &batch, NULL), 0);
	assert_int_equal(set_add(&set, &batch, NULL), 0);
	set_free(&batch);
	free(copy);
	return set;
}

static void test_pairs(void **state)
{
	struct set old = make(SET_ADDRESSES, true,
			      "10.0.0.1,10.0.0.4/31,10.0.1.0/24,::1,::2 for 1h,10.0.0.9 for 1h");
	struct set next = make(SET_ADDRESSES, true,
			       "10.0.0.1,10.0.0.4,10.0.1.0/25,::2 for 2h,10.0.0.9,::3,1.1.1.1");
	struct set_diff_counts counts = set_diff_count(&old, &next);
	uint32_t until = old.ip6[1].until;

	assert_int_equal(counts.added, 4);
	assert_int_equal(counts.removed, 3);
	assert_int_equal(counts.changed, 1); /* 10.0.0.9 stays for ever */
	assert_int_equal(counts.same, 2);    /* 10.0.0.1 and ::2, whatever is left of its time */
	for (size_t i = 0; i < old.count4; i++)
		old.ip4[i].slot = (uint32_t)i + 1;
	old.ip6[1].slot = 77;
	set_adopt(&old, &next, true);
	assert_int_equal(next.ip4[0].slot, 0);
	assert_int_equal(next.ip4[1].slot, 1);
	assert_int_equal(next.ip4[2].slot, 0);
	assert_int_equal(next.ip6[0].slot, 77);
	assert_int_equal(next.ip6[0].until, until);
	assert_int_equal(next.ip4[3].until, 0);
	set_free(&old);
	set_free(&next);
	old = make(SET_SERVICES, false, "10.0.0.1:53,10.0.0.1:53/udp,[::1]:53");
	next = make(SET_SERVICES, false, "10.0.0.1:53/tcp,10.0.0.1:53/udp,[::1]:53-54");
	counts = set_diff_count(&old, &next);
	assert_int_equal(counts.same, 1);
	assert_int_equal(counts.added, 2);
	assert_int_equal(counts.removed, 2);
	set_free(&old);
	set_free(&next);
}

static void add_rule(struct ruleset *rules, const char *text)
{
	struct rule rule = {};

	assert_int_equal(rule_parse(text, &rule, NULL), 0);
	assert_int_equal(ruleset_insert(rules, rules->count, &rule, NULL), 0);
}

static void test_uses(void **state)
{
	static const struct {
		const char *rule, *message;
		int error;
		unsigned int column;
	} rows[] = {
		{ "drop src @good dst @svc dport @web not src @svc", NULL, 0, 0 },
		{ "drop dst @god", "no set has the name 'god'", -ENOENT, 9 },
		{ "disabled drop dst @god", "no set has the name 'god'", -ENOENT, 18 },
		{ "drop src @good dst @web", "set 'web' holds ports: dst cannot use it", -EINVAL,
		  19 },
		{ "drop sport @good", "set 'good' holds addresses: sport cannot use it", -EINVAL,
		  11 },
		{ "drop host @svc", "set 'svc' holds services: host cannot use it", -EINVAL, 10 },
		{ "drop port @web,@svc", "set 'svc' holds services: port cannot use it", -EINVAL,
		  10 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault fault = {};
		struct ruleset rules;
		struct set *made;

		ruleset_init(&rules);
		ruleset_add_set(&rules, "good", SET_ADDRESSES, &made);
		ruleset_add_set(&rules, "web", SET_PORTS, &made);
		ruleset_add_set(&rules, "svc", SET_SERVICES, &made);
		add_rule(&rules, "drop len 1");
		add_rule(&rules, rows[i].rule);
		assert_int_equal(sets_check_uses(&rules, &fault), rows[i].error);
		if (rows[i].error) {
			assert_string_equal(fault.message, rows[i].message);
			assert_int_equal(fault.column, rows[i].column);
		}
		free(fault.source);
		ruleset_free(&rules);
	}
}

static void test_users(void **state)
{
	static const char *const expected[] = { "",
						"1",
						"1 and 2",
						"1, 2 and 3",
						"1, 2, 3 and 4",
						"1, 2, 3, 4 and 5",
						"1, 2, 3, 4 and 2 more" };
	char users[SET_USERS_SIZE];
	struct ruleset rules;

	ruleset_init(&rules);
	for (size_t n = 0; n < ARRAY_SIZE(expected); n++) {
		assert_int_equal(set_users(&rules, "a", users), n);
		assert_string_equal(users, expected[n]);
		add_rule(&rules, "drop src @b,@a not dst 10.0.0.1");
	}
	assert_int_equal(set_users(&rules, "c", users), 0);
	ruleset_free(&rules);
}

/* Compiled, and compared with the oracle: now, and when the ports' time is up. */
static void test_timed_ports(void **state)
{
	static const char *const texts[] = {
		"drop proto udp dport @web src 10.0.0.0/8",
		"audit sport @web,@odd,80",
		"pass port @odd not dport @stays for 1h",
		"drop port @web,8080",
		"drop dport @gone",
	};
	static const char *const words[] = { "80,443 for 1h,8000-8080 for 2h", "443,81 for 1h",
					     "22,80", "9 for 1h" };
	static const char *const names[] = { "web", "odd", "stays", "gone" };
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	struct fault fault = {};
	struct ruleset rules;

	ruleset_init(&rules);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct set *made, of = make(SET_PORTS, false, words[i]);

		assert_int_equal(ruleset_add_set(&rules, names[i], SET_PORTS, &made), 0);
		strcpy(of.name, names[i]);
		*made = of;
	}
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		add_rule(&rules, texts[i]);
	assert_int_equal(ruleset_compile(&rules, blob, &fault), 0);
	if (ruleset_check(&rules, blob, &fault))
		fail_msg("%s", fault.message);
	memset(blob, 0, BLOB_SIZE);
	add_rule(&rules, "drop not dport @web");
	assert_int_equal(ruleset_compile(&rules, blob, &fault), -EINVAL);
	assert_non_null(strstr(fault.message, "'not dport' cannot use it"));
	free(fault.source);
	ruleset_free(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_timed_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
