/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * overlay.c - rules added in place, at random places until no more fit: the list that is read back and what packets
 * meet are the same as if each had been put into the list and compiled. With --long three times as many.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "../../ctl/check/check.h"
#include "../../ctl/check/overlay_check.h"
#include "../../ctl/compile/blob_read.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/compile/overlay.h"
#include "../../ctl/live/ifaces.h"
#include "../../ctl/text/rule_parse.h"
#include "../lib/random_rules.h"
#include "../lib/set_compare.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define LISTS 3
#define TRIES 8

static size_t adds = 60; /* tried, a list */
static struct blob *blob;

static struct rule parse(const char *text)
{
	struct rule rule = {};

	assert_int_equal(rule_parse(text, &rule, NULL), 0);
	return rule;
}

static void insert(struct ruleset *rules, size_t position, const char *text)
{
	struct rule rule = parse(text);

	assert_int_equal(ruleset_insert(rules, position, &rule, NULL), 0);
}

static int try_compile(struct ruleset *rules)
{
	int r;

	memset(blob, 0, BLOB_SIZE);
	r = ifaces_find(rules, false, NULL) ?: ruleset_compile(rules, blob, NULL);
	rules->generation = blob->generation;
	return r;
}

/* What came last gives way where the list overlaps in too many ways. */
static void compile(struct ruleset *rules)
{
	while (try_compile(rules) < 0) {
		size_t last = 0;

		for (size_t i = 1; i < rules->count; i++)
			if (rules->rules[i].id - 1 > rules->rules[last].id - 1)
				last = i;
		ruleset_remove(rules, last);
	}
}

/* A list that the overlay takes rules for; some overlap in too many ways, another is made then. */
static void random_list(enum manner manner, uint64_t seed, struct ruleset *ret)
{
	int r = -EINVAL;

	for (uint64_t try = 0; try < TRIES && r < 0; try++) {
		char **texts = random_rules(manner, seed + try * 1000003, OVERLAY_FROM);

		if (try)
			ruleset_free(ret);
		ruleset_init(ret);
		for (size_t i = 0; i < OVERLAY_FROM; i++)
			insert(ret, i, texts[i]);
		random_rules_free(texts, OVERLAY_FROM);
		r = try_compile(ret);
	}
	assert_int_equal(r, 0);
}

/* What is read back is the list "set": rules, ids, counters, and what is next. */
static void assert_list(const struct ruleset *rules)
{
	struct fault fault = {};
	struct ruleset read;

	if (ruleset_load(blob, &read, &fault) < 0)
		fail_msg("%s", fault.message);
	assert_int_equal(read.count, rules->count);
	for (size_t i = 0; i < rules->count; i++) {
		assert_true(rule_equal(&read.rules[i], &rules->rules[i]));
		assert_int_equal(read.rules[i].id, rules->rules[i].id);
		assert_int_equal(read.rules[i].slot, rules->rules[i].slot);
	}
	assert_int_equal(read.next_id, rules->next_id);
	assert_int_equal(read.next_slot, rules->next_slot);
	assert_int_equal(read.generation, blob->generation);
	ruleset_free(&read);
}

static void assert_judges(const struct ruleset *rules)
{
	struct fault fault = {};

	if (ruleset_check(rules, blob, &fault) < 0)
		fail_msg("%s", fault.message);
}

/* Where a random place is in the list. */
static size_t random_place(const struct ruleset *rules, struct prng *prng, enum where *ret_where,
			   uint32_t *ret_id)
{
	/* Often in the same gap, which so is used up. */
	size_t at = below(prng, 2) ? 500 + below(prng, 2) : below(prng, (uint32_t)rules->count);

	*ret_where = (enum where)below(prng, 4);
	*ret_id = rules->rules[at].id;
	switch (*ret_where) {
	case LAST:
		return rules->count;
	case FIRST:
		return 0;
	case BEFORE:
		return at;
	default:
		return at + 1;
	}
}

/* One rule, put in place or, when that cannot be, into the list anew; true: in place. */
static bool add(struct ruleset *rules, const char *text, struct prng *prng, bool look)
{
	struct overlay_edit edit = {};
	struct fault fault = {};
	struct rule rule = parse(text);
	uint32_t generation = blob->generation, id;
	enum where where;
	size_t position = random_place(rules, prng, &where, &id);
	struct ruleset alone = { .count = 1, .rules = &rule };
	int r = ifaces_find(&alone, false, &fault);

	if (!r)
		r = overlay_add(blob, where, id, &alone, &edit, &fault);
	if (!r)
		r = overlay_check(blob, edit.before, edit.state, &alone, edit.number, &fault);
	if (r < 0)
		fail_msg("%s: %s", text, fault.message);
	/* Until it is put in force, nothing has changed. */
	assert_int_equal(blob->generation, generation);
	if (look) {
		assert_list(rules);
		assert_judges(rules);
	}
	free(alone.ifaces);
	rule_free(&rule);
	insert(rules, position, text);
	if (r == 1) {
		compile(rules);
	} else {
		overlay_publish(blob, &edit);
		assert_true(blob->generation > generation);
		assert_int_equal(rules->rules[position].id, edit.id);
		assert_int_equal(rules->rules[position].slot, edit.slot);
	}
	rules->generation = blob->generation;
	assert_list(rules);
	if (look)
		assert_judges(rules);
	return !r;
}

static void test_random(void **unused)
{
	static const enum manner manners[LISTS] = { MANNER_FIELDS, MANNER_TUPLES, MANNER_IP6 };
	size_t in_place = 0, most = 0;

	for (uint64_t i = 0; i < LISTS; i++) {
		enum manner manner = manners[i];
		char **texts = random_rules(manner, 1000 + i, adds);
		struct prng prng = prng_seed(i);
		struct ruleset rules;

		random_list(manner, i, &rules);
		for (size_t n = 0; n < adds; n++) {
			in_place += add(&rules, texts[n], &prng, n % 30 == 0);
			most = MAX(most, OVERLAY_RULES_OF(blob->overlay));
			/* The list anew takes the edits in. */
			if (n == adds / 2) {
				compile(&rules);
				assert_list(&rules);
			}
		}
		assert_judges(&rules);
		random_rules_free(texts, adds);
		ruleset_free(&rules);
	}
	print_message("%zu of %zu rules were added in place, up to %zu at a time\n", in_place,
		      LISTS * adds, most);
	assert_true(in_place > LISTS * adds / 3);
	assert_true(most > OVERLAY_RULES / 2);
}

/* One behind the other: as many as there is room for, then no more. */
static void test_full(void **unused)
{
	struct overlay_edit edit;
	struct ruleset rules;
	uint32_t parity;
	int r = 0;

	random_list(MANNER_TUPLES, 77, &rules);
	parity = blob->generation % PARTS_PLACES;
	for (uint32_t i = 0; i <= OVERLAY_RULES && !r; i++) {
		struct rule rule = parse("drop src 10.1.2.3 dst 10.3.2.1");
		const struct ruleset alone = { .count = 1, .rules = &rule };

		assert_int_equal(OVERLAY_RULES_OF(blob->overlay), i);
		r = overlay_add(blob, LAST, 0, &alone, &edit, NULL);
		if (!r)
			r = overlay_check(blob, edit.before, edit.state, &alone, edit.number, NULL);
		if (!r)
			overlay_publish(blob, &edit);
		rule_free(&rule);
	}
	assert_int_equal(r, 1);
	assert_int_equal(OVERLAY_RULES_OF(blob->overlay), OVERLAY_RULES);
	assert_int_equal(blob->generation % PARTS_PLACES, parity);
	ruleset_free(&rules);
}

/* What the whole list has a say in is not for the overlay; nor is what cannot be at all. */
static void test_refused(void **unused)
{
	static const char *const texts[] = {
		"audit src 10.0.0.1",	      "drop proto tcp flags syn", "drop len 100",
		"drop mark 1",		      "drop src 10.0.0.1 for 10m", "drop src @bad",
		"disabled drop src 10.0.0.1", "limit 10pps src 10.0.0.1",
	};
	struct overlay_edit edit;
	struct fault fault = {};
	struct ruleset rules;
	struct rule rule;
	const struct ruleset alone = { .count = 1, .rules = &rule };

	random_list(MANNER_IP6, 78, &rules);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		rule = parse(texts[i]);
		assert_int_equal(overlay_add(blob, LAST, 0, &alone, &edit, &fault), 1);
		assert_int_equal(rule.id, 0);
		rule_free(&rule);
	}
	rule = parse("drop src 10.0.0.1");
	assert_int_equal(overlay_add(blob, BEFORE, 99999, &alone, &edit, &fault), -ENOENT);
	rule_free(&rule);
	assert_list(&rules);
	while (rules.count > OVERLAY_FROM - 1)
		ruleset_remove(&rules, 0);
	compile(&rules);
	rule = parse("drop src 10.0.0.1");
	assert_int_equal(overlay_add(blob, LAST, 0, &alone, &edit, &fault), 1);
	rule_free(&rule);
	ruleset_free(&rules);
}

/* Two sets of many hosts, one of which has all that the other has, and rules that use them both ways. */
static void list_with_sets(struct ruleset *ret, struct prng *prng)
{
	static const char *const texts[] = { "drop src @bad", "drop not dst @bad proto udp",
					     "pass src @more", "drop dst @other dport 53" };
	static const char *const names[] = { "bad", "more", "other", "unused" };
	struct set batch[2] = {};
	struct set *set;

	ruleset_init(ret);
	for (uint32_t i = 0; i < 5000; i++) {
		struct element4 four = { .lo = 0x0a000000 + below(prng, 1 << 20) };
		struct element6 six = { .lo = { 0x20010db8ULL << 32, below(prng, 1 << 20) } };

		four.hi = four.lo;
		six.hi = six.lo;
		assert_int_equal(set_push4(&batch[i % 4 > 0], &four), 0);
		assert_int_equal(set_push6(&batch[i % 4 > 0], &six), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct set copy;

		assert_int_equal(ruleset_add_set(ret, names[i], SET_ADDRESSES, &set), 0);
		assert_int_equal(set_copy(&batch[i % 2], &copy), 0);
		assert_int_equal(set_add(set, &copy, NULL), 0);
		set_free(&copy);
	}
	set_free(&batch[0]);
	set_free(&batch[1]);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		insert(ret, i, texts[i]);
	compile(ret);
}

/* A host among those of the sets and their neighbours. */
static struct element random_host(struct prng *prng)
{
	struct element e = { .kind = below(prng, 2) ? ELEMENT_IP4 : ELEMENT_IP6 };

	if (e.kind == ELEMENT_IP4)
		e.ip4.lo = e.ip4.hi = 0x0a000000 + below(prng, 1 << 20);
	else
		e.ip6.lo = e.ip6.hi = (struct addr6){ 0x20010db8ULL << 32, below(prng, 1 << 20) };
	return e;
}

/* The list that is read back holds the hosts; packets meet what it says. */
static void test_hosts(void **unused)
{
	static const char *const names[] = { "more", "other", "bad", "unused" };
	struct prng prng = prng_seed(5);
	size_t in_place = 0, anew = 0;
	struct fault fault = {};
	struct ruleset rules;

	list_with_sets(&rules, &prng);
	for (int i = 0; i < 200; i++) {
		struct element e = random_host(&prng);
		const char *name = names[below(&prng, 4)];
		struct overlay_edit edit = {};
		struct set batch = {};
		struct ruleset read;
		int r = overlay_add_hosts(blob, name, &e, 1, &edit, &fault);

		assert_true(r == 0 || r == 1);
		assert_int_equal(element_push(&batch, &e, 0), 0);
		assert_int_equal(set_add(ruleset_find_set(&rules, name), &batch, NULL), 0);
		set_free(&batch);
		if (r)
			compile(&rules);
		else
			overlay_publish(blob, &edit);
		rules.generation = blob->generation;
		(r ? &anew : &in_place)[0]++;
		assert_int_equal(ruleset_load(blob, &read, &fault), 0);
		for (size_t n = 0; n < ARRAY_SIZE(names); n++)
			assert_int_equal(set_size(ruleset_find_set(&read, names[n])),
					 set_size(ruleset_find_set(&rules, names[n])));
		if (i % 20 == 0)
			assert_judges(&read);
		ruleset_free(&read);
	}
	print_message("%zu hosts were added in place, %zu anew\n", in_place, anew);
	assert_true(in_place > 20 && anew > 20);
	ruleset_free(&rules);
}

/* Very many hosts are beside the directory's tree: none of them is added a second time. */
static void test_hosts_there(void **unused)
{
	struct overlay_edit edit = {};
	struct set batch = {}, *bad;
	struct ruleset rules;

	ruleset_init(&rules);
	assert_int_equal(ruleset_add_set(&rules, "bad", SET_ADDRESSES, &bad), 0);
	for (uint32_t i = 0; i < 200000; i++) {
		struct element4 e = { .lo = 0x0a000000 + 7 * i, .hi = 0x0a000000 + 7 * i };

		assert_int_equal(set_push4(&batch, &e), 0);
	}
	assert_int_equal(set_add(bad, &batch, NULL), 0);
	set_free(&batch);
	insert(&rules, 0, "drop dst @bad");
	compile(&rules);
	for (uint32_t i = 0; i < 7000; i++) {
		uint32_t address = 0x0a000000 + 199 * i;
		struct element e = { .kind = ELEMENT_IP4, .ip4 = { .lo = address, .hi = address } };

		assert_int_equal(overlay_add_hosts(blob, "bad", &e, 1, &edit, NULL),
				 (address - 0x0a000000) % 7 == 0);
	}
	ruleset_free(&rules);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_random),	    cmocka_unit_test(test_full),
		cmocka_unit_test(test_refused),	    cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_hosts_there),
	};

	if (argc > 1 && !strcmp(argv[1], "--long"))
		adds = 150;
	blob = calloc(1, BLOB_MAX);
	return blob ? cmocka_run_group_tests(all, NULL, NULL) : 1;
}
