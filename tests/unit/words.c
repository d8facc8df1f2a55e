/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * words.c - the line of a command line's words, hostile bytes escaped, faults printed,
 * names and numbers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/base/duration.h"
#include "../../ctl/rules/names.h"
#include "../../ctl/rules/rule.h"
#include "../../ctl/text/rule_parse.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>
#undef fail

/* The line that a fault points into; all but the first end with what is one. */
static void test_line_of_words(void **state)
{
	static const struct {
		int count;
		char *words[8];
		const char *line;
	} rows[] = {
		{ 1, { "drop dst 10.0.0.5 comment \"a b\" x" }, "drop dst 10.0.0.5 comment \"a b\" x" },
		{ 4, { "drop", "dst", "10.0.0.5", "x" }, "drop dst 10.0.0.5 x" },
		{ 5, { "drop", "frag", "comment", "a, b", "x" }, "drop frag comment a, b x" },
		{ 5, { "drop", "frag", "comment", "web", "x" }, "drop frag comment web x" },
		{ 5, { "drop", "frag", "comment", "\"q\\", "x" }, "drop frag comment \"q\\ x" },
		{ 4, { "drop", "frag", "comment", "" }, "drop frag comment " },
		{ 4, { "drop", "in", "a#b", "x" }, "drop in a#b x" },
		{ 3, { "drop", "in", "two words" }, "drop in two words" },
		{ 7,
		  { "drop", "src", "{", "::1,", "::2", "}", "x" },
		  "drop src { ::1, ::2 } x" },
		{ 3, { "drop", "frag\n", "x;y" }, "drop frag\n x;y" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault fault = {};
		struct rule rule;

		assert_int_equal(rule_parse_words(rows[i].count, rows[i].words, &rule, &fault), -EINVAL);
		assert_string_equal(fault.source, rows[i].line);
		fault_clear(&fault);
	}
}

static void test_escape(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} escapes[] = {
		{"plain", 5, "plain"},
		{"", 0, ""},
		{"a\0b", 3, "a\\x00b"},
		{"\x1b[31m\a\x7f\t\n", 9, "\\x1b[31m\\x07\\x7f\\x09\\x0a"},
		{"Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80", 16,
		 "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80"},
		{"\xc2\x9b", 2, "\\xc2\\x9b"}, /* C1: CSI */
		{"\x9b", 1, "\\x9b"},
		{"\xc0\x80", 2, "\\xc0\\x80"}, /* overlong */
		{"\xe0\x80\x80", 3, "\\xe0\\x80\\x80"},
		{"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},		 /* surrogate */
		{"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
		{"\xe2\x82", 2, "\\xe2\\x82"},			 /* cut short */
		{"\xe2\x80\xae", 3, "\\xe2\\x80\\xae"},		 /* right-to-left override */
		{"\xff\xfe", 2, "\\xff\\xfe"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
		autofree char *text = text_escape(escapes[i].bytes, escapes[i].len);

		assert_string_equal(text, escapes[i].text);
	}
}

/* What fail() prints for a fault, and its exit code. */
static void test_fail(void **state)
{
	static const char dst[] = "drop dst 10.0.0.500 comment \"\x1b\"";
	struct fault faults[] = {
		{.message = "not an address or prefix: '10.0.0.500'",
		 .code = EXIT_USAGE,
		 .source = strdup(dst),
		 .column = 9,
		 .width = 10,
		 .hint = "try 10.0.0.50"},
		{.message = "no such interface: 'a\x1b[2J'"},
		{.message = ""},
		{.message = "unknown word: 'x'",
		 .source = strdup("\x1b x"),
		 .column = 2,
		 .width = 1,
		 .file = "a\nb",
		 .line = 7},
	};
	static const struct {
		int error, code;
		const char *printed;
	} expected[] = {
		{-EINVAL, EXIT_USAGE,
		 "netctl: rule add: not an address or prefix: '10.0.0.500'\n"
		 "        drop dst 10.0.0.500 comment \"\\x1b\"\n"
		 "                 ^^^^^^^^^^\n"
		 "        try 10.0.0.50\n"},
		{-ENODEV, EXIT_MISSING, "netctl: rule add: no such interface: 'a\\x1b[2J'\n"},
		{-EPERM, EXIT_PRIVILEGE, "netctl: rule add: Operation not permitted\n"},
		{-EIO, EXIT_REFUSED,
		 "netctl: rule add: a\\x0ab:7: unknown word: 'x'\n"
		 "        \\x1b x\n"
		 "             ^\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		autofree char *printed = NULL;
		FILE *terminal = stderr;
		size_t size;

		stderr = open_memstream(&printed, &size);
		assert_int_equal(fail(expected[i].error, "rule add", &faults[i]), expected[i].code);
		fclose(stderr);
		stderr = terminal;
		assert_string_equal(printed, expected[i].printed);
		assert_null(faults[i].source);
	}
}

static void test_names(void **state)
{
	assert_string_equal(name_text(protocol_names, 6), "tcp");
	assert_string_equal(name_text(protocol_names, 58), "icmpv6");
	assert_null(name_text(protocol_names, 253));
	assert_int_equal(name_number(protocol_names, "icmp6"), 58);
	assert_int_equal(name_number(protocol_names, "xyzzy"), -ENOENT);
	assert_string_equal(name_text(ethertype_names, 0x0806), "arp");
	assert_int_equal(name_number(ethertype_names, "ip6"), 0x86dd);
	assert_string_equal(icmp_type_name(4, 8), "echo-request");
	assert_string_equal(icmp_type_name(6, 128), "echo-request");
	assert_null(icmp_type_name(4, 128));
	assert_int_equal(icmp_type_number(6, "packet-too-big"), 2);
}

static void test_durations(void **state)
{
	static const struct {
		const char *word, *printed;
		uint32_t seconds;
	} good[] = {
		{ "1s", "1s", 1 },
		{ "30s", "30s", 30 },
		{ "10m", "10m", 600 },
		{ "90m", "1h30m", 5400 },
		{ "1h30m", "1h30m", 5400 },
		{ "25h", "1d1h", 90000 },
		{ "1d2h3m4s", "1d2h3m4s", 93784 },
		{ "0d5s", "5s", 5 },
		{ "3650d", "3650d", DURATION_MAX },
	};
	static const char *const bad[] = {
		"", "s", "10", "0s", "0d0s", "-1s", "+1s", "1.5h", "1m1h", "1h1h", "1h ", " 1h",
		"1H", "1w", "3650d1s", "4294967296s", "99999999999999999999s", "1h30", "m30",
	};
	uint32_t seconds = 7;
	char buf[DURATION_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(duration_read(good[i].word, &seconds));
		assert_int_equal(seconds, good[i].seconds);
		assert_string_equal(duration_print(seconds, buf), good[i].printed);
	}
	seconds = 7;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(duration_read(bad[i], &seconds) || seconds != 7);
	assert_string_equal(duration_print(0, buf), "0s");
	assert_string_equal(duration_print(UINT32_MAX, buf), "49710d6h28m15s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_of_words),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_fail),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
