/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set.c - sets: adding and deleting against a line of numbers that holds each one's life; speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/rules/set.h"
#include "../lib/prng.h"
#include "../lib/seconds.h"
#include "../lib/set_compare.h"

#include <cmocka.h> /* last: its fail() is a macro, ours a function */

#define LINE 400 /* numbers, few enough to try all */
#define ROUNDS 4000

/* ---- every kind of element through one door ---- */

enum sort { IP4, IP6, PORTS, SERVICES, SORTS };

/* Small numbers, so that IPv6 ranges cross its middle. */
static struct addr6 far(uint32_t n)
{
	uint64_t lo = UINT64_MAX - LINE / 2 + n;

	return (struct addr6){ 0x20010db8 + (lo < LINE), lo };
}

/* Services: four lines of a hundred ports, two of them for every protocol. */
static struct service service_of(uint32_t lo, uint32_t hi)
{
	uint32_t line = lo / 100;

	return (struct service){
		.address.lo = 7 + line / 2,
		.family = 4 + 2 * (line & 1),
		.proto = line & 2 ? 17 : 0,
		.port_lo = lo % 100,
		.port_hi = MIN(hi, line * 100 + 99) % 100,
	};
}

static void push(struct set *batch, enum sort kind, uint32_t lo, uint32_t hi, uint32_t until)
{
	struct element4 e4 = { lo, hi, until, 0 };
	struct element6 e6 = { far(lo), far(hi), until, 0 };
	struct element_port port = { lo, hi, until, 0 };
	struct service service = service_of(lo, hi);

	service.until = until;
	switch (kind) {
	case IP4:
		assert_int_equal(set_push4(batch, &e4), 0);
		break;
	case IP6:
		assert_int_equal(set_push6(batch, &e6), 0);
		break;
	case PORTS:
		assert_int_equal(set_push_port(batch, &port), 0);
		break;
	default:
		assert_int_equal(set_push_service(batch, &service), 0);
	}
}

/* 1 + the life of what holds a number; 0: nothing does. */
static uint64_t life_at(const struct set *set, enum sort kind, uint32_t n, uint32_t now)
{
	struct addr6 a = far(n);
	struct service service = service_of(n, n);
	uint32_t until;

	if (kind == IP4) {
		const struct element4 *e = set_find4(set, n, now);

		until = e ? e->until : 1;
	} else if (kind == IP6) {
		const struct element6 *e = set_find6(set, &a, now);

		until = e ? e->until : 1;
	} else if (kind == PORTS) {
		const struct element_port *e = set_find_port(set, n, now);

		until = e ? e->until : 1;
	} else {
		const struct service *e = set_find_service(set, service.family, &service.address,
							   service.proto, service.port_lo, now);

		until = e ? e->until : 1;
	}
	return until == 1 ? 0 : until ? until : UINT64_MAX;
}

static uint32_t random_life(void)
{
	return random_below(3) ? 0 : 100 * (1 + random_below(4));
}

static void random_range(uint32_t *lo, uint32_t *hi)
{
	uint32_t sizes[] = { 1, 1, 4, 16, 60 };

	*lo = random_below(LINE);
	*hi = *lo + random_below(sizes[random_below(5)]);
	*hi = MIN(*hi, LINE - 1);
}

/* What a set should hold: the life of each number, as life_at() tells it. */
static void act(struct set *set, enum sort kind, uint64_t *line, size_t most)
{
	struct set batch = {};
	struct set_report report;
	size_t count = 1 + random_below(most);
	bool removes = !random_below(3);
	uint32_t lo, hi;

	for (size_t i = 0; i < count; i++) {
		uint32_t until = random_life();

		random_range(&lo, &hi);
		if (kind == SERVICES)
			hi = MIN(hi, lo / 100 * 100 + 99);
		push(&batch, kind, lo, hi, until);
		for (uint32_t n = lo; n <= hi; n++)
			line[n] = removes ? 0 : MAX(line[n], until ? until : UINT64_MAX);
	}
	assert_int_equal((removes ? set_remove : set_add)(set, &batch, &report), 0);
	assert_int_equal(report.added + report.same + report.renewed + report.covered +
				 report.missing + (removes ? report.merged : 0),
			 count);
	set_free(&batch);
}

static void check_order(const struct set *set)
{
	for (size_t i = 0; i < set->count4; i++) {
		assert_true(set->ip4[i].lo <= set->ip4[i].hi);
		assert_true(!i || set->ip4[i - 1].hi < set->ip4[i].lo);
	}
	for (size_t i = 0; i < set->port_count; i++) {
		assert_true(set->ports[i].lo <= set->ports[i].hi);
		assert_true(!i || set->ports[i - 1].hi < set->ports[i].lo);
	}
}

static void test_line(void **unused)
{
	size_t numbers = 0;

	for (enum sort kind = 0; kind < SORTS; kind++) {
		struct set set = {};
		uint64_t line[LINE] = {};

		for (size_t i = 0; i < ROUNDS; i++) {
			act(&set, kind, line, random_below(2) ? 3 : 30);
			check_order(&set);
			for (uint32_t n = 0; n < LINE; n++, numbers++)
				assert_int_equal(life_at(&set, kind, n, 1), line[n]);
			for (uint32_t n = 0; n < LINE; n++)
				assert_int_equal(!!life_at(&set, kind, n, 200), line[n] > 200);
			if (random_below(8))
				continue;
			set_sweep(&set, 200);
			for (uint32_t n = 0; n < LINE; n++)
				line[n] = line[n] > 200 ? line[n] : 0;
		}
		set_free(&set);
	}
	print_message("%d kinds, %d changes each: %zu numbers as they should be\n", SORTS, ROUNDS,
		      numbers);
}

static struct set_report add_one(struct set *set, uint32_t lo, uint32_t hi, uint32_t until)
{
	struct set batch = {};
	struct set_report report;

	push(&batch, IP4, lo, hi, until);
	assert_int_equal(set_add(set, &batch, &report), 0);
	set_free(&batch);
	return report;
}

/* What is said of an addition, and which element keeps its counter. */
static void test_report(void **unused)
{
	struct set set = {};

	assert_int_equal(add_one(&set, 10, 19, 0).added, 1);
	set.ip4[0].slot = 5;
	assert_int_equal(add_one(&set, 10, 19, 0).same, 1);
	assert_int_equal(add_one(&set, 10, 19, 7).same, 1);
	assert_int_equal(add_one(&set, 12, 12, 0).covered, 1);
	assert_int_equal(add_one(&set, 20, 20, 50).added, 1);
	assert_int_equal(set.count4, 2);
	set.ip4[1].slot = 6;
	assert_int_equal(add_one(&set, 20, 20, 60).renewed, 1);
	assert_int_equal(set.ip4[1].until, 60);
	assert_int_equal(set.ip4[1].slot, 6);
	/* A hole for longer in a range for a while: three pieces, the first has the counter. */
	assert_int_equal(add_one(&set, 30, 39, 50).added, 1);
	set.ip4[2].slot = 7;
	assert_int_equal(add_one(&set, 33, 34, 0).merged, 1);
	assert_int_equal(set.count4, 5);
	assert_int_equal(set.ip4[2].slot, 7);
	assert_int_equal(set.ip4[4].slot, 0);
	assert_int_equal(set.ip4[4].lo, 35);
	/* All of it in one. */
	assert_int_equal(add_one(&set, 0, 100, 0).merged, 5);
	assert_int_equal(set.count4, 1);
	set_free(&set);
}

static void test_copy(void **unused)
{
	struct set set = { .name = "a" }, copy;

	for (enum sort kind = 0; kind < SORTS; kind++)
		push(&set, kind, 5, 9, 0);
	assert_int_equal(set_copy(&set, &copy), 0);
	assert_true(set_equal(&set, &copy));
	copy.services[0].port_hi++;
	assert_false(set_equal(&set, &copy));
	assert_int_equal(set_size(&copy), SORTS);
	set_free(&set);
	set_free(&copy);
	assert_string_equal(copy.name, "a");
}

#define MANY 1000000

/* A million elements in no order; then one more. */
static void test_speed(void **unused)
{
	for (enum sort kind = IP4; kind <= IP6; kind++) {
		struct set set = {}, batch = {};
		double begun = cpu_seconds(), pushed, added;
		struct set_report report;

		for (size_t i = 0; i < MANY; i++) {
			uint32_t n = random_below(UINT32_MAX);
			struct element4 e4 = { n, n, 0, 0 };
			struct element6 e6 = { { n, n * 5 }, { n, n * 5 }, 0, 0 };

			assert_int_equal(
				kind == IP4 ? set_push4(&batch, &e4) : set_push6(&batch, &e6), 0);
		}
		pushed = cpu_seconds();
		assert_int_equal(set_add(&set, &batch, &report), 0);
		added = cpu_seconds();
		assert_int_equal(report.added + report.same, MANY);
		assert_int_equal(set_size(&set), report.added);
		batch.count4 = batch.count6 = 0;
		push(&batch, kind, 7, 7, 0);
		assert_int_equal(set_add(&set, &batch, &report), 0);
		print_message("IPv%c: a million pushed in %.0f ms, added in %.0f ms; one more in "
			      "%.2f ms\n",
			      kind == IP4 ? '4' : '6', (pushed - begun) * 1e3,
			      (added - pushed) * 1e3, (cpu_seconds() - added) * 1e3);
		assert_true(added - pushed < 2);
		set_free(&set);
		set_free(&batch);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
