/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* texts.c - addresses, numbers, tables and JSON as they are shown. */
#include <stdio.h>
#include <string.h>

#include "../../ctl/stats/format.h"
#include "../../ctl/base/out.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_labels(void **state)
{
	const struct addr6 a4 = { .lo = 0xc0000201 },
			   a6 = { 0x20010db812345678, 0x9abcdef012345678 };
	const struct {
		struct end end;
		size_t limit;
		const char *text;
	} ends[] = {
		{ { 4, 6, a4, 80, -1 }, 0, "192.0.2.1:http" },
		{ { 4, 47, a4, 0, -1 }, 0, "192.0.2.1" },
		{ { 4, 1, a4, 5, -1 }, 0, "192.0.2.1" },
		{ { 4, 1, a4, 5, 8 << 8 }, 0, "192.0.2.1 echo-request" },
		{ { 6, 17, a6, 4430, 0 }, 0, "[2001:db8:1234:5678:9abc:def0:1234:5678]:4430" },
		{ { 6, 47, a6, 0, -1 }, 16, "2001:db..34:5678" },
		{ { 0, 0, {}, 0, -1 }, 0, "-" },
	};
	char buf[FORMAT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		assert_string_equal(format_end(&ends[i].end, false, ends[i].limit, buf),
				    ends[i].text);
	assert_string_equal(format_flags(0x12, buf), "SA");
	assert_string_equal(format_flags(0, buf), "");
	assert_string_equal(format_protocol(0, 0, 0x0806, false, buf), "arp");
	assert_string_equal(format_protocol(0, 0, 0x88b5, true, buf), "0x88b5");
	assert_string_equal(format_protocol(4, 6, 0, false, buf), "tcp");
	assert_string_equal(format_protocol(4, 6, 0, true, buf), "6");
	assert_string_equal(format_protocol(4, 253, 0, false, buf), "253");
	assert_string_equal(format_icmp(4, 8 << 8, true, buf), "type 8");
	assert_string_equal(format_port(65535, false, buf), "65535");
}

static void test_si(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{ 0, "0" },	    { 999, "999" },	  { 999.6, "1k" },   { 1000, "1k" },
		{ 98000, "98k" },   { 1040000, "1.04M" }, { 9996, "10k" },   { 99949, "99.9k" },
		{ 999499, "999k" }, { 999500, "1M" },	  { 3.1e9, "3.1G" },
	};
	char buf[OUT_SI_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(out_si(rows[i].value, buf), rows[i].text);
	assert_string_equal(out_time(1700000000123456789ULL, (char[OUT_TIME_SIZE]){}),
			    "2023-11-14T22:13:20.123Z");
}

static char *print(enum out_format format, unsigned int width, const char *name)
{
	static const struct out_column columns[] = {
		{ .title = "IFACE", .key = "iface", .trunc = true },
		{ .title = "BYTES", .key = "bytes", .right = true },
		{ .title = "WIDE", .min_width = 100 },
		{ .key = "none" },
	};
	char *text = NULL;
	size_t size;
	struct out_options options = { .format = format, .width = width };
	struct out *out;

	options.stream = open_memstream(&text, &size);
	assert_int_equal(out_begin(&options, "rows", columns, ARRAY_SIZE(columns), &out), 0);
	out_meta(out, json_pack("{s:b}", "exact", 1));
	out_row(out);
	out_number(out, 1, 9007199254740993ULL); /* no double holds it */
	out_text(out, 0, name);
	out_shown(out, 2, "w");
	out_footer(out, "foot %s", name);
	assert_int_equal(out_end(out), 0);
	fclose(options.stream);
	return text;
}

static void test_out(void **state)
{
	static const char hostile[] = "e\033[2J\x9b\xff\"\\\n\xe2\x80\xae";
	static const char escaped[] = "e\\x1b[2J\\x9b\\xff\"\\\\x0a\\xe2\\x80\\xae";
	autofree char *table = print(OUT_TABLE, 80, hostile);
	autofree char *json = print(OUT_JSON, 0, hostile);
	autofree char *lines = print(OUT_NDJSON, 0, hostile);
	autofree char *narrow = print(OUT_TABLE, 24, "a-name-that-is-long");
	json_t *document = json_loads(json, 0, NULL), *row;

	for (const char *p = table; *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p < 0x7f));
	assert_non_null(strstr(table, escaped));
	assert_null(strstr(table, "WIDE"));
	assert_non_null(strstr(narrow, "a-name"));
	assert_null(strstr(narrow, "a-name-that-is-long "));
	assert_non_null(document);
	row = json_array_get(json_object_get(document, "rows"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "iface")), escaped);
	assert_int_equal(json_integer_value(json_object_get(row, "bytes")), 9007199254740993ULL);
	assert_true(json_is_null(json_object_get(row, "none")));
	json_decref(document);
	assert_ptr_equal(strchr(lines, '\n'), lines + strlen(lines) - 1);
	document = json_loads(lines, 0, NULL);
	assert_true(json_is_object(document));
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_si),
		cmocka_unit_test(test_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
