/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation.c - conversations made of flows, and how they are sorted and printed. */
#include <stdio.h>
#include <string.h>

#include "../../ctl/stats/conversation.h"
#include "../../ctl/stats/format.h"
#include "../../ctl/base/out.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct flow flow(enum hook_id hook, uint32_t ifindex, uint32_t src, uint16_t sport,
			uint32_t dst, uint16_t dport, uint64_t packets)
{
	return (struct flow){
		.hook = hook,
		.ifindex = ifindex,
		.family = 4,
		.protocol = 17,
		.src.lo = src,
		.dst.lo = dst,
		.sport = sport,
		.dport = dport,
		.passed = { packets, packets * 100 },
		.first = 1000000000,
		.last = 3000000000,
	};
}

static struct conversation *make(struct flow *flows, size_t count, const uint32_t *tc,
				 size_t tc_count, size_t *ret_count)
{
	struct snapshot s = { .flows = flows, .flow_count = count };
	const struct flow_filter all = {};
	struct conversation *list;

	assert_int_equal(conversations_make(&s, &all, tc, tc_count, &list, ret_count), 0);
	return list;
}

/* Received at XDP; sent at TC, where OUTPUT has seen the same packets. */
static void test_directions(void **state)
{
	struct flow flows[] = {
		flow(HOOK_XDP, 2, 20, 53, 10, 999, 4),
		flow(HOOK_TC, 2, 10, 999, 20, 53, 5),
		flow(HOOK_NF, 2, 10, 999, 20, 53, 5),
	};
	const uint32_t tc[] = { 2 };
	size_t count;
	autofree struct conversation *c = make(flows, 3, tc, 1, &count);

	assert_int_equal(count, 1);
	assert_int_equal(c->local.lo, 10);
	assert_int_equal(c->local_port, 999);
	assert_int_equal(c->peer_port, 53);
	assert_int_equal(c->tx.packets, 5);
	assert_int_equal(c->rx.packets, 4);
	assert_int_equal(c->sent_hook, HOOK_TC);
	conversations_average(c, count);
	assert_int_equal(c->tx_rate, 5 * 100 * 8 / 2);
	assert_int_equal(c->rx_rate, 4 * 100 * 8 / 2);
}

/* Flows of years, of exabytes, and one whose times are the wrong way round. */
static void test_rates(void **state)
{
	const uint64_t year = 365 * 86400 * 1000000000ULL;
	struct conversation c[] = {
		{.first = 1, .last = 1 + 30 * year, .tx.bytes = 30 * (year / 1000000000) * 125},
		{.first = year, .last = 21 * year, .tx.bytes = UINT64_MAX, .rx.bytes = 1},
		{.first = year, .last = year, .tx.bytes = UINT64_MAX, .rx.bytes = 3},
		{.first = 2 * year, .last = year, .tx.bytes = 1000},
	};

	conversations_average(c, 4);
	assert_int_equal(c[0].tx_rate, 1000);
	assert_int_equal(c[1].tx_rate, 233976966942); /* 2^67 bits in 630720000 seconds */
	assert_int_equal(c[1].rx_rate, 0);
	assert_int_equal(c[2].tx_rate, INT64_MAX);
	assert_int_equal(c[2].rx_rate, 24);
	assert_int_equal(c[3].tx_rate, 8000);
}

static void test_output_alone(void **state)
{
	struct flow flows[] = { flow(HOOK_NF, 2, 10, 999, 20, 53, 5),
				flow(HOOK_NF, 3, 10, 1, 20, 2, 6) };
	const uint32_t tc[] = { 2 };
	size_t count;
	autofree struct conversation *c = make(flows, 2, tc, 1, &count);

	/* What passed on interface 2 is TC's to count. */
	assert_int_equal(count, 1);
	assert_int_equal(c->ifindex, 3);
	assert_int_equal(c->tx.packets, 6);
	assert_int_equal(c->sent_hook, HOOK_NF);
}

static void test_output_drop(void **state)
{
	struct flow flows[] = { flow(HOOK_NF, 2, 10, 999, 20, 53, 5),
				flow(HOOK_TC, 2, 10, 999, 20, 53, 2) };
	const uint32_t tc[] = { 2 };
	size_t count;

	flows[0].verdict = VERDICT_DROP;
	flows[0].slot = 7;
	flows[1].last++; /* the drop weighs more, though older */
	for (size_t n = 1; n <= 2; n++) {
		autofree struct conversation *c = make(flows, n, tc, 1, &count);

		assert_int_equal(count, 1);
		assert_int_equal(c->verdict, VERDICT_DROP);
		assert_int_equal(c->slot, 7);
		assert_int_equal(c->tx.packets, 5);
	}
}

/* From interface 2 to interface 3 and back: one row, on the interface the first packet left by. */
static void test_forwarded(void **state)
{
	struct flow flows[] = {
		flow(HOOK_XDP, 2, 10, 1, 20, 2, 5),
		flow(HOOK_TC, 3, 10, 1, 20, 2, 5),
		flow(HOOK_XDP, 3, 20, 2, 10, 1, 4),
		flow(HOOK_TC, 2, 20, 2, 10, 1, 4),
	};
	const uint32_t tc[] = { 2, 3 };
	size_t count;

	flows[2].first++;
	flows[3].first++;
	for (size_t n = 2; n <= 4; n++) {
		autofree struct conversation *c = make(flows, n, tc, 2, &count);

		assert_int_equal(count, 1);
		assert_int_equal(c->ifindex, 3);
		assert_int_equal(c->local.lo, 10);
		assert_int_equal(c->tx.packets, 5);
		assert_int_equal(c->rx.packets, n > 2 ? 4 : 0);
	}
}

/* Asked for one interface, it is shown there, whichever leads. */
static void test_forwarded_filter(void **state)
{
	struct flow flows[] = { flow(HOOK_XDP, 2, 10, 1, 20, 2, 5),
				flow(HOOK_TC, 3, 10, 1, 20, 2, 5) };
	struct snapshot s = { .flows = flows, .flow_count = 2 };
	const uint32_t tc[] = { 2, 3 };

	for (uint32_t ifindex = 2; ifindex <= 3; ifindex++) {
		const struct flow_filter filter = { .ifindex = ifindex };
		autofree struct conversation *c = NULL;
		size_t count;

		assert_int_equal(conversations_make(&s, &filter, tc, 2, &c, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(c->ifindex, ifindex);
		assert_int_equal(ifindex == 2 ? c->rx.packets : c->tx.packets, 5);
	}
}

static void test_icmp(void **state)
{
	struct flow flows[] = {
		flow(HOOK_TC, 2, 10, 77, 20, 8 << 8, 3),
		flow(HOOK_XDP, 2, 20, 77, 10, 0, 2),
	};
	size_t count;
	struct conversation *c;

	flows[0].protocol = flows[1].protocol = 1;
	c = make(flows, 2, NULL, 0, &count);
	assert_int_equal(count, 1);
	assert_int_equal(c->type, 8 << 8);
	assert_int_equal(c->tx.packets, 3);
	assert_int_equal(c->rx.packets, 2);
	free(c);
}

/* The conversations before are in the order in which they were shown. */
static void test_interval(void **state)
{
	struct flow flows[] = { flow(HOOK_XDP, 2, 20, 53, 10, 999, 4),
				flow(HOOK_XDP, 2, 21, 53, 10, 999, 4),
				flow(HOOK_XDP, 2, 22, 53, 10, 999, 4) };
	const struct conversation_sort shown = { .keys = { SORT_PEER },
						 .count = 1,
						 .reverse = true };
	size_t count, before_count;
	autofree struct conversation *before = make(flows, 2, NULL, 0, &before_count);
	struct conversation *c;

	conversations_sort(before, before_count, &shown);
	flows[0].passed.bytes += 1000;
	c = make(flows, 3, NULL, 0, &count);
	conversations_interval(c, count, before, before_count, 500000000);
	assert_int_equal(c[0].rx_rate, 16000);
	assert_int_equal(c[1].rx_rate, 0);
	assert_int_equal(c[2].rx_rate, 400 * 8 * 2); /* new: all of it */
	free(c);
}

static void test_sort(void **state)
{
	struct flow flows[] = {
		flow(HOOK_XDP, 2, 20, 53, 10, 999, 4),
		flow(HOOK_XDP, 2, 21, 53, 10, 999, 6),
		flow(HOOK_XDP, 2, 22, 53, 10, 999, 5),
	};
	struct fault fault = {};
	struct conversation_sort sort = {};
	size_t count;
	autofree struct conversation *c = make(flows, 3, NULL, 0, &count);

	conversations_sort(c, count, &sort);
	assert_int_equal(c[0].peer.lo, 21);
	assert_int_equal(c[2].peer.lo, 20);
	assert_int_equal(conversation_sort_parse("proto,peer", &sort, NULL), 0);
	conversations_sort(c, count, &sort);
	assert_int_equal(c[0].peer.lo, 20);
	sort.reverse = true;
	conversations_sort(c, count, &sort);
	assert_int_equal(c[0].peer.lo, 22);
	assert_true(conversation_sort_parse("bytes,", &sort, &fault) < 0);
	assert_true(conversation_sort_parse("bite", &sort, &fault) < 0);
	assert_true(conversation_sort_parse("", &sort, &fault) < 0);
	assert_non_null(strstr(fault.message, "''"));
	assert_int_equal(fault.code, EXIT_USAGE);
}

/* ---- texts ---- */

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
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_output_alone),
		cmocka_unit_test(test_output_drop),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_forwarded_filter),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_si),
		cmocka_unit_test(test_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
