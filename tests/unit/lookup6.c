/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup6.c - leaves of IPv6 addresses: sets in which each kind is common, at their edges. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/compile/blob_read.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/text/rule_parse.h"
#include "../lib/prng.h"
#include "../lib/random_sets.h"
#include "../lib/set_compare.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define RULESETS 20 /* of each kind */
#define ELEMENTS 3000
#define PACKETS 20000

struct set_kind {
	const char *name;
	int providers;		/* the addresses are in so many /32; 0: anywhere */
	int sites;		/* and in so many /64 of each; 0: anywhere in it */
	int low_bits;		/* of an address below its /64 */
	int hosts;		/* of ten elements */
	int ranges;		/* of ten elements, what is no prefix */
	bool counters;		/* each element is another answer */
	bool within;		/* the second set is of hosts in the networks of the first */
	int least[LEAF6_KINDS]; /* leaves of each kind, of a thousand */
};

static const struct set_kind kinds[] = {
	{ "networks", 5, 0, 64, 0, 0, false, false, { 900, 0, 0 } },
	{ "networks, far", 0, 0, 64, 0, 0, false, false, { 0, 0, 900 } },
	{ "networks and hosts", 5, 0, 64, 2, 0, false, false, { 700, 0, 0 } },
	{ "hosts", 5, 0, 64, 10, 0, false, false, { 900, 0, 0 } },
	{ "hosts, far", 0, 0, 64, 10, 0, false, false, { 0, 0, 0 } },
	{ "hosts, crowded", 1, 2, 64, 10, 0, false, false, { 0, 900, 0 } },
	{ "hosts, side by side", 1, 2, 12, 10, 0, false, false, { 0, 1, 300 } },
	{ "ranges", 3, 20, 16, 3, 6, false, false, { 1, 0, 500 } },
	{ "all", 8, 300, 10, 5, 1, false, false, { 1, 1, 1 } },
	{ "all, counted", 8, 300, 10, 5, 1, true, false, { 0, 0, 500 } },
	{ "hosts in networks", 300, 0, 64, 3, 0, false, true, { 1, 0, 300 } },
	{ "hosts at networks' ends", 2, 0, 64, 7, 0, false, true, { 1, 0, 300 } },
};

static struct addr6 draw(const struct set_kind *k, uint64_t seed)
{
	uint64_t site = k->sites ? random_below(k->sites) * 0x9e3779b97f4a7c15 + seed : random64();
	struct addr6 a = { random64(), random64() };

	if (k->providers)
		a.hi = (0x2001000000000000 + seed + ((uint64_t)random_below(k->providers) << 36)) >>
			       32 << 32 |
		       site >> 32;
	if (k->low_bits < 64)
		a.lo = a.lo % (1ULL << k->low_bits) + seed;
	return a;
}

static struct element6 draw_element(const struct set_kind *k, uint64_t seed)
{
	struct addr6 a = draw(k, seed);
	struct element6 e = { a, a, 0, k->counters ? 1 + random_below(60000) : 0 };
	int what = random_below(10);

	if (what < k->hosts)
		return e;
	if (what < k->hosts + k->ranges) {
		uint64_t more = random64() >> random_below(64);

		e.hi.lo = more > UINT64_MAX - a.lo ? UINT64_MAX : a.lo + more;
		e.hi.hi += random_below(6)
				   ? 0
				   : random_below(4); /* may be beyond its last: cut below */
		if (e.hi.hi < a.hi)
			e.hi = a;
		return e;
	}
	what = random_below(20); /* a prefix of /44 to /64 */
	e.lo = (struct addr6){ a.hi >> what << what, 0 };
	e.hi = (struct addr6){ e.lo.hi | ((1ULL << what) - 1), UINT64_MAX };
	return e;
}

/* A host in an element, or right at its end, or anything. */
static struct element6 draw_within(const struct set_kind *k, uint64_t seed, const struct set *set)
{
	const struct element6 *e = &set->ip6[random_below(set->count6)];
	struct element6 host = { e->hi, e->hi, 0, 0 };
	int what = random_below(6);

	if (what > 2)
		return draw_element(k, seed);
	if (what == 1)
		host.lo.hi += !++host.lo.lo;
	if (what == 2)
		host.lo.lo -= MIN(random64() >> random_below(64), e->hi.lo - e->lo.lo);
	host.hi = host.lo;
	return host;
}

static void make_ruleset(const struct set_kind *k, uint64_t seed, struct ruleset *ret)
{
	static const char *const texts[] = { "pass src @a dst @b", "drop src @a", "drop dst @b",
					     "audit src @b" };

	ruleset_init(ret);
	for (int i = 0; i < 2; i++) {
		const char name[] = { 'a' + i, 0 };
		struct set *set, batch = { .type = SET_ADDRESSES };

		assert_int_equal(ruleset_add_set(ret, name, SET_ADDRESSES, &set), 0);
		set->counters = k->counters;
		for (int j = 0; j < (i && !k->within ? ELEMENTS / 100 : ELEMENTS); j++) {
			struct element6 e = i && k->within ? draw_within(k, seed, &ret->sets[0])
							   : draw_element(k, seed);

			assert_int_equal(set_push6(&batch, &e), 0);
		}
		assert_int_equal(set_add(set, &batch, NULL), 0);
		set_free(&batch);
	}
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct rule rule = {};

		assert_int_equal(rule_parse(texts[i], &rule, NULL), 0);
		assert_int_equal(ruleset_insert(ret, i, &rule, NULL), 0);
	}
}

/* At an edge of an element, right beside one, in its /64, within, or anywhere. */
static struct addr6 near_element(const struct set *set, const struct set_kind *k, uint64_t seed)
{
	const struct element6 *e = &set->ip6[random_below(set->count6)];
	struct addr6 a = random_below(2) ? e->lo : e->hi;

	switch (random_below(7)) {
	case 0:
		a.hi -= !a.lo--;
		return a;
	case 1:
		a.hi += !++a.lo;
		return a;
	case 2:
		a.lo = random64() >> random_below(64);
		return a;
	case 3:
		a.hi += random_below(2) ? 1 : -1;
		return a;
	case 4:
		a.hi ^= 1ULL << random_below(64);
		return a;
	case 5:
		return draw(k, seed);
	default:
		return a;
	}
}

static size_t differences_of(const struct ruleset *rules, const struct blob *blob,
			     const struct set_kind *k, uint64_t seed)
{
	size_t differences = 0;

	for (int i = 0; i < PACKETS; i++) {
		struct packet p = { .id.kind = KIND_IP6,
				    .id.tags = ID_TAGS(0, 0, 47),
				    .length = 100 };
		struct oracle_answer list;
		struct decision walk;

		for (int dst = 0; dst < 2; dst++) {
			const struct set *set = &rules->sets[random_below(2)];
			struct addr6 a = near_element(set, k, seed);

			p.addr[2 * dst] = htobe64(a.hi);
			p.addr[2 * dst + 1] = htobe64(a.lo);
		}
		oracle_ask(rules, &p, &(struct envelope){}, HOOK_XDP, &list);
		classify(blob, &p, &(struct envelope){}, HOOK_XDP, &walk);
		differences += walk.verdict != list.verdict || walk.slot != list.slot ||
			       walk.audits != list.audit_count;
	}
	return differences;
}

/* How many leaves there are of each kind. */
static size_t count_leaves(const struct blob *blob, size_t counts[LEAF6_KINDS])
{
	const struct directory *d = &blob->lookup.directory[FAMILY_IP6];
	const char *parts = (const char *)blob + BLOB_SIZE;
	const struct node6 *nodes = (const void *)(parts + d->nodes);
	const struct leaf6 *leaves = (const void *)(parts + d->leaves);
	const struct node6 *last = &nodes[d->node_count - 1];
	size_t count = last->leaf + 1;

	while (count - last->leaf < NODE6 && last->at[count - last->leaf - 1] != NO_LEAF6)
		count++;
	for (size_t i = 0; i < count; i++)
		counts[LEAF6_KIND(leaves[i].kind)]++;
	return count;
}

/* The sets that are read back from a blob are those that were compiled. */
static void check_back(const struct ruleset *rules, const struct blob *blob)
{
	struct fault fault = {};
	struct ruleset back;

	assert_int_equal(ruleset_load(blob, &back, &fault), 0);
	assert_int_equal(back.set_count, rules->set_count);
	for (size_t i = 0; i < rules->set_count; i++)
		assert_true(set_equal(&rules->sets[i], &back.sets[i]));
	ruleset_free(&back);
}

static void try_kind(const struct set_kind *k, struct blob *blob)
{
	size_t differences = 0, counts[LEAF6_KINDS] = {}, leaves = 0, nodes = 0, ranges = 0;

	for (int i = 0; i < RULESETS; i++) {
		uint64_t seed = i ? random64() >> 8 : 0;
		struct fault fault = {};
		struct ruleset rules;

		make_ruleset(k, seed, &rules);
		memset(blob, 0, sizeof(*blob));
		if (ruleset_compile(&rules, blob, &fault) < 0)
			fail_msg("%s: %s", k->name, fault.message);
		leaves += count_leaves(blob, counts);
		nodes += blob->lookup.directory[FAMILY_IP6].node_count;
		ranges += blob->lookup.directory[FAMILY_IP6].ranges;
		differences += differences_of(&rules, blob, k, seed);
		check_back(&rules, blob);
		ruleset_free(&rules);
	}
	print_message("%-20s %6zu ranges, %6zu leaves (%zu near, %zu hosts, %zu any), %5zu nodes: "
		      "%zu differences\n",
		      k->name, ranges, leaves, counts[LEAF6_NEAR], counts[LEAF6_HOSTS],
		      counts[LEAF6_ANY], nodes, differences);
	assert_int_equal(differences, 0);
	for (int i = 0; i < LEAF6_KINDS; i++)
		assert_true(counts[i] * 1000 >= k->least[i] * leaves);
}

static void test_kinds(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		try_kind(&kinds[i], blob);
	free(blob);
}

/* A prefix of each length, at both ends of what is shorter, alone in its set. */
static void test_lengths(void **unused)
{
	struct blob *blob = calloc(1, BLOB_MAX);

	for (int i = 0; i < 258; i++) {
		uint64_t high = i % 129 < 64 ? UINT64_MAX >> i % 129 : 0;
		uint64_t low = i % 129 < 64    ? UINT64_MAX
			       : i % 129 < 128 ? UINT64_MAX >> (i % 129 - 64)
					       : 0;
		struct element6 e = { { 0, 0 }, { high, low }, 0, 0 };
		struct ruleset rules;
		struct set *set, batch = { .type = SET_ADDRESSES };
		struct fault fault = {};

		if (i >= 129)
			e = (struct element6){ { ~high, ~low }, { UINT64_MAX, UINT64_MAX }, 0, 0 };
		ruleset_init(&rules);
		assert_int_equal(ruleset_add_set(&rules, "a", SET_ADDRESSES, &set), 0);
		assert_int_equal(set_push6(&batch, &e), 0);
		assert_int_equal(set_add(set, &batch, NULL), 0);
		memset(blob, 0, sizeof(*blob));
		assert_int_equal(ruleset_compile(&rules, blob, &fault), 0);
		check_back(&rules, blob);
		set_free(&batch);
		ruleset_free(&rules);
	}
	free(blob);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
