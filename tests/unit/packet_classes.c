/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_classes.c - what rules tell apart within a flow: how many classes there are, and a word that knows some. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/text/rule_parse.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

static bool has(__u64 word, __u32 class, __u32 bits)
{
	return !lane_differs(word, lane_of(class, bits));
}

/* A word has a class from when it is added to when another takes its lane, and no other class. */
static void word_has_what_was_added(void **state)
{
	enum { ADDED = 1000, ASKED = 300 };
	__u32 last[64];

	srandom(1);
	for (__u32 bits = 1; bits <= LANE_MAX_BITS; bits *= 2) {
		__u32 lanes = 64 / bits, room = LANE_CLASSES(bits);
		__u64 word = 0;

		memset(last, 0xff, sizeof(last));
		for (int i = 0; i < ADDED; i++) {
			__u32 class = (__u32)random() % room;

			word = lane_add(word, lane_of(class, bits));
			last[class % lanes] = class;
			for (__u32 n = 0; n < ASKED; n++) {
				class = n < lanes ? last[n] : (__u32)random() % room;
				if (class < room)
					assert_int_equal(has(word, class, bits),
							 last[class % lanes] == class);
			}
		}
	}
}

static bool has_room(__u32 class, __u32 bits)
{
	struct lane lane = lane_of(class, bits), none = LANE_NONE;

	return memcmp(&lane, &none, sizeof(lane));
}

/* What has no room is in no word, and changes none. */
static void no_room(void **state)
{
	for (__u32 bits = 1; bits <= LANE_MAX_BITS; bits *= 2) {
		assert_true(has_room(LANE_CLASSES(bits) - 1, bits));
		for (__u64 class = LANE_CLASSES(bits); class <= NO_CLASS; class += class / 3 + 1)
			assert_false(has_room(class, bits));
		for (int bit = 18; bit < 32; bit++)
			assert_false(has_room(1U << bit, bits));
		assert_false(has_room(NO_CLASS, bits));
	}
	assert_true(lane_differs(0, LANE_NONE) && lane_differs(-1ULL, LANE_NONE));
	assert_int_equal(lane_add(0x1234, LANE_NONE), 0x1234);
	assert_false(lane_differs(lane_add(0, LANE_WHOLE), LANE_WHOLE));
	assert_true(lane_differs(0, LANE_WHOLE));
}

static void add(struct ruleset *rules, const char *text)
{
	struct rule rule = {};

	assert_int_equal(rule_parse(text, &rule, NULL), 0);
	rule.id = rule.slot = rules->count + 1;
	assert_int_equal(ruleset_insert(rules, rules->count, &rule, NULL), 0);
}

/* Rules that tell so many sets of TCP flags and so many lengths apart. */
static void compile_classes(unsigned int flags, unsigned int lengths, struct blob *blob)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack" };
	struct ruleset rules;
	char text[128];

	ruleset_init(&rules);
	for (unsigned int set = 1; set < flags; set++) {
		size_t at = snprintf(text, sizeof(text), "drop proto tcp flags ");

		for (unsigned int i = 0, any = 0; i < ARRAY_SIZE(names); i++)
			if (set >> i & 1)
				at += snprintf(text + at, sizeof(text) - at, "%s%s",
					       any++ ? "+" : "", names[i]);
		snprintf(text + at, sizeof(text) - at, "/all");
		add(&rules, text);
	}
	for (unsigned int length = 1; length < lengths; length++) {
		snprintf(text, sizeof(text), "pass len 0-%u", 50 * length);
		add(&rules, text);
	}
	rules.next_id = rules.next_slot = rules.count + 1;
	assert_int_equal(ruleset_compile(&rules, blob, NULL), 0);
	ruleset_free(&rules);
}

/* There are as many classes as there are sets and lengths, and lanes as narrow as they allow. */
static void classes_are_counted(void **state)
{
	static const struct {
		unsigned int flags, lengths, bits;
	} cases[] = { { 1, 1, 0 },   { 2, 1, 1 },   { 1, 16, 1 }, { 2, 32, 1 },
		      { 3, 32, 2 },  { 4, 25, 4 },  { 8, 30, 4 }, { 26, 13, 8 },
		      { 30, 32, 8 } };
	struct blob *blob = calloc(1, BLOB_MAX);
	struct envelope envelope = {};
	struct packet p = { .id.kind = KIND_IP4 | KIND_PORTS, .id.tags = ID_TAGS(0, 0, PROTO_TCP) };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static bool seen[32 * 32];
		unsigned int count = 0;

		memset(seen, 0, sizeof(seen));
		compile_classes(cases[i].flags, cases[i].lengths, blob);
		for (int flags = 0; flags < 32; flags++)
			for (p.length = 1; p.length < 1700; p.length += 50) {
				__u64 numbers;
				__u32 class;

				p.tcp_flags = flags;
				class = packet_class(&blob->classes, parts_of(blob), &p, &envelope, HOOK_XDP,
						     &numbers);
				assert_true(class < ARRAY_SIZE(seen));
				count += !seen[class];
				seen[class] = true;
			}
		assert_int_equal(count, cases[i].flags * cases[i].lengths);
		assert_int_equal(blob->classes.bits, cases[i].bits);
	}
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(word_has_what_was_added),
		cmocka_unit_test(no_room),
		cmocka_unit_test(classes_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
