/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c - rows of options: what they keep, which words are left, and what is refused in which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/cmd/options.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>
#undef fail

enum mode { SLOW, FAST };

struct options {
	struct out_options out;
	const char *file;
	enum mode mode;
	int32_t level;
	unsigned long top;
	uint8_t family;
	bool all, left_out;
	int rest; /* index of the first word that is no option */
};

static int read_every(const struct option_row *row, const char *value, void *options,
		      struct fault *fault)
{
	((struct options *)options)->left_out = !value;
	return 0;
}

static const struct name modes[] = { { SLOW, "slow" }, { FAST, "fast" }, {} };

static const struct option_row rows[] = {
	OPTION_JSON(struct options, out.format),
	OPTION_NO_HEADER(struct options, out.no_header),
	{ "all", 'a', INTO(struct options, all) },
	{ NULL, '6', INTO(struct options, family), .number = 6 },
	{ "file", 'f', "FILE", INTO(struct options, file) },
	{ "mode", 0, INTO(struct options, mode), .read = option_choice, .names = modes },
	{ "level", 'l', "N", INTO(struct options, level), .read = option_number, .min = -350,
	  .max = 9 },
	{ "top", 't', "N", INTO(struct options, top), .read = option_number, .max = 1ULL << 40 },
	{ "every", 0, "[=N]", .read = read_every },
};

/* 0 or -errno of options_read() with the words of one line; *ret is zeroed before. */
static int read_line(const char *line, bool leading, struct options *ret, struct fault *fault)
{
	static char copy[256];
	char *words[16] = { "netctl" }, *next = copy;
	int count = 1, r;

	strcpy(copy, line);
	while (next && *next)
		words[count++] = strsep(&next, " ");
	memset(ret, 0, sizeof(*ret));
	memset(fault, 0, sizeof(*fault));
	r = options_read(rows, ARRAY_SIZE(rows), leading, count, words, ret, fault);
	ret->rest = r;
	return r < 0 ? r : 0;
}

static void test_kept(void **state)
{
	struct options o;
	struct fault fault;

	assert_int_equal(read_line("", false, &o, &fault), 0);
	assert_int_equal(o.rest, 1);
	assert_int_equal(
		read_line("x -ja6 y --level -350 --mode=fast -t1099511627776", false, &o, &fault),
		0);
	assert_int_equal(o.rest, 6); /* and both words behind the options */
	assert_int_equal(o.out.format, OUT_JSON);
	assert_false(o.out.no_header);
	assert_true(o.all);
	assert_int_equal(o.family, 6);
	assert_int_equal(o.level, -350);
	assert_int_equal(o.mode, FAST);
	assert_int_equal(o.top, 1ULL << 40);
	assert_int_equal(read_line("--fil - --no --every - -- -j", false, &o, &fault), 0);
	assert_string_equal(o.file, "-");
	assert_true(o.out.no_header && o.left_out);
	assert_int_equal(o.out.format, OUT_TABLE);
	assert_int_equal(read_line("--every=3", false, &o, &fault), 0);
	assert_false(o.left_out);
}

/* As before a command: what follows the first word is the command's. */
static void test_leading(void **state)
{
	struct options o;
	struct fault fault;

	assert_int_equal(read_line("-a x -j --nonsense", true, &o, &fault), 0);
	assert_int_equal(o.rest, 2);
	assert_true(o.all);
	assert_int_equal(o.out.format, OUT_TABLE);
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *message;
	} refused[] = {
		{ "-x", "unknown option '-x'" },
		{ "-jxa", "unknown option '-x'" },
		{ "--json -xj", "unknown option '-x'" },
		{ "--nonsense", "unknown option '--nonsense'" },
		{ "y --al=x", "'--al=x' takes no value" },
		{ "-f", "'-f' needs a value" },
		{ "-jf", "'-jf' needs a value" },
		{ "--file", "'--file' needs a value" },
		{ "-l 10", "--level: not a number from -350 to 9: '10'" },
		{ "-l -351", "--level: not a number from -350 to 9: '-351'" },
		{ "-l 99999999999999999999",
		  "--level: not a number from -350 to 9: '99999999999999999999'" },
		{ "-l 1x", "--level: not a number from -350 to 9: '1x'" },
		{ "-l +1", "--level: not a number from -350 to 9: '+1'" },
		{ "--level=", "--level: not a number from -350 to 9: ''" },
		{ "--mode fas", "--mode: not slow|fast: 'fas'" },
	};
	struct options o;
	struct fault fault;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		assert_int_equal(read_line(refused[i].line, false, &o, &fault), -EINVAL);
		assert_string_equal(fault.message, refused[i].message);
		assert_int_equal(fault.code, EXIT_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_leading),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
