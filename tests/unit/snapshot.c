/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot.c - snapshots of fabricated tables: what adds up, what is left out, what moves meanwhile. */
#include <arpa/inet.h>
#include <endian.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../../ctl/stats/snapshot.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define CPUS 2
#define SETS4 4
#define SETS6 2
#define SLOTS IFACE_SLOTS_MIN

/* A hook's maps, as files in memory. */
struct fake {
	int fds[HOOK_MAP_COUNT];
	struct tag_group *tags;
	struct flow4_group *flow4;
	struct flow6_group *flow6;
	struct more_group *more;
	struct totals *totals;
	struct halves *closed;
	struct region *region;
	int control_fd;
	struct control *control;
};

static const struct load_opts opts = {
	.cpus = CPUS, .groups4 = SETS4, .groups6 = SETS6, .iface_slots = SLOTS
};

static void *fake_map(size_t length, int *ret_fd)
{
	void *at;

	*ret_fd = memfd_create("map", MFD_CLOEXEC);
	assert_true(*ret_fd >= 0);
	assert_int_equal(ftruncate(*ret_fd, (off_t)length), 0);
	at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, *ret_fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

static void fake_open(struct fake *fake)
{
	void *at[HOOK_MAP_COUNT];
	const size_t length[HOOK_MAP_COUNT] = {
		[MAP_TAGS] = CPUS * (SETS4 + SETS6) * sizeof(struct tag_group),
		[MAP_FLOW4] = CPUS * SETS4 * sizeof(struct flow4_group),
		[MAP_FLOW6] = CPUS * SETS6 * sizeof(struct flow6_group),
		[MAP_MORE] = CPUS * (SETS4 + SETS6) * sizeof(struct more_group),
		[MAP_TOTALS] = CPUS * SLOTS * sizeof(struct totals),
		[MAP_CLOSED] = CPUS * RULE_SLOTS * sizeof(struct halves),
		[MAP_REGION] = CPUS * sizeof(struct region),
	};

	for (int i = 0; i < HOOK_MAP_COUNT; i++)
		at[i] = fake_map(length[i], &fake->fds[i]);
	fake->control = fake_map(sizeof(*fake->control), &fake->control_fd);
	fake->tags = at[MAP_TAGS];
	fake->flow4 = at[MAP_FLOW4];
	fake->flow6 = at[MAP_FLOW6];
	fake->more = at[MAP_MORE];
	fake->totals = at[MAP_TOTALS];
	fake->closed = at[MAP_CLOSED];
	fake->region = at[MAP_REGION];
}

/* The mappings stay: the process is short. */
static void fake_close(struct fake *fake)
{
	for (int i = 0; i < HOOK_MAP_COUNT; i++)
		close(fake->fds[i]);
	close(fake->control_fd);
}

/* A UDP flow of 192.0.2.1:1000 to 192.0.2.2:53 on interface 7 with so many packets of 100 bytes. */
static struct flow4 *put4(struct fake *fake, unsigned int cpu, unsigned int set, unsigned int way,
			  uint64_t packets)
{
	struct flow4 *f = &fake->flow4[cpu * SETS4 + set].way[way];

	fake->tags[cpu * (SETS4 + SETS6) + set].way[way] = 0x80;
	f->src = htonl(0xc0000201);
	f->dst = htonl(0xc0000202);
	f->id = (struct flow_id){
		.sport = htons(1000),
		.dport = htons(53),
		.ifindex = 7,
		.tags = ID_TAGS(0, 0, 17),
		.kind = KIND_IP4 | KIND_PORTS,
	};
	f->state = (struct flow_state){.pending = PENDING_ONE(packets, packets * 100)};
	return f;
}

static void take_with(struct fake *fake, enum hook_id hook, int control, struct snapshot *s)
{
	struct snapshot_source source = {
		.opts = &opts, .control_map = control, .lock = -1, .at_rest = true,
	};

	source.hooks[hook] = true;
	memcpy(source.maps[hook], fake->fds, sizeof(fake->fds));
	assert_int_equal(snapshot_take(&source, s, NULL), 0);
}

static void take(struct fake *fake, enum hook_id hook, struct snapshot *s)
{
	take_with(fake, hook, fake->control_fd, s);
}

/* The totals of interface 7 on a CPU. */
static struct totals_half *totals7(struct fake *fake, unsigned int cpu, unsigned int half)
{
	struct totals *t = &fake->totals[cpu * SLOTS + TOTALS_SLOT(7, 0, SLOTS)];

	t->ifindex = 7;
	return &t->half[half];
}

static void test_empty(void **state)
{
	struct snapshot s;
	struct fake fake;

	fake_open(&fake);
	take(&fake, HOOK_XDP, &s);
	assert_int_equal(s.flow_count, 0);
	assert_int_equal(s.totals_count, 0);
	assert_true(s.exact);
	assert_int_equal(s.capacity[HOOK_XDP], CPUS * (SETS4 + SETS6) * WAYS);
	snapshot_free(&s);
	fake_close(&fake);
}

/* Pending and folded counts add up; entries of two CPUs, outcomes and kinds are one flow. */
static void test_merge(void **state)
{
	struct snapshot s;
	struct fake fake;
	struct flow4 *f;

	fake_open(&fake);
	f = put4(&fake, 0, 1, 3, 5);
	f->id.more = MORE_FOLDED;
	fake.more[1].way[3].passed = (struct count){ 990, 99000 };
	fake.more[1].way[3].dropped = (struct count){ 10, 1000 };
	f->id.judged = JUDGED(VERDICT_PASS, REASON_POLICY);
	f->state.first = 50;
	f->state.last = 60;
	f->id.tcp_flags = 2;
	f = put4(&fake, 1, 3, 0, 7);
	fake.more[SETS4 + SETS6 + 3].way[0].passed = (struct count){ 9, 9 }; /* another's, before */
	f->id.kind |= KIND_FIRST;
	f->id.tcp_flags = 16;
	f->id.judged = JUDGED(VERDICT_DROP, REASON_RULE);
	f->state.rule = 9;
	f->state.first = 55;
	f->state.last = 61;
	put4(&fake, 1, 3, 7, 3)->id.dport = htons(54);
	take(&fake, HOOK_TC, &s);
	assert_int_equal(s.flow_count, 2);
	assert_int_equal(s.entries[HOOK_TC], 3);
	assert_int_equal(flow_count(&s.flows[0]).packets, 1012);
	assert_int_equal(flow_count(&s.flows[0]).bytes, 101200);
	assert_int_equal(s.flows[0].dropped.packets, 17);
	assert_int_equal(s.flows[0].passed.packets, 995);
	assert_int_equal(s.flows[0].reason, REASON_RULE);
	assert_int_equal(s.flows[0].tcp_flags, 18);
	assert_int_equal(s.flows[0].verdict, VERDICT_DROP);
	assert_int_equal(s.flows[0].slot, 9);
	assert_int_equal(s.flows[0].first, 50);
	assert_int_equal(s.flows[0].last, 61);
	assert_int_equal(s.flows[0].src.lo, 0xc0000201);
	assert_int_equal(s.flows[1].dport, 54);
	assert_int_equal(s.rules[9].packets, 7);
	assert_int_equal(s.rules[0].packets, 8); /* what is folded is closed on its rule */
	snapshot_free(&s);
	fake_close(&fake);
}

/* Both halves, closed counters of rules, and what has no slot of its own. */
static void test_totals(void **state)
{
	struct snapshot s;
	struct totals *t;
	struct fake fake;

	fake_open(&fake);
	put4(&fake, 0, 0, 0, 10)->state.audit = 5;
	t = &fake.totals[TOTALS_SLOT(7, 3, SLOTS)];
	t->ifindex = 7;
	t->half[0].seen[REASON_OK] = (struct count){ 4, 400 };
	t->half[1].seen[REASON_OK] = (struct count){ 8, 800 };
	t->half[1].seen[REASON_RULE] = (struct count){ 6, 600 };
	t->half[0].closed[VERDICT_PASS] = (struct count){ 2, 200 };
	t->half[1].closed[VERDICT_DROP] = (struct count){ 6, 600 };
	fake.closed[RULE_SLOTS + 5].half[0].packets = 2; /* of the other CPU */
	fake.closed[RULE_SLOTS + 5].half[1].packets = 3;
	put4(&fake, 1, 0, 0, 1)->id.ifindex = 99;
	fake.totals[2 * SLOTS - 1].half[0].seen[REASON_OK] = (struct count){ 1, 100 };
	take(&fake, HOOK_NF, &s);
	assert_true(s.exact);
	assert_int_equal(s.totals_count, 2);
	assert_int_equal(s.totals[0].ifindex, 0);
	assert_int_equal(s.totals[1].verdict[VERDICT_PASS].packets, 12);
	assert_int_equal(s.totals[1].live[VERDICT_PASS].packets, 10);
	assert_int_equal(s.totals[1].closed[VERDICT_PASS].packets, 2);
	assert_int_equal(s.rules[5].packets, 15);
	snapshot_free(&s);
	fake_close(&fake);
}

/* Of an entry that has had packets since the epoch began what it had then counts. */
static void test_epoch(void **state)
{
	struct snapshot s;
	struct fake fake;
	struct flow4 *f;

	fake_open(&fake);
	*fake.control = (struct control){ .epoch = 4, .settled = 4 };
	put4(&fake, 0, 0, 0, 10)->state.epoch = 4;		       /* none since */
	put4(&fake, 0, 0, 1, 3)->state.epoch = 5;		       /* new since */
	f = put4(&fake, 0, 0, 2, 9);				       /* 7 then, passed as now */
	f->state.epoch = 5 | 1 << EPOCH_BITS;
	f->id.more = MORE_IMAGE;
	f->state.rule = 2;
	fake.more[0].way[2] = (struct flow_more){ .image = PENDING_ONE(7, 700), .image_rule = 2 };
	f = put4(&fake, 0, 0, 3, 1);				       /* 5 passed then, dropped since */
	f->state.epoch = 5;
	f->state.rule = 3;
	f->id.judged = JUDGED(VERDICT_DROP, REASON_RULE);
	f->id.more = MORE_IMAGE | MORE_IMAGE_FOLDED | MORE_FOLDED;
	fake.more[0].way[3] = (struct flow_more){
		.image = PENDING_ONE(5, 500), .image_rule = 4, .image_audit = 6,
		.passed = { 105, 10500 }, .dropped = { 2, 200 },
	};
	f = put4(&fake, 0, 0, 4, 1);				       /* 8 dropped then, passed before */
	f->state.epoch = 5;
	f->id.more = MORE_IMAGE | MORE_IMAGE_DROP | MORE_FOLDED;
	fake.more[0].way[4] = (struct flow_more){
		.image = PENDING_ONE(8, 800), .image_rule = 4, .passed = { 1, 100 },
	};
	totals7(&fake, 0, 0)->seen[REASON_OK] = (struct count){ 123, 12300 };
	totals7(&fake, 0, 0)->seen[REASON_RULE] = (struct count){ 10, 1000 };
	take(&fake, HOOK_XDP, &s);
	assert_true(s.exact);
	assert_int_equal(fake.control->settled, 5);
	assert_int_equal(s.flow_count, 1);
	assert_int_equal(s.flows[0].passed.packets, 123);
	assert_int_equal(s.flows[0].dropped.packets, 10);
	assert_int_equal(s.rules[0].packets, 10);
	assert_int_equal(s.rules[2].packets, 7);
	assert_int_equal(s.rules[3].packets, 0);
	assert_int_equal(s.rules[4].packets, 13);
	assert_int_equal(s.rules[6].packets, 5);
	snapshot_free(&s);
	fake_close(&fake);
}

static void test_ipv6(void **state)
{
	struct snapshot s;
	struct fake fake;
	struct flow6 *f;

	fake_open(&fake);
	f = &fake.flow6[SETS6 + 1].way[5];
	fake.tags[SETS4 + SETS6 + SETS4 + 1].way[5] = 0xff;
	f->src[0] = htobe64(0x20010db800000000);
	f->src[1] = htobe64(1);
	f->id = (struct flow_id){.kind = KIND_IP6, .tags = ID_TAGS(100, 200, 58)};
	f->state.pending = PENDING_ONE(1, 70) | 2 * PENDING_INC_ONE;
	take(&fake, HOOK_XDP, &s);
	assert_int_equal(s.flow_count, 1);
	assert_int_equal(s.flows[0].family, 6);
	assert_int_equal(s.flows[0].src.hi, 0x20010db800000000);
	assert_int_equal(s.flows[0].outer, 100);
	assert_int_equal(s.flows[0].inner, 200);
	assert_int_equal(s.flows[0].protocol, 58);
	assert_int_equal(flow_count(&s.flows[0]).bytes, 70);
	snapshot_free(&s);
	fake_close(&fake);
}

/* An entry that stays half written is left out, and the snapshot says so; so it does of a move, and of a wrong sum. */
static void test_inexact(void **state)
{
	struct snapshot s;
	struct fake fake;

	fake_open(&fake);
	put4(&fake, 0, 0, 0, 1)->state.pending |= PENDING_INC_ONE;
	put4(&fake, 0, 0, 1, 2);
	totals7(&fake, 0, 0)->seen[REASON_OK] = (struct count){ 3, 300 };
	take(&fake, HOOK_XDP, &s);
	assert_int_equal(s.flow_count, 1);
	assert_int_equal(flow_count(&s.flows[0]).packets, 2);
	assert_false(s.exact);
	snapshot_free(&s);
	put4(&fake, 0, 0, 0, 1);
	fake.region[1].moves_begun = 1;
	take(&fake, HOOK_XDP, &s);
	assert_false(s.exact);
	snapshot_free(&s);
	fake.region[1].moves_done++;
	take(&fake, HOOK_XDP, &s);
	assert_true(s.exact);
	snapshot_free(&s);
	totals7(&fake, 0, 1)->seen[REASON_OK].packets = 1;
	take(&fake, HOOK_XDP, &s);
	assert_false(s.exact);
	snapshot_free(&s);
	totals7(&fake, 0, 1)->closed[VERDICT_PASS].packets = 1;
	take_with(&fake, HOOK_XDP, -1, &s); /* no right to begin an epoch */
	assert_true(s.exact);
	snapshot_free(&s);
	fake_close(&fake);
}

struct mover {
	struct fake fake;
	bool stop;
};

/* Moves packets between an entry and the closed counters, as eviction and new rules do. */
static void *move(void *data)
{
	struct mover *m = data;
	struct region *r = m->fake.region;
	struct flow4 *f = m->fake.flow4[0].way;
	struct count *sum = &m->fake.more[0].way[0].passed;
	struct totals_half *t = totals7(&m->fake, 0, 0);
	uint64_t incarnation = 0;

	for (uint64_t n = 1; !__atomic_load_n(&m->stop, __ATOMIC_RELAXED); n++) {
		uint64_t packets = n % 1000;

		__atomic_store_n(&r->moves_begun, n, __ATOMIC_SEQ_CST);
		incarnation += PENDING_INC_ONE;
		__atomic_store_n(&f->state.pending, incarnation, __ATOMIC_SEQ_CST);
		__atomic_store_n(&t->closed[0].packets, 1000 - packets, __ATOMIC_SEQ_CST);
		__atomic_store_n(&sum->packets, packets, __ATOMIC_SEQ_CST);
		incarnation += PENDING_INC_ONE;
		__atomic_store_n(&f->state.pending, incarnation, __ATOMIC_SEQ_CST);
		__atomic_store_n(&r->moves_done, n, __ATOMIC_SEQ_CST);
		usleep(n % 64 ? 0 : 2000);
	}
	return NULL;
}

static void test_moving(void **state)
{
	struct mover m = {};
	struct snapshot s;
	unsigned int exact = 0;
	pthread_t thread;

	fake_open(&m.fake);
	put4(&m.fake, 0, 0, 0, 0)->id.more = MORE_FOLDED;
	m.fake.more[0].way[0].passed.packets = 1;
	totals7(&m.fake, 0, 0)->seen[REASON_OK].packets = 1000;
	totals7(&m.fake, 0, 0)->closed[VERDICT_PASS].packets = 999;
	assert_int_equal(pthread_create(&thread, NULL, move, &m), 0);
	for (int i = 0; i < 300; i++) {
		take_with(&m.fake, HOOK_XDP, i % 2 ? -1 : m.fake.control_fd, &s);
		if (s.exact) {
			assert_int_equal(
				s.totals[0].live[0].packets + s.totals[0].closed[0].packets, 1000);
			exact++;
		}
		snapshot_free(&s);
	}
	m.stop = true;
	pthread_join(thread, NULL);
	assert_true(exact > 0);
	fake_close(&m.fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	cmocka_unit_test(test_merge),
		cmocka_unit_test(test_totals),	cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_epoch),	cmocka_unit_test(test_inexact),
		cmocka_unit_test(test_moving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
