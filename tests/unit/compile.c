/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compile.c - rules to blob: the native walk against the oracle, refusals, and the way back. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../../bpf/parts_native.h"
#include "../../bpf/classify.h"
#include "../../ctl/judge.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define RULESETS 60
#define PACKETS 20000

static uint64_t state = 0x243f6a8885a308d3;

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

/* ---- random rules over small pools, so that they overlap and packets hit them ---- */

static const uint32_t addresses[] = {0,		 1,	     0x0a000000, 0x0a000005,
				     0x0a000006, 0x0a0000ff, 0x7fffffff, 0x80000000,
				     0xc0a80101, 0xfffffffe, 0xffffffff};
static const uint64_t halves[] = {
	0, 1, 0x20010db800000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
static const uint32_t ports[] = {0, 1, 53, 80, 0x0800, 0x0801, 443, 1024, 0x8000, 65534, 65535};
static const uint32_t protos[] = {0, 1, 6, 17, 33, 47, 58, 132, 136, 255};
static const uint32_t vlans[] = {0, 1, 10, 11, 100, 4094, 4095};
static const uint32_t lengths[] = {0, 40, 100, 1500, 65535};
static const uint32_t types[] = {0, 0x0600, 0x0800, 0x0806, 0x86dd, 0xffff};
static const uint8_t tests[][2] = {{0x02, 0x02}, {0x12, 0x02}, {0xff, 0x00}, {0x17, 0x05}};

#define PICK(pool) ((pool)[below(ARRAY_SIZE(pool))])

static void random_range(const uint32_t *pool, size_t count, struct value *v)
{
	uint32_t a = pool[below(count)], b = below(2) ? a : pool[below(count)];

	v->range.lo = MIN(a, b);
	v->range.hi = MAX(a, b);
}
#define RANDOM_RANGE(pool, v) random_range(pool, ARRAY_SIZE(pool), v)

static void random_address(struct value *v)
{
	struct addr6 a = {PICK(halves), PICK(halves)}, b = {PICK(halves), PICK(halves)};
	struct value range;

	v->addr.family = below(2) ? 4 : 6;
	v->addr.prefix = 255;
	if (v->addr.family == 4) {
		RANDOM_RANGE(addresses, &range);
		v->addr.lo = (struct addr6){0, range.range.lo};
		v->addr.hi = (struct addr6){0, range.range.hi};
		return;
	}
	if (below(2))
		b = a;
	v->addr.lo = less6(&a, &b) ? a : b;
	v->addr.hi = less6(&a, &b) ? b : a;
}

static void random_value(enum field field, struct value *v)
{
	static const uint32_t hooks[] = {HOOK_XDP, HOOK_TC, HOOK_NF};
	uint8_t i = below(ARRAY_SIZE(tests));

	memset(v, 0, sizeof(*v));
	switch (field) {
	case FIELD_HOOK:
		RANDOM_RANGE(hooks, v);
		v->range.hi = v->range.lo;
		break;
	case FIELD_IN:
	case FIELD_OUT:
		strcpy(v->iface, "lo");
		break;
	case FIELD_ETHERTYPE:
		RANDOM_RANGE(types, v);
		break;
	case FIELD_VLAN:
		RANDOM_RANGE(vlans, v);
		break;
	case FIELD_PROTO:
		RANDOM_RANGE(protos, v);
		break;
	case FIELD_ICMP:
		v->icmp.family = below(2) ? 4 : 6;
		v->icmp.type = below(2) ? 8 : 0x80;
		v->icmp.code_lo = below(2);
		v->icmp.code_hi = below(2) ? 255 : v->icmp.code_lo;
		break;
	case FIELD_HOST:
	case FIELD_SRC:
	case FIELD_DST:
		random_address(v);
		break;
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
		RANDOM_RANGE(ports, v);
		break;
	case FIELD_FLAGS:
		v->flags.mask = tests[i][0];
		v->flags.value = tests[i][1];
		break;
	default:
		RANDOM_RANGE(lengths, v);
	}
}

static struct rule random_rule(void)
{
	struct rule rule = {.action = below(3), .count = 1 + below(4)};
	size_t i, j;

	rule.matches = calloc(rule.count, sizeof(*rule.matches));
	for (i = 0; i < rule.count; i++) {
		struct match *m = &rule.matches[i];

		m->field = below(FIELDS);
		m->negated = !below(3);
		if (m->field == FIELD_FRAG)
			continue;
		m->count = below(2) ? 1 : 1 + below(4);
		m->values = calloc(m->count, sizeof(*m->values));
		for (j = 0; j < m->count; j++)
			random_value(m->field, &m->values[j]);
	}
	return rule;
}

static int compile(const struct ruleset *set, struct blob *blob, struct fault *fault)
{
	memset(fault, 0, sizeof(*fault));
	memset(blob, 0, sizeof(*blob));
	return ruleset_compile(set, blob, fault);
}

/* Up to "count" random rules; those that can never match are left out. */
static void random_set(struct ruleset *set, size_t count, struct blob *blob)
{
	struct fault fault;

	ruleset_init(set);
	set->policy = below(2) ? VERDICT_DROP : VERDICT_PASS;
	while (count--) {
		struct rule rule = random_rule();

		assert_int_equal(ruleset_insert(set, below(set->count + 1), &rule, &fault), 0);
		if (compile(set, blob, &fault) == 0)
			continue;
		for (size_t i = 0; i < set->count; i++)
			if (set->rules[i].id == set->next_id - 1)
				ruleset_remove(set, i);
	}
	assert_int_equal(compile(set, blob, &fault), 0);
}

/* ---- random packets from the same pools; such as the parser makes, see bpf/parse.h ---- */

static uint16_t random_port(void)
{
	return htons(below(3) ? PICK(ports) + below(3) - 1 : below(65536));
}

static struct packet random_packet(void)
{
	struct packet p = {};
	uint32_t proto = below(4) ? PICK(protos) : below(256);
	int family = below(5) ? (below(2) ? 4 : 6) : 0, frag = below(4) ? 0 : below(3);
	bool icmp = proto == (family == 4 ? 1u : 58u);

	p.length = below(2) ? PICK(lengths) + below(3) - 1 : below(70000);
	p.id.ifindex = 1 + below(3);
	p.id.tags = ID_TAGS((PICK(vlans) + below(2)) & 0xfff, below(2) ? 0 : PICK(vlans), 0);
	if (!family) {
		p.id.dport = htons((PICK(types) + below(3) - 1) & 0xffff);
		return p;
	}
	p.id.kind = (family == 4 ? KIND_IP4 : KIND_IP6) | (frag ? KIND_FIRST * frag : 0);
	p.id.tags |= proto;
	if (family == 4) {
		p.src4 = htonl(PICK(addresses) + below(3) - 1);
		p.dst4 = htonl(PICK(addresses) + below(3) - 1);
	} else {
		for (int i = 0; i < 4; i++)
			p.addr[i] = htobe64(PICK(halves) + below(3) - 1);
	}
	if (frag == 2 || !below(8) ||
	    !(icmp || proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136))
		return p;
	p.id.kind |= KIND_PORTS;
	p.id.sport = random_port();
	p.id.dport =
		icmp && below(2) ? htons((below(2) ? 0x0800 : 0x8000) + below(3)) : random_port();
	p.tcp_flags = proto == 6 ? below(256) : 0;
	return p;
}

/* ---- comparisons ---- */

static size_t decided, audited; /* packets that met a rule */

static bool agree(const struct ruleset *set, const struct known_ifaces *known,
		  const struct blob *blob, const struct packet *p, enum hook_id hook)
{
	struct judgement list;
	struct decision walk;

	judge_packet(set, known, p, hook, &list);
	classify(blob, p, hook, &walk);
	decided += list.slot != 0;
	audited += list.audit_count != 0;
	return walk.verdict == list.verdict && walk.slot == list.slot &&
	       walk.audits == list.audit_count &&
	       (!list.audit_count || walk.audit == list.audits[0]);
}

/*
 * Packets of one flow key, class included, get one verdict: what is cached is true of all of them.
 */
static bool same_in_class(const struct blob *blob, const struct packet *p, enum hook_id hook)
{
	struct packet q = *p;
	struct decision a, b;

	q.length = PICK(lengths) + below(3) - 1;
	if (p->id.kind & KIND_PORTS && ID_PROTO(p->id.tags) == 6)
		q.tcp_flags = below(256);
	if (packet_class(blob, p) != packet_class(blob, &q))
		return true;
	classify(blob, p, hook, &a);
	classify(blob, &q, hook, &b);
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void test_fuzz(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	size_t differences = 0, mixed = 0, rules = 0, boxes = 0, i, j;
	double slowest = 0, begun;

	for (i = 0; i < RULESETS; i++) {
		struct known_ifaces known = {};
		struct fault fault = {};
		struct ruleset set;

		random_set(&set, i < 8 ? i : below(65), blob);
		assert_int_equal(judge_ifaces(&set, &known), 0);
		rules += set.count;
		for (enum family f = 0; f < FAMILIES; f++)
			boxes += blob->family[f].total;
		for (j = 0; j < PACKETS; j++) {
			struct packet p = random_packet();
			enum hook_id hook = below(HOOKS);

			differences += !agree(&set, &known, blob, &p, hook);
			mixed += !same_in_class(blob, &p, hook);
		}
		begun = seconds();
		assert_int_equal(ruleset_check(&set, blob, &fault), 0);
		slowest = MAX(slowest, seconds() - begun);
		free(known.iface);
		ruleset_free(&set);
	}
	print_message("%d rulesets, %zu rules, %zu boxes, %d packets (%zu met a rule, %zu an audit "
		      "rule): %zu differences, %zu mixed classes; slowest check %.1f ms\n",
		      RULESETS, rules, boxes, RULESETS * PACKETS, decided, audited, differences,
		      mixed, slowest * 1e3);
	assert_int_equal(differences, 0);
	assert_int_equal(mixed, 0);
	free(blob);
}

#define FORESTS 16
#define FOREST_RULES 700

static void forest_set(struct ruleset *set, struct blob *blob)
{
	struct fault fault;

	ruleset_init(set);
	while (set->count < FOREST_RULES) {
		struct rule rule = random_rule();
		struct ruleset alone;

		rule.action = below(64) ? below(2) : ACTION_AUDIT;
		ruleset_init(&alone);
		assert_int_equal(ruleset_insert(&alone, 0, &rule, &fault), 0);
		if (compile(&alone, blob, &fault) == 0 && blob->family[FAMILY_IP4].total < 40) {
			rule = alone.rules[0];
			rule.id = rule.slot = 0;
			alone.count = 0;
			assert_int_equal(ruleset_insert(set, set->count, &rule, &fault), 0);
		}
		ruleset_free(&alone);
	}
}

/* Rules of every kind, so many and so alike that leaves are large and boxes in several of them. */
static void test_forests(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	size_t differences = 0, refused = 0, trees = 0, boxes = 0;

	for (size_t i = 0; i < FORESTS; i++) {
		struct known_ifaces known = {};
		struct fault fault = {};
		struct ruleset set;

		forest_set(&set, blob);
		refused += compile(&set, blob, &fault) < 0;
		if (fault.message[0])
			print_message("%s\n", fault.message);
		assert_int_equal(judge_ifaces(&set, &known), 0);
		for (size_t j = 0; j < PACKETS / 4 && !fault.message[0]; j++) {
			struct packet p = random_packet();

			differences += !agree(&set, &known, blob, &p, below(HOOKS));
		}
		for (enum family f = 0; f < FAMILIES; f++) {
			trees += blob->family[f].trees;
			boxes += blob->family[f].total;
		}
		free(known.iface);
		ruleset_free(&set);
	}
	print_message("%d rulesets of %d rules, %zu boxes, %zu trees, %zu refused: %zu differences\n",
		      FORESTS, FOREST_RULES, boxes, trees, refused, differences);
	assert_int_equal(differences, 0);
	assert_true(refused < FORESTS / 2 && trees > FORESTS);
	free(blob);
}

/* The comparisons above can fail: a box or a class that is wrong shows. */
static void test_fuzz_sees(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);
	struct rule rule = {.action = ACTION_DROP, .count = 1};
	struct known_ifaces known = {};
	struct fault fault = {};
	struct ruleset set;
	struct box4 *boxes;
	size_t differences = 0, mixed = 0;

	ruleset_init(&set);
	rule.matches = calloc(1, sizeof(*rule.matches));
	rule.matches->field = FIELD_LEN;
	rule.matches->count = 1;
	rule.matches->values = calloc(1, sizeof(struct value));
	rule.matches->values->range.lo = 100;
	rule.matches->values->range.hi = 1500;
	assert_int_equal(ruleset_insert(&set, 0, &rule, &fault), 0);
	assert_int_equal(compile(&set, blob, &fault), 0);
	boxes = (void *)((char *)blob + blob->family[FAMILY_IP4].boxes);
	boxes->box.len_hi--;
	blob->len_class[1]--;
	for (size_t j = 0; j < PACKETS; j++) {
		struct packet p = random_packet();

		differences += !agree(&set, &known, blob, &p, HOOK_TC);
		mixed += !same_in_class(blob, &p, HOOK_TC);
	}
	assert_true(differences && mixed);
	ruleset_free(&set);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_fuzz_sees),
		cmocka_unit_test(test_forests),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
