/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_diff.c - rows of two lists and what lives on as what; and random lists, against what must always hold. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/live/rule_diff.h"
#include "../../ctl/text/rule_parse.h"
#include "../lib/prng.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

#define RANDOM_LISTS 3000

/* A letter is a rule: small ones as they are, in capitals the same one disabled. */
static void fill(struct ruleset *rules, const char *letters)
{
	ruleset_init(rules);
	for (const char *c = letters; *c; c++) {
		struct rule rule = {};
		char text[64];

		snprintf(text, sizeof(text), "%sdrop vlan %d", *c < 'a' ? "disabled " : "",
			 (*c | 32) - 'a' + 1);
		assert_int_equal(rule_parse(text, &rule, NULL), 0);
		assert_int_equal(ruleset_insert(rules, rules->count, &rule, NULL), 0);
	}
}

/* Of each rule of the next list: where its old one stood, from 0, with "'" when it moved; "." none. */
static const struct {
	const char *old, *next, *expected;
} rows[] = {
	{ "", "", "" },
	{ "", "ab", ".." },
	{ "ab", "", "" },
	{ "abc", "abc", "012" },
	{ "abc", "xabc", ".012" },
	{ "abc", "axbyc", "0.1.2" },
	{ "abc", "ac", "02" },
	{ "abc", "cab", "2'01" },
	{ "abc", "bca", "120'" },
	{ "abcde", "edcba", "4'3'2'1'0" },
	{ "abcde", "acbde", "02'134" },
	{ "aaa", "aa", "01" },
	{ "aa", "aaa", "01." },
	{ "aba", "baa", "1'02" },
	{ "abc", "Abc", "012" },
	{ "abc", "bcA", "120'" },
	{ "aA", "Aa", "1'0" },
	{ "aab", "abA", "02'1" },
	{ "abcd", "wxyz", "...." },
	{ "abcdef", "fabcde", "5'01234" },
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ruleset old, next;
		struct rule_diff diff;
		char got[64] = "", *to = got;

		fill(&old, rows[i].old);
		fill(&next, rows[i].next);
		assert_int_equal(rule_diff_make(&old, &next, &diff), 0);
		for (size_t n = 0; n < next.count; n++) {
			if (diff.old_of[n] == NO_PARTNER)
				*to++ = '.';
			else
				to += sprintf(to, "%zu%s", diff.old_of[n],
					      diff.moved[n] ? "'" : "");
		}
		*to = '\0';
		if (strcmp(got, rows[i].expected))
			fail_msg("'%s' to '%s': got %s", rows[i].old, rows[i].next, got);
		rule_diff_free(&diff);
		ruleset_free(&old);
		ruleset_free(&next);
	}
}

static void random_letters(char *to)
{
	for (uint32_t n = random_below(12); n; n--)
		*to++ = (char)((random_below(4) ? 'a' : 'A') + random_below(6));
	*to = '\0';
}

static void check_diff(const struct ruleset *old, const struct ruleset *next,
		       const struct rule_diff *diff)
{
	struct rule_diff_counts counts = rule_diff_count(old, next, diff);
	size_t last = 0, paired = 0;

	for (size_t i = 0; i < next->count; i++) {
		size_t from = diff->old_of[i];

		if (from == NO_PARTNER) {
			assert_false(diff->moved[i]);
			continue;
		}
		paired++;
		assert_int_equal(diff->next_of[from], i);
		assert_true(rule_judges_equal(&old->rules[from], &next->rules[i]));
		if (diff->moved[i])
			continue;
		assert_true(from + 1 > last); /* those that stay are in order */
		last = from + 1;
	}
	/* Nothing is left over on both sides that could be paired. */
	for (size_t i = 0; i < old->count; i++)
		for (size_t j = 0; j < next->count; j++)
			if (diff->next_of[i] == NO_PARTNER && diff->old_of[j] == NO_PARTNER)
				assert_false(rule_judges_equal(&old->rules[i], &next->rules[j]));
	assert_int_equal(counts.added + paired, next->count);
	assert_int_equal(counts.removed + paired, old->count);
	assert_int_equal(counts.same + counts.moved + counts.changed, paired);
}

static void test_random(void **state)
{
	for (size_t i = 0; i < RANDOM_LISTS; i++) {
		struct ruleset old, next;
		struct rule_diff diff;
		char letters[16];

		random_letters(letters);
		fill(&old, letters);
		random_letters(letters);
		fill(&next, letters);
		assert_int_equal(rule_diff_make(&old, &next, &diff), 0);
		check_diff(&old, &next, &diff);
		rule_diff_free(&diff);
		/* A list and itself. */
		assert_int_equal(rule_diff_make(&old, &old, &diff), 0);
		assert_int_equal(rule_diff_count(&old, &old, &diff).same, old.count);
		rule_diff_free(&diff);
		ruleset_free(&old);
		ruleset_free(&next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
