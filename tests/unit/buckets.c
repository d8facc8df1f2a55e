/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* buckets.c - whose bucket a packet is charged to: keys, the table, two threads on one bucket. */
#include <arpa/inet.h>
#include <endian.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>

#include "../../bpf/limit/bucket.h"
#include "../../ctl/rules/limit.h"
#include "../../ctl/base/util.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>
#undef fail

#define SECOND (1000000000ULL * TICKS_NS)
#define DAY (86400 * SECOND)

static const __u64 seed[2] = { 0x1234567890abcdef, 0xfedcba0987654321 };

static struct meter packets(__u64 rate, __u32 period, __u32 burst)
{
	struct limit limit = { .rate = rate, .period = period, .burst = burst };

	return limit_meter(&limit);
}

/* ---- keys ---- */

static struct packet packet4(uint32_t src, uint32_t dst, uint16_t sport)
{
	struct packet p = { .src4 = htonl(src), .dst4 = htonl(dst) };

	p.id.kind = KIND_IP4 | KIND_PORTS;
	p.id.tags = ID_TAGS(0, 0, PROTO_UDP);
	p.id.sport = htons(sport);
	return p;
}

static struct packet packet6(__u64 hi, __u64 lo)
{
	struct packet p = { .src6 = { htobe64(hi), htobe64(lo) } };

	p.id.kind = KIND_IP6;
	return p;
}

static __u64 key_of(enum meter_per per, uint8_t prefix4, uint8_t prefix6, struct packet p)
{
	struct limit limit = { .rate = 1,
			       .period = 1,
			       .burst = 1,
			       .per = per,
			       .prefix4 = prefix4,
			       .prefix6 = prefix6 };
	struct meter m = limit_meter(&limit);

	return limit_key(&m, &p, 3, HOOK_TC, seed);
}

static void test_keys(void **state)
{
	struct packet p = packet4(0x0a000001, 0x0a000002, 5), other = p;
	struct meter m = packets(1, 1, 1);

#define SAME(per, p4, p6, a, b) assert_true(key_of(per, p4, p6, a) == key_of(per, p4, p6, b))
#define DIFFER(per, p4, p6, a, b) assert_true(key_of(per, p4, p6, a) != key_of(per, p4, p6, b))
	DIFFER(PER_SRC, 32, 128, p, packet4(0x0a000003, 0x0a000002, 5));
	SAME(PER_SRC, 32, 128, p, packet4(0x0a000001, 0x0a000009, 6));
	SAME(PER_SRC, 24, 64, p, packet4(0x0a0000ff, 0x0a000009, 6));
	DIFFER(PER_SRC, 24, 64, p, packet4(0x0a0001ff, 0x0a000009, 6));
	SAME(PER_SRC, 0, 0, p, packet4(0xffffffff, 0, 6));
	DIFFER(PER_DST, 32, 128, p, packet4(0x0a000001, 0x0a000009, 5));
	SAME(PER_DST, 31, 128, p, packet4(0x01000001, 0x0a000003, 6));
	DIFFER(PER_FLOW, 32, 128, p, packet4(0x0a000001, 0x0a000002, 6));
	DIFFER(PER_FLOW, 32, 128, p, packet4(0x0a000002, 0x0a000001, 5));
	other.id.ifindex = 9;
	other.length = 99;
	SAME(PER_FLOW, 32, 128, p, other);
	other.id.tags = ID_TAGS(0, 0, PROTO_TCP);
	DIFFER(PER_FLOW, 32, 128, p, other);
	SAME(PER_RULE, 0, 0, p, packet4(1, 2, 3));
	SAME(PER_SRC, 24, 64, packet6(1, 2), packet6(1, 3));
	DIFFER(PER_SRC, 24, 64, packet6(1, 2), packet6(2, 2));
	DIFFER(PER_SRC, 24, 128, packet6(1, 2), packet6(1, 3));
	SAME(PER_SRC, 24, 127, packet6(1, 2), packet6(1, 3));
	SAME(PER_SRC, 24, 56, packet6(0x100, 2), packet6(0x1ff, 3));
	DIFFER(PER_SRC, 24, 56, packet6(0x100, 2), packet6(0x200, 2));
	DIFFER(PER_SRC, 0, 0, packet4(0, 0, 0), packet6(0, 0)); /* families apart */
	assert_true(limit_key(&m, &p, 3, HOOK_TC, seed) != limit_key(&m, &p, 4, HOOK_TC, seed));
	assert_true(limit_key(&m, &p, 3, HOOK_TC, seed) != limit_key(&m, &p, 3, HOOK_NF, seed));
	assert_true(key_of(PER_RULE, 0, 0, p) & 1);
	assert_false(key_of(PER_SRC, 32, 128, p) & 1);
}

/* ---- the table ---- */

static bool set_take(struct bucket_set *set, __u64 key, __u64 now, const struct meter *m,
		     __u64 *full)
{
	return bucket_set_take(set, key, now, meter_cost(m, 1), m->burst, full);
}

static void test_table(void **state)
{
	struct bucket_set set = {};
	struct meter m = packets(1, 1, 2);
	__u64 full = 0, now = DAY, passed = 0;

	/* Every key has a bucket of its own while there are ways, */
	for (__u64 key = 2; key <= 16; key += 2)
		for (int i = 0; i < 5; i++)
			passed += set_take(&set, key, now, &m, &full);
	assert_int_equal(passed, 16);
	assert_int_equal(full, 0);
	/* the ninth goes on with another's, which has nothing, */
	assert_false(set_take(&set, 18, now, &m, &full));
	assert_int_equal(full, 1);
	/* and is at home there. */
	now += SECOND + 1;
	assert_true(set_take(&set, 18, now, &m, &full));
	assert_false(set_take(&set, 18, now, &m, &full));
	assert_int_equal(full, 1);
	/* What nobody has used for a while is a full bucket for who comes. */
	now += 2 * SECOND;
	for (__u64 key = 20; key <= 34; key += 2) {
		assert_true(set_take(&set, key, now, &m, &full));
		assert_true(set_take(&set, key, now, &m, &full));
		assert_false(set_take(&set, key, now, &m, &full));
	}
	assert_int_equal(full, 1);
}

/* Of ways that are all in use the one goes that is next to free, a rule's own last. */
static void test_full_set(void **state)
{
	struct meter m = packets(1, 1, 4);
	struct bucket_set set = {};
	__u64 full = 0, now = DAY;

	for (__u64 i = 0; i < BUCKET_WAYS; i++)
		set.way[i] = (struct bucket){ 2 * i + 2, now + (9 - i) * SECOND / 4 };
	set.way[7].key |= 1; /* the nearest, but a rule's own */
	assert_true(set_take(&set, 100, now, &m, &full));
	assert_int_equal(set.way[6].key, 100);
	assert_int_equal(set.way[6].full_at, now + 3 * SECOND / 4 + SECOND);
	assert_int_equal(full, 1);
	/* A rule's own bucket takes any. */
	assert_true(set_take(&set, 101, now, &m, &full));
	assert_int_equal(set.way[7].key, 101);
	/* All are rules' own, and in use: still some bucket, never more than all have. */
	for (__u64 i = 0; i < BUCKET_WAYS; i++)
		set.way[i] = (struct bucket){ 2 * i + 1, now + 100 * SECOND };
	assert_false(set_take(&set, 200, now, &m, &full));
	assert_int_equal(full, 3);
	/* A free way is anyone's, whoever had it. */
	set.way[3].full_at = now;
	assert_true(set_take(&set, 300, now, &m, &full));
	assert_int_equal(set.way[3].key, 300);
	assert_int_equal(full, 3);
}

/* More keys than ways, all at full speed: never more than the ways' rates and bursts. */
static void test_flooded_set(void **state)
{
	struct meter m = packets(1000, 1, 10);
	struct bucket_set set = {};
	__u64 full = 0, passed = 0, now = DAY;

	for (int i = 0; i < 100000; i++, now += SECOND / 100000)
		passed += set_take(&set, (__u64)(i * 7919 % 5000) * 2 + 2, now, &m, &full);
	assert_true(passed <= 8 * (1000 + 10) + 8);
	assert_true(passed >= 8 * 900);
	assert_true(full > 90000);
}

/* ---- two CPUs ---- */

#define SHARED_TAKES 4000000

static struct {
	struct meter meter;
	__u64 bucket, passed;
	pthread_barrier_t begin;
} shared;

/* Time stands still: the burst is all there is. */
static void *take_many(void *unused)
{
	__u64 cost = meter_cost(&shared.meter, 1), passed = 0;

	pthread_barrier_wait(&shared.begin);
	for (int i = 0; i < SHARED_TAKES; i++)
		passed += bucket_share(&shared.bucket, DAY, cost, shared.meter.burst);
	__sync_fetch_and_add(&shared.passed, passed);
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[2];

	shared.meter = packets(1000000, 1, SHARED_TAKES);
	pthread_barrier_init(&shared.begin, NULL, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_many, NULL), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&shared.begin);
	/* A take that always came too late is granted, and paid for. */
	assert_true(shared.passed >= SHARED_TAKES);
	assert_true(shared.passed <= SHARED_TAKES + SHARED_TAKES / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),	 cmocka_unit_test(test_table),
		cmocka_unit_test(test_full_set), cmocka_unit_test(test_flooded_set),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
