/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elements.c - elements of sets as text: words, list files, hostile bytes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../../ctl/text/element_list.h"
#include "../../ctl/text/element_print.h"
#include "../../ctl/text/element_read.h"
#include "../../ctl/text/set_batch.h"
#include "../lib/prng.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

#define RANDOM_ELEMENTS 100000
#define MUTATIONS 50000

/* "" or the message; canonical text or the message is in ret. */
static const char *printed(enum set_type type, const char *word)
{
	static char text[512 + ELEMENT_SIZE];
	struct fault fault = {};
	struct element element;

	if (element_read(type, word, strlen(word), &element, &fault) < 0)
		snprintf(text, sizeof(text), "! %s", fault.message);
	else
		element_print(&element, text);
	free(fault.source);
	return text;
}

static const struct {
	enum set_type type;
	const char *word, *expected;
} words[] = {
	{ SET_ADDRESSES, "10.0.0.1", "10.0.0.1" },
	{ SET_ADDRESSES, "0.0.0.0", "0.0.0.0" },
	{ SET_ADDRESSES, "255.255.255.255", "255.255.255.255" },
	{ SET_ADDRESSES, "10.0.0.1/32", "10.0.0.1" },
	{ SET_ADDRESSES, "0.0.0.0/0", "0.0.0.0/0" },
	{ SET_ADDRESSES, "128.0.0.0/1", "128.0.0.0/1" },
	{ SET_ADDRESSES, "10.0.0.0-10.0.0.255", "10.0.0.0/24" },
	{ SET_ADDRESSES, "10.0.0.1-10.0.0.255", "10.0.0.1-10.0.0.255" },
	{ SET_ADDRESSES, "0.0.0.0-255.255.255.255", "0.0.0.0/0" },
	{ SET_ADDRESSES, "10.0.0.1/8", "! '10.0.0.1/8' has bits beyond its prefix" },
	{ SET_ADDRESSES, "10.0.0.0/33", "! not a prefix length: '/33' (0 to 32)" },
	{ SET_ADDRESSES, "10.0.0.0/", "! not a prefix length: '/' (0 to 32)" },
	{ SET_ADDRESSES, "10.0.0.0/08", "! not a prefix length: '/08' (0 to 32)" },
	{ SET_ADDRESSES, "10.0.0.0/8x", "! not a prefix length: '/8x' (0 to 32)" },
	{ SET_ADDRESSES, "10.0.0", "! not an address or prefix: '10.0.0'" },
	{ SET_ADDRESSES, "10.0.0.", "! not an address or prefix: '10.0.0.'" },
	{ SET_ADDRESSES, "10.0.0.1.2", "! not an address or prefix: '10.0.0.1.2'" },
	{ SET_ADDRESSES, "10.0.0.01", "! not an address or prefix: '10.0.0.01'" },
	{ SET_ADDRESSES, "10.0.0.256", "! not an address or prefix: '10.0.0.256'" },
	{ SET_ADDRESSES, "10.0.0.9999999999", "! not an address or prefix: '10.0.0.9999999999'" },
	{ SET_ADDRESSES, "10.0.0.2-10.0.0.1", "! range is backwards: '10.0.0.2-10.0.0.1'" },
	{ SET_ADDRESSES, "10.0.0.2-::1", "! range mixes IPv4 and IPv6: '10.0.0.2-::1'" },
	{ SET_ADDRESSES, "80", "! not an address or prefix: '80'" },
	{ SET_ADDRESSES, "", "! not an address or prefix: ''" },
	{ SET_ADDRESSES, "::", "::" },
	{ SET_ADDRESSES, "::/0", "::/0" },
	{ SET_ADDRESSES, "2001:DB8::/32", "2001:db8::/32" },
	{ SET_ADDRESSES, "2001:db8::1-2001:db8::5", "2001:db8::1-2001:db8::5" },
	{ SET_ADDRESSES, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0" },
	{ SET_ADDRESSES, "::-::ffff:ffff:ffff:ffff", "::/64" },
	{ SET_ADDRESSES, "2001:db8::1/64", "! '2001:db8::1/64' has bits beyond its prefix" },
	{ SET_ADDRESSES, "2001:db8::/129", "! not a prefix length: '/129' (0 to 128)" },
	{ SET_PORTS, "0", "0" },
	{ SET_PORTS, "65535", "65535" },
	{ SET_PORTS, "https", "443" },
	{ SET_PORTS, "80-90", "80-90" },
	{ SET_PORTS, "http-https", "80-443" },
	{ SET_PORTS, "90-80", "! range is backwards: '90-80'" },
	{ SET_PORTS, "65536", "! not a port: '65536' (0 to 65535)" },
	{ SET_PORTS, "htp", "! not a port or service name: 'htp'" },
	{ SET_SERVICES, "10.0.0.5:53", "10.0.0.5:53" },
	{ SET_SERVICES, "10.0.0.5:53/udp", "10.0.0.5:53/udp" },
	{ SET_SERVICES, "10.0.0.5:domain/17", "10.0.0.5:53/udp" },
	{ SET_SERVICES, "10.0.0.5:1-9/tcp", "10.0.0.5:1-9/tcp" },
	{ SET_SERVICES, "[2001:db8::1]:443", "[2001:db8::1]:443" },
	{ SET_SERVICES, "[::]:0-65535/sctp", "[::]:0-65535/sctp" },
	{ SET_SERVICES, "[10.0.0.5]:53", "! brackets are for IPv6 addresses: '10.0.0.5'" },
	{ SET_SERVICES, "[::1:53", "! not a service: '[::1:53'" },
	{ SET_SERVICES, "::1:53", "! not a service: '::1:53'" },
	{ SET_SERVICES, "10.0.0.5", "! not a service: '10.0.0.5'" },
	{ SET_SERVICES, "10.0.0.5:", "! not a port or service name: ''" },
	{ SET_SERVICES, ":53", "! not an address or prefix: ''" },
	{ SET_SERVICES, "10.0.0.0/24:53", "! a service is at one address: '10.0.0.0/24'" },
	{ SET_SERVICES, "10.0.0.5:53/icmp", "! a protocol without ports: 'icmp'" },
	{ SET_SERVICES, "10.0.0.5:53/", "! not a protocol: ''" },
	{ SET_SERVICES, "10.0.0.5:53/udp/tcp", "! not a protocol: 'udp/tcp'" },
};

static void test_words(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *got = printed(words[i].type, words[i].word);

		if (strcmp(got, words[i].expected))
			fail_msg("'%s': got '%s'", words[i].word, got);
		if (got[0] != '!')
			assert_string_equal(printed(words[i].type, got), words[i].expected);
	}
}

/* Prefixes, hosts and ranges; the printer and inet_pton's reader must agree. */
static struct element random_element(enum set_type type)
{
	struct element e = { .kind = random64() % 2 ? ELEMENT_IP4 : ELEMENT_IP6 };
	uint64_t a = random64(), b = a + random64() % 1000, host = UINT64_MAX >> random64() % 64;

	if (type == SET_PORTS) {
		e.kind = ELEMENT_PORT;
		e.port.lo = (uint16_t)MIN(a & 0xffff, b & 0xffff);
		e.port.hi = (uint16_t)MAX(a & 0xffff, b & 0xffff);
	} else if (type == SET_SERVICES) {
		static const uint8_t protos[] = { 0, 6, 17, 33, 132, 136 };

		e = (struct element){ .kind = ELEMENT_SERVICE };
		e.service.family = a % 2 ? 4 : 6;
		e.service.address.lo = e.service.family == 4 ? (uint32_t)b : b;
		e.service.address.hi = e.service.family == 4 ? 0 : random64();
		e.service.port_lo = (uint16_t)(a >> 40);
		e.service.port_hi = (uint16_t)MIN(65535, e.service.port_lo + random64() % 3);
		e.service.proto = protos[random64() % ARRAY_SIZE(protos)];
	} else if (e.kind == ELEMENT_IP4) {
		e.ip4.lo = a % 3 ? (uint32_t)a & ~(uint32_t)host : (uint32_t)a >> 1;
		e.ip4.hi = a % 3 ? e.ip4.lo | (uint32_t)host : e.ip4.lo + (uint32_t)(b - a);
	} else {
		e.ip6.lo = (struct addr6){ random64(), a % 3 ? a & ~host : a >> 1 };
		e.ip6.hi = (struct addr6){ e.ip6.lo.hi, a % 3 ? a | host : (a >> 1) + (b - a) };
	}
	return e;
}

static void test_round_trip(void **state)
{
	for (size_t i = 0; i < RANDOM_ELEMENTS; i++) {
		enum set_type type = (enum set_type)(random64() % 3);
		struct element e = random_element(type), back;
		char text[ELEMENT_SIZE];
		size_t len = element_print(&e, text);

		assert_int_equal(len, strlen(text));
		if (element_read(type, text, len, &back, NULL) < 0 || memcmp(&back, &e, sizeof(e)))
			fail_msg("%s is read as another", text);
	}
}

/* Elements, messages and lives of a text, one after the other. */
static char *listed(const char *text, enum set_type type, bool file)
{
	struct element_list list = {
		.at = text, .end = text + strlen(text), .type = type, .file = file
	};
	char *ret = NULL;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	for (;;) {
		struct fault fault = {};
		struct element e;
		char word[ELEMENT_SIZE];
		uint32_t life = 0;
		int found = element_next(&list, &e, &life, &fault);

		free(fault.source);
		if (found == FOUND_END)
			break;
		if (found == FOUND_ELEMENT) {
			element_print(&e, word);
			fprintf(out, life ? "%s~%u " : "%s ", word, life);
			continue;
		}
		fprintf(out, "%s<%.*s> ", found < 0 ? "!" : "", (int)list.len, list.word);
	}
	fclose(out);
	return ret;
}

static void test_lists(void **state)
{
	static const struct {
		const char *text, *block, *file;
	} lists[] = {
		{ "10.0.0.1\n10.0.0.2\r\n\n\t10.0.0.3", "10.0.0.1 10.0.0.2 10.0.0.3 ",
		  "10.0.0.1 10.0.0.2 10.0.0.3 " },
		{ "10.0.0.1,10.0.0.2 ,\n, 10.0.0.3,", "10.0.0.1 10.0.0.2 10.0.0.3 ",
		  "10.0.0.1 10.0.0.2 10.0.0.3 " },
		{ "# 10.0.0.9\n10.0.0.1 # one\n10.0.0.2#two\n", "10.0.0.1 10.0.0.2 ",
		  "10.0.0.1 10.0.0.2 " },
		{ "; 10.0.0.9\n10.0.0.1 ; SBL1\n10.0.0.2;x",
		  "10.0.0.9 10.0.0.1 !<SBL1> 10.0.0.2 !<x> ", "10.0.0.1 10.0.0.2 " },
		{ "10.0.0.1\t9\n10.0.0.2 AU, any text 10.0.0.3", "!<9> !<AU> ",
		  "10.0.0.1 10.0.0.2 " },
		{ "10.0.0.1 10.0.0.2\n10.0.0.3", "!<10.0.0.2> 10.0.0.3 ", "!<10.0.0.2> 10.0.0.3 " },
		{ "10.0.0.1 for 1h, 10.0.0.2 for 5s", "10.0.0.1~3600 10.0.0.2~5 ",
		  "10.0.0.1~3600 10.0.0.2~5 " },
		{ "10.0.0.1 for 9m58s packets 1 bytes 2", "!<packets> ", "10.0.0.1~598 " },
		{ "10.0.0.1 for\n10.0.0.2", "!<for> 10.0.0.2 ", "!<for> 10.0.0.2 " },
		{ "10.0.0.1 for 5\n10.0.0.2", "!<5> 10.0.0.2 ", "!<5> 10.0.0.2 " },
		{ "10.0.0.1 for 00000000000000000000010mx\n10.0.0.2",
		  "!<00000000000000000000010mx> 10.0.0.2 ",
		  "!<00000000000000000000010mx> 10.0.0.2 " },
		{ "$a, include \"x y\"", "<$a> <include> !<\"x> ", "!<$a> " },
		{ "<html>\n10.0.0.1", "!<<html>> 10.0.0.1 ", "!<<html>> 10.0.0.1 " },
		{ "", "", "" },
		{ " \t\r\n,;#", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		autofree char *block = listed(lists[i].text, SET_ADDRESSES, false);
		autofree char *file = listed(lists[i].text, SET_ADDRESSES, true);

		assert_string_equal(block, lists[i].block);
		assert_string_equal(file, lists[i].file);
	}
}

/* Bytes changed at random: nothing may be read beyond the end, and every call gets further. */
static void test_garbage(void **state)
{
	static const char text[] = "10.0.0.1, 2001:db8::/32 for 10m\n# x\n10.0.0.0-10.0.0.9\tAU;"
				   "443,[::1]:53/udp include \"a\\\"b\" $x\n8000-8080";
	size_t good = 0;

	for (size_t i = 0; i < MUTATIONS; i++) {
		size_t len = sizeof(text) - random64() % (sizeof(text) - 1) - 1;
		autofree char *copy = malloc(len + 1); /* exact, so that a sanitizer sees */
		struct element_list list = { .at = copy,
					     .type = (enum set_type)(i % 3),
					     .file = i & 4 };
		size_t calls = 0;
		int found;

		memcpy(copy, text, len);
		for (size_t n = random64() % 4; n; n--)
			copy[random64() % (len + 1)] = (char)random64();
		list.end = copy + len;
		do {
			struct element e;
			uint32_t life;

			found = element_next(&list, &e, &life, NULL);
			good += found == FOUND_ELEMENT;
			if (found == FOUND_WORD)
				element_word(&list);
			assert_true(list.at <= list.end && calls++ <= len);
		} while (found != FOUND_END);
	}
	printf("%d mutated texts, %zu elements\n", MUTATIONS, good);
	assert_true(good > MUTATIONS / 4);
}

static void test_faults_of_a_file(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "10.0.0.1\n10.0.0.300 x\n 10.0.0.2 10.0.0.3\n"
				   "10.0.0.1 - 10.0.0.9 x\n10.0.0.5 - x\n10.0.0.6 -\n"
				   "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n10.0.0.4";
	autoclose int fd = memfd_create("list", MFD_CLOEXEC);
	autolist struct list_text list = {};
	struct list_faults faults = {};
	struct set batch = {};
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(list_open(path, &list, NULL), 0);
	assert_int_equal(batch_list(&list, 0, &batch, &faults), -EINVAL);
	assert_int_equal(faults.count, 13);
	assert_string_equal(faults.fault[0].message, "not an address or prefix: '10.0.0.300'");
	assert_string_equal(faults.fault[0].source, "10.0.0.300 x");
	assert_int_equal(faults.fault[0].line, 2);
	assert_int_equal(faults.fault[1].line, 3);
	assert_int_equal(faults.fault[1].column, 10);
	assert_int_equal(faults.fault[1].width, 8);
	assert_int_equal(faults.fault[2].line, 4);
	assert_int_equal(faults.fault[2].column, 9);
	assert_int_equal(faults.fault[2].width, 1);
	assert_int_equal(faults.fault[3].line, 7);
	assert_int_equal(faults.fault[MOST_FAULTS - 1].line, 13);
	for (size_t i = 0; i < MOST_FAULTS; i++)
		free(faults.fault[i].source);
	set_free(&batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_faults_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
