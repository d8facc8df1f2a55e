/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule_text.c - the rule language: every row of tests/rules.t, hostile bytes, and 100,000 mutated
 * lines.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/rules/rule.h"
#include "../../ctl/text/rule_parse.h"
#include "../../ctl/text/rule_print.h"
#include "../lib/mutate.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

#define MAX_ROWS 1000
#define MAX_WORDS 256
#define MUTATIONS 100000

struct row {
	unsigned int line;
	char *typed, *expected; /* both in the one allocation of typed */
};

static struct row rows[MAX_ROWS];
static size_t row_count;

/* ---- reading rows ---- */

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(" \t\n", end[-1]))
		end--;
	*end = '\0';
	return text + strspn(text, " \t");
}

static int rows_read(const char *path)
{
	FILE *file = fopen(path, "r");
	autofree char *line = NULL;
	unsigned int number = 0;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0 && row_count < MAX_ROWS) {
		char *text, *mark;

		number++;
		if (line[0] == '#' || !*trim(line))
			continue;
		text = strdup(line);
		mark = strstr(text, " | ");
		if (!mark) {
			fprintf(stderr, "%s:%u: a row needs ' | '\n", path, number);
			free(text);
			fclose(file);
			return -EINVAL;
		}
		*mark = '\0';
		rows[row_count++] = (struct row){number, text, trim(mark + 3)};
	}
	fclose(file);
	return 0;
}

/* ---- words, as a shell would hand them over ---- */

/*
 * Split rule text at blanks outside quotes; quoted parts lose quotes and escapes. Returns the
 * count.
 */
static int split(const char *text, char *words[MAX_WORDS])
{
	int count = 0;

	while (*(text += strspn(text, " \t\n")) && count < MAX_WORDS) {
		char *word = calloc(1, strlen(text) + 1);
		bool quoted = false;
		size_t to = 0;

		for (; *text && (quoted || !strchr(" \t\n", *text)); text++) {
			unsigned int byte;

			if (*text == '"') {
				quoted = !quoted;
			} else if (!quoted || *text != '\\') {
				word[to++] = *text;
			} else if (sscanf(text, "\\x%2x", &byte) == 1) {
				word[to++] = (char)byte;
				text += 3;
			} else {
				word[to++] = *++text;
			}
		}
		words[count++] = word;
	}
	return count;
}

static int parse_words(const char *text, struct rule *ret, struct fault *fault)
{
	char *words[MAX_WORDS];
	int count = split(text, words);
	int r = rule_parse_words(count, words, ret, fault);

	while (count)
		free(words[--count]);
	return r;
}

/* ---- what must hold for every text that parses ---- */

/* Whether the text survives being split into words: not with names that themselves hold marks. */
static bool joinable(const char *text)
{
	const char *quote = strchr(text, '"');
	const char *comment = strstr(text, " comment \"");

	return !quote || (comment && quote == comment + strlen(" comment "));
}

static void check_round_trip(const char *text, const struct rule *rule)
{
	autofree char *canonical = NULL, *again = NULL;
	struct rule back, copy;
	struct fault fault = {};

	assert_int_equal(rule_print(rule, &canonical), 0);
	if (rule_parse(canonical, &back, &fault) < 0)
		fail_msg("'%s' printed as '%s': %s", text, canonical, fault.message);
	if (!rule_equal(rule, &back))
		fail_msg("'%s' printed as '%s' is another rule", text, canonical);
	assert_int_equal(rule_print(&back, &again), 0);
	assert_string_equal(canonical, again);
	rule_free(&back);

	assert_int_equal(rule_copy(rule, &copy), 0);
	assert_true(rule_equal(rule, &copy));
	rule_free(&copy);

	if (!joinable(canonical))
		return;
	if (parse_words(canonical, &back, &fault) < 0)
		fail_msg("'%s' as words: %s", canonical, fault.message);
	assert_true(rule_equal(rule, &back));
	rule_free(&back);
}

/* A fault is one line, points into its source, and comes with exit code 2. */
static void check_fault(const char *text, int r, struct fault *fault)
{
	if (r != -EINVAL || fault->code != EXIT_USAGE || !fault_is_set(fault))
		fail_msg("'%s' fails with %d and no message", text, r);
	assert_null(strchr(fault->message, '\n'));
	assert_non_null(fault->source);
	assert_true(fault->column + fault->width <= strlen(text));
	free(take_ptr(fault->source));
}

static void test_rows(void **state)
{
	size_t good = 0;

	for (size_t i = 0; i < row_count; i++) {
		const struct row *row = &rows[i];
		autofree char *printed = NULL;
		struct fault fault = {};
		struct rule rule;
		int r = rule_parse(row->typed, &rule, &fault);

		if (r < 0) {
			if (row->expected[0] != '!' || strcmp(row->expected + 2, fault.message))
				fail_msg("line %u: '%s': got '! %s'", row->line, row->typed,
					 fault.message);
			check_fault(row->typed, r, &fault);
			continue;
		}
		assert_int_equal(rule_print(&rule, &printed), 0);
		if (strcmp(printed, row->expected))
			fail_msg("line %u: '%s': got '%s'", row->line, row->typed, printed);
		check_round_trip(row->typed, &rule);
		rule_free(&rule);
		good++;
	}
	printf("%zu rows, %zu of them rules\n", row_count, good);
	assert_true(good >= 150);
}

/* ---- single facts ---- */

static void test_caret(void **state)
{
	static const struct {
		const char *text;
		unsigned int column, width;
	} carets[] = {
		{"drop dst 10.0.0.500", 9, 10},
		{"drop src 10.0.0.1,10.0.0.500 dport 1", 18, 10},
		{"drop dst", 5, 3},
		{"drop src proto tcp", 5, 3},
		{"drop dprot 53", 5, 5},
		{"drop proto icmp not dport 53", 16, 12},
		{"drop src 10.0.0.1 dst { ::1, ::2 } frag", 18, 16},
		{"", 0, 0},
		{"drop src 1.2.3.4 comment \"a\\nb\"", 27, 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(carets); i++) {
		struct fault fault = {};
		struct rule rule;

		assert_int_equal(rule_parse(carets[i].text, &rule, &fault), -EINVAL);
		if (fault.column != carets[i].column || fault.width != carets[i].width)
			fail_msg("'%s': caret at %u, %u wide", carets[i].text, fault.column,
				 fault.width);
		check_fault(carets[i].text, -EINVAL, &fault);
	}
}

static void test_untouched_on_failure(void **state)
{
	struct rule rule, before;

	memset(&rule, 0x5a, sizeof(rule));
	before = rule;
	assert_int_equal(rule_parse("drop dst 10.0.0.500", &rule, NULL), -EINVAL);
	assert_int_equal(rule_parse("drop dport 70000", &rule, NULL), -EINVAL);
	assert_memory_equal(&rule, &before, sizeof(rule));
}

static void test_long_words(void **state)
{
	char text[20100] = "drop dst ";
	struct fault fault = {};
	struct rule rule;
	size_t at = strlen(text);

	memset(text + at, 'a', 10000);
	assert_int_equal(rule_parse(text, &rule, &fault), -EINVAL);
	assert_int_equal(fault.width, 10000);
	assert_true(strlen(fault.message) < 150);
	assert_non_null(strstr(fault.message, "..."));
	check_fault(text, -EINVAL, &fault);
	/* More values than a list holds. */
	for (size_t i = 0; i < 5000; i++)
		memcpy(text + at + 4 * i, "::1,", 5);
	assert_int_equal(rule_parse(text, &rule, &fault), -EINVAL);
	assert_string_equal(fault.message, "a list holds at most 4096 values");
	check_fault(text, -EINVAL, &fault);
}

/* ---- the fuzzer ---- */

static void test_mutations(void **state)
{
	struct prng prng = prng_seed(1);
	struct corpus corpus = {};
	size_t good = 0;

	for (size_t i = 0; i < row_count; i++)
		corpus_add(&corpus, rows[i].typed, strlen(rows[i].typed));
	for (size_t i = 0; i < MUTATIONS; i++) {
		autofree uint8_t *bytes = mutate(&corpus, &prng, 1024).at;
		const char *text = (const char *)bytes;
		struct fault fault = {};
		struct rule rule;
		int r = rule_parse(text, &rule, &fault);

		if (r < 0) {
			check_fault(text, r, &fault);
			continue;
		}
		check_round_trip(text, &rule);
		rule_free(&rule);
		good++;
	}
	corpus_free(&corpus);
	printf("%d mutated lines, %zu of them rules\n", MUTATIONS, good);
	assert_true(good > MUTATIONS / 100);
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "tests/rules.t";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_caret),
		cmocka_unit_test(test_untouched_on_failure),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_mutations),
	};
	int r = rows_read(path);

	if (r < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return EXIT_FAILURE;
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	while (row_count)
		free(rows[--row_count].typed);
	return r;
}
