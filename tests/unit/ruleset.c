/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ruleset.c - what is refused, how many boxes a rule takes, a check that sees mistakes, the way
 * back from a blob.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "../../bpf/parse/packet.h"
#include "../../ctl/check/check.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/compile/blob_read.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/live/ifaces.h"
#include "../../ctl/rules/ruleset.h"
#include "../../ctl/text/rule_parse.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

static int compile(struct ruleset *rules, struct blob *blob, struct fault *fault)
{
	int r;

	memset(fault, 0, sizeof(*fault));
	memset(blob, 0, BLOB_SIZE);
	r = ifaces_find(rules, false, fault);
	return r < 0 ? r : ruleset_compile(rules, blob, fault);
}

/* ---- one rule made by hand ---- */

static struct match *add_match(struct rule *rule, enum field field, size_t count)
{
	struct match *m;

	rule->matches = reallocarray(rule->matches, rule->count + 1, sizeof(*m));
	m = &rule->matches[rule->count++];
	*m = (struct match){.field = field, .count = count};
	m->values = calloc(count + 1, sizeof(*m->values));
	return m;
}

static struct match *add_range(struct rule *rule, enum field field, uint32_t lo, uint32_t hi)
{
	struct match *m = add_match(rule, field, 1);

	m->values[0].range.lo = lo;
	m->values[0].range.hi = hi;
	return m;
}

static struct match *add_address(struct rule *rule, enum field field, uint32_t lo, uint32_t hi)
{
	struct match *m = add_match(rule, field, 1);

	m->values[0].addr.family = 4;
	m->values[0].addr.prefix = 255;
	m->values[0].addr.lo.lo = lo;
	m->values[0].addr.hi.lo = hi;
	return m;
}

/* Compile the rule alone; it is freed. */
static int compile_one(struct rule *rule, struct blob *blob, struct fault *fault)
{
	struct ruleset rules;
	int r;

	ruleset_init(&rules);
	assert_int_equal(ruleset_insert(&rules, 0, rule, fault), 0);
	r = compile(&rules, blob, fault);
	ruleset_free(&rules);
	return r;
}

/* What a rule becomes that looks at more than most do. */
struct boxed {
	struct box4 core;
	struct rest rest;
};
#define FIELD_AT(member)                                \
	{                                               \
#member, offsetof(struct boxed, member) \
	}
static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	FIELD_AT(core.src_lo),	     FIELD_AT(core.src_hi),	  FIELD_AT(core.dst_lo),
	FIELD_AT(core.dst_hi),	     FIELD_AT(core.box.sport_lo), FIELD_AT(core.box.sport_hi),
	FIELD_AT(core.box.dport_lo), FIELD_AT(core.box.dport_hi), FIELD_AT(core.box.proto_lo),
	FIELD_AT(core.box.refuses),  FIELD_AT(core.box.flags),	  FIELD_AT(rest.ifindex_lo),
	FIELD_AT(rest.ifindex_hi),   FIELD_AT(rest.len_lo),	  FIELD_AT(rest.len_hi),
	FIELD_AT(rest.tcp_value),
};

/* Break every field of a box that the rule limits, one at a time: the check must see each. */
static void test_mutants(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct rule rule = {.action = ACTION_DROP};
	struct fault fault = {};
	struct ruleset rules;
	struct rule_record *record;
	uint8_t *box;

	strcpy(add_match(&rule, FIELD_IN, 1)->values[0].iface, "lo");
	add_range(&rule, FIELD_PROTO, IPPROTO_TCP, IPPROTO_TCP);
	add_address(&rule, FIELD_SRC, 0x0a000005, 0x0a000009);
	add_address(&rule, FIELD_DST, 0xc0a80000, 0xc0a800ff);
	add_range(&rule, FIELD_SPORT, 1024, 2048);
	add_range(&rule, FIELD_DPORT, 80, 81);
	add_match(&rule, FIELD_FLAGS, 1)->values[0].masked.mask = 0x12;
	rule.matches[rule.count - 1].values[0].masked.value = 0x02;
	add_match(&rule, FIELD_FRAG, 0)->negated = true;
	add_range(&rule, FIELD_LEN, 40, 100);
	ruleset_init(&rules);
	assert_int_equal(ruleset_insert(&rules, 0, &rule, &fault), 0);
	assert_int_equal(compile(&rules, blob, &fault), 0);
	assert_int_equal(blob->family[FAMILY_IP4].total, 1);
	assert_int_equal(blob->family[FAMILY_IP6].total + blob->family[FAMILY_OTHER].total, 0);
	assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
	box = (uint8_t *)blob + blob->family[FAMILY_IP4].boxes;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		uint8_t *low = box + fields[i].offset; /* the low byte on little-endian machines */

		*low ^= 1;
		if (ruleset_check(&rules, blob, &fault) != -EBADE)
			fail_msg("the check does not see a wrong %s", fields[i].name);
		*low ^= 1;
	}
	record = (void *)((char *)blob + blob->records);
	record->slot ^= 1;
	assert_int_equal(ruleset_check(&rules, blob, &fault), -EBADE);
	record->slot ^= 1;
	record->action = ACTION_PASS;
	assert_int_equal(ruleset_check(&rules, blob, &fault), -EBADE);
	record->action = ACTION_DROP;
	blob->policy ^= 1;
	assert_int_equal(ruleset_check(&rules, blob, &fault), -EBADE);
	blob->policy ^= 1;
	blob->family[FAMILY_IP4].count = 0;
	assert_int_equal(ruleset_check(&rules, blob, &fault), -EBADE);
	ruleset_free(&rules);
	free(blob);
}

static void expect_never(struct rule *rule, struct blob *blob)
{
	struct fault fault = {};

	rule->action = ACTION_DROP;
	assert_int_equal(compile_one(rule, blob, &fault), -EINVAL);
	assert_int_equal(fault.code, EXIT_USAGE);
	assert_non_null(strstr(fault.message, "never match"));
}

static void test_never(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct rule rule = {};

	add_range(&rule, FIELD_PROTO, 0, 255)->negated = true;
	expect_never(&rule, blob);
	add_range(&rule, FIELD_LEN, 0, 65535)->negated = true;
	expect_never(&rule, blob);
	add_range(&rule, FIELD_PROTO, 47, 47);
	add_range(&rule, FIELD_DPORT, 53, 53);
	expect_never(&rule, blob);
	add_range(&rule, FIELD_ETHERTYPE, 0x0806, 0x0806);
	add_address(&rule, FIELD_DST, 1, 1);
	expect_never(&rule, blob);
	add_range(&rule, FIELD_HOOK, HOOK_TC, HOOK_TC);
	strcpy(add_match(&rule, FIELD_IN, 1)->values[0].iface, "lo");
	expect_never(&rule, blob);
	/* An empty list is nothing, not everything. */
	add_match(&rule, FIELD_SRC, 0)->negated = true;
	expect_never(&rule, blob);
	free(blob);
}

static void test_limits(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct rule rule = {.action = ACTION_DROP};
	struct fault fault = {};
	struct match *m = add_match(&rule, FIELD_HOST, 60);
	struct ruleset rules;

	/* Neither source nor destination: 61 x 61 boxes. */
	m->negated = true;
	for (uint32_t i = 0; i < 60; i++) {
		m->values[i].addr.family = 4;
		m->values[i].addr.lo.lo = m->values[i].addr.hi.lo = 2 * i + 1;
	}
	assert_int_equal(compile_one(&rule, blob, &fault), -EINVAL);
	assert_int_equal(fault.code, EXIT_REFUSED);
	assert_non_null(strstr(fault.message, "needs 3721 comparisons"));

	rule.action = ACTION_DROP;
	for (uint32_t i = 0; i < 17; i++)
		add_range(&rule, FIELD_LEN, 0, 1000 + i);
	assert_int_equal(compile_one(&rule, blob, &fault), 0);
	rule.action = ACTION_DROP;
	for (uint32_t i = 0; i < 17; i++)
		add_range(&rule, FIELD_LEN, 1 + i, 1000 + i);
	assert_int_equal(compile_one(&rule, blob, &fault), 0);

	strcpy(add_match(&rule, FIELD_IN, 1)->values[0].iface, "no-such-if");
	assert_int_equal(compile_one(&rule, blob, &fault), -ENODEV);

	ruleset_init(&rules);
	for (uint32_t i = 0; i < MAX_RULES; i++) {
		add_address(&rule, FIELD_DST, i, i);
		assert_int_equal(ruleset_insert(&rules, rules.count, &rule, &fault), 0);
	}
	assert_int_equal(compile(&rules, blob, &fault), 0);
	assert_int_equal(blob->family[FAMILY_IP4].total, MAX_RULES);
	add_address(&rule, FIELD_DST, 1, 1);
	assert_true(ruleset_insert(&rules, 0, &rule, &fault) < 0);
	assert_non_null(strstr(fault.message, "131072 rules is the limit"));
	rule_free(&rule);
	ruleset_free(&rules);
	free(blob);
}

/* ---- rules as text: their boxes, and the way back from the blob ---- */

static const struct {
	const char *text;
	uint32_t ip4, ip6, other; /* boxes */
	uint32_t might[UNSEENS]; /* of packets that do not show all, if it drops */
} texts[] = {
	{"drop dst 10.0.0.5", 1, 0, 0, { 0, 0, 1, 0 } },
	{"pass dst 10.0.0.5", 1, 0, 0, { 0, 0, 0, 0 } },
	{"drop not src 10.0.0.0/8", 2, 0, 0, { 0, 0, 1, 0 } },
	{"drop not src 10.0.0.0/8,2001:db8::/32", 2, 2, 0, { 0, 0, 1, 0 } },
	{"drop src 10.0.0.0/8,10.1.0.0/16,11.0.0.0/8", 1, 0, 0, { 0, 0, 1, 0 } },
	{"drop host 10.0.0.1,2001:db8::1", 2, 2, 0, { 0, 0, 1, 0 } },
	{"drop proto udp dport 53", 1, 1, 0, { 1, 1, 1, 1 } },
	{"drop dport 53,54,80", 2, 4, 0, { 5, 5, 1, 1 } },
	{"drop not dport 53", 2, 4, 0, { 5, 5, 1, 1 } },
	{"drop flags syn", 1, 1, 0, { 1, 1, 1, 1 } },
	{"drop icmp 8", 1, 0, 0, { 1, 0, 1, 0 } },
	{"drop in lo", 1, 1, 1, { 0, 0, 0, 0 } },
	{"drop hook xdp", 1, 1, 1, { 0, 0, 0, 0 } },
	{"drop vlan 10", 2, 2, 2, { 0, 0, 0, 0 } },
	{"drop not vlan 10", 4, 4, 4, { 0, 0, 0, 0 } },
	{"drop len 100-200", 1, 1, 1, { 0, 0, 1, 0 } },
	{"drop ethertype arp", 0, 0, 1, { 0, 0, 1, 0 } },
	{"drop not ethertype arp", 1, 1, 2, { 0, 0, 1, 0 } },
	{"drop frag", 1, 1, 0, { 0, 0, 1, 1 } },
	{"audit not frag proto icmp comment \"two words\"", 1, 1, 0, { 0, 0, 0, 0 } },
};

static struct rule parse(const char *text)
{
	struct fault fault = {};
	struct rule rule = {};

	if (rule_parse(text, &rule, &fault) < 0)
		fail_msg("'%s': %s", text, fault.message);
	return rule;
}

static void test_boxes(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct rule rule = parse(texts[i].text);
		struct fault fault = {};

		if (compile_one(&rule, blob, &fault) < 0)
			fail_msg("'%s': %s", texts[i].text, fault.message);
		if (blob->family[FAMILY_IP4].total != texts[i].ip4 || blob->family[FAMILY_IP6].total != texts[i].ip6 ||
		    blob->family[FAMILY_OTHER].total != texts[i].other)
			fail_msg("'%s': %u, %u and %u boxes", texts[i].text,
				 blob->family[FAMILY_IP4].total, blob->family[FAMILY_IP6].total,
				 blob->family[FAMILY_OTHER].total);
		for (enum unseen u = 0; u < UNSEENS; u++)
			if (blob->might[MIGHT_DROP][u].total != texts[i].might[u])
				fail_msg("'%s': %u boxes that packets might match, unseen %d",
					 texts[i].text, blob->might[MIGHT_DROP][u].total, u);
	}
	free(blob);
}

static void test_round_trip(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX), *again = calloc(1, BLOB_MAX);
	struct ruleset rules, back;
	struct fault fault = {};

	ruleset_init(&rules);
	rules.policy = VERDICT_DROP;
	rules.generation = 41;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct rule rule = parse(texts[i].text);

		assert_int_equal(ruleset_insert(&rules, rules.count / 2, &rule, &fault), 0);
	}
	ruleset_remove(&rules, 3);
	assert_int_equal(compile(&rules, blob, &fault), 0);
	assert_int_equal(ruleset_check(&rules, blob, &fault), 0);
	assert_int_equal(ruleset_load(blob, &back, &fault), 0);
	assert_int_equal(back.generation, 42);
	assert_int_equal(back.count, rules.count);
	for (size_t i = 0; i < rules.count; i++) {
		assert_true(rule_equal(&rules.rules[i], &back.rules[i]));
		assert_int_equal(rules.rules[i].id, back.rules[i].id);
		assert_int_equal(rules.rules[i].slot, back.rules[i].slot);
		assert_int_equal(ruleset_find_id(&back, rules.rules[i].id), i);
		assert_int_equal(ruleset_find_rule(&back, &rules.rules[i]), i);
	}
	back.generation = 41;
	assert_int_equal(compile(&back, again, &fault), 0);
	assert_memory_equal(blob, again, blob_size(blob));
	ruleset_free(&back);

	((char *)blob)[blob->text] = 'x';
	assert_int_equal(ruleset_load(blob, &back, &fault), -EPROTO);
	again->text_len = blob_size(again);
	assert_int_equal(ruleset_load(again, &back, &fault), -EPROTO);
	ruleset_free(&rules);
	free(blob);
	free(again);
}

/* More audit rules than a list may have: the compiler says so, and the oracle keeps to its bounds. */
static void test_too_many_audits(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct packet packet = { .id.kind = KIND_IP4 };
	struct guarded {
		struct oracle_answer answer;
		uint32_t behind[MAX_AUDITS];
	} guarded = {};
	struct fault fault = {};
	struct ruleset rules;

	ruleset_init(&rules);
	for (size_t i = 0; i < MAX_AUDITS + 10; i++) {
		struct rule rule = parse("audit hook xdp");

		rule.slot = (uint32_t)i + 1;
		assert_int_equal(ruleset_insert(&rules, i, &rule, &fault), 0);
	}
	oracle_ask(&rules, &packet, &(struct envelope){}, HOOK_XDP, &guarded.answer);
	assert_int_equal(guarded.answer.audit_count, MAX_AUDITS);
	assert_int_equal(guarded.answer.audits[MAX_AUDITS - 1], MAX_AUDITS);
	for (size_t i = 0; i < MAX_AUDITS; i++)
		assert_int_equal(guarded.behind[i], 0);
	assert_true(compile(&rules, blob, &fault) < 0);
	assert_non_null(strstr(fault.message, "audit"));
	ruleset_free(&rules);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_mutants),	   cmocka_unit_test(test_never),
		cmocka_unit_test(test_limits),	   cmocka_unit_test(test_boxes),
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_too_many_audits),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
