/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sets.c - nanoseconds that sets of a million elements cost a packet at XDP, by BPF_PROG_TEST_RUN.
 *
 *	sets [--quick] BUILD
 *
 * Every packet comes from another address, drawn at random from the set's members, so that what it
 * needs of the set is in no cache; or from any address at all. FIND is what looking it up adds to
 * drawing and parsing, NEW the whole path of a new flow. All cases take turns.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <limits.h>
#include <sched.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../ctl/attach/attach.h"
#include "../lib/harness.h"
#include "../lib/frame.h"
#include "stand_in.h"

#define ELEMENTS 1000000
#define ADDRESSES (1 << 20) /* of bench_sets.bpf.c */
#define ROUNDS 9
#define REPEAT 200000

/* X(id, name, IPv6): what the set holds. */
#define WORLDS(X)                            \
	X(NONE, "no sets", false)            \
	X(NONE6, "no sets, IPv6", true)      \
	X(HOSTS, "hosts", false)             \
	X(MIXED, "mixed prefixes", false)    \
	X(CLUSTER, "hosts in 40 /16", false) \
	X(HOSTS6, "IPv6 hosts", true)        \
	X(MIXED6, "IPv6 prefixes", true)

enum world {
#define X(id, name, ip6) WORLD_##id,
	WORLDS(X)
#undef X
		WORLD_COUNT,
};

static const struct {
	const char *name;
	bool ip6;
} worlds[] = {
#define X(id, name, ip6) { name, ip6 },
	WORLDS(X)
#undef X
};

static const char *const cases[] = { "bare", "pick", "find", "new" };
#define CASES ARRAY_SIZE(cases)

struct address {
	uint64_t word[2];
};

struct bench {
	struct harness harness;
	struct bpf_object *object;
	struct address *addresses;		  /* the map's memory */
	struct frame frame[2];			  /* IPv4, IPv6 */
	double ns[WORLD_COUNT][2][CASES][ROUNDS]; /* [1]: any address */
	size_t bytes[WORLD_COUNT], elements[WORLD_COUNT];
};

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1d;
}

static void push4(struct set *batch, uint32_t lo, unsigned int bits)
{
	uint32_t size = (1U << bits) - 1;
	struct element4 e = { lo & ~size, lo | size, 0, 0 };

	if (set_push4(batch, &e) < 0)
		errx(1, "no memory");
}

/* As sites are handed out: in the networks of 4,000 providers. */
static struct addr6 draw6(void)
{
	uint64_t provider = 0x2a00000000000000 | (draw() % 4000 * 0x9e3779b1 % 0x1000000) << 32;

	return (struct addr6){ provider | (draw() & 0xffffffff), draw() };
}

static void push6(struct set *batch, struct addr6 lo, unsigned int prefix)
{
	uint64_t mask = prefix < 64 ? UINT64_MAX >> prefix : 0;
	struct element6 e = { lo, lo, 0, 0 };

	if (prefix <= 64) {
		e.lo = (struct addr6){ lo.hi & ~mask, 0 };
		e.hi = (struct addr6){ lo.hi | mask, UINT64_MAX };
	}
	if (set_push6(batch, &e) < 0)
		errx(1, "no memory");
}

static void fill(struct set *set, enum world world)
{
	static const unsigned int lengths6[] = { 48, 48, 52, 56, 56, 60, 64, 64, 64, 128 };
	struct set batch = {};
	uint32_t nets[40];

	for (int i = 0; i < 40; i++)
		nets[i] = draw() << 16;
	for (size_t i = 0; i < ELEMENTS * 11 / 10 && set_size(set) < ELEMENTS; i++) {
		uint64_t n = draw();

		if (world == WORLD_HOSTS)
			push4(&batch, n, 0);
		else if (world == WORLD_CLUSTER)
			push4(&batch, nets[n % 40] | (n >> 32 & 0xffff), 0);
		else if (world == WORLD_MIXED)
			push4(&batch, n, n >> 60 ? n >> 40 & 7 : 8);
		else
			push6(&batch, draw6(), world == WORLD_HOSTS6 ? 128 : lengths6[n % 10]);
	}
	if (set_add(set, &batch, NULL) < 0)
		errx(1, "no memory");
	set_free(&batch);
}

/* A member, or any address of the family. */
static struct address draw_address(const struct set *set, bool ip6, bool any)
{
	struct addr6 a = ip6 && any ? draw6() : (struct addr6){ 0, draw() };

	if (!any && ip6 && set->count6) {
		const struct element6 *e = &set->ip6[draw() % set->count6];

		a.hi = e->lo.hi + (e->hi.hi > e->lo.hi ? draw() % (e->hi.hi - e->lo.hi) : 0);
		a.lo = e->lo.lo;
	} else if (!any && set->count4) {
		const struct element4 *e = &set->ip4[draw() % set->count4];

		a.lo = e->lo + draw() % ((uint64_t)e->hi - e->lo + 1);
	}
	if (!ip6)
		return (struct address){ { htonl(a.lo), 0 } };
	return (struct address){ { htobe64(a.hi), htobe64(a.lo) } };
}

static void use_world(struct bench *b, struct ruleset *rules, enum world world, bool any)
{
	struct fault fault = {};

	for (size_t i = 0; i < ADDRESSES; i++)
		b->addresses[i] = draw_address(&rules->sets[0], worlds[world].ip6, any);
	if (any)
		return;
	if (harness_compile(&b->harness, rules, &fault) < 0)
		errx(1, "%s: %s", worlds[world].name, fault.message);
	if (harness_force(&b->harness, FORCE_WHOLE) < 0)
		errx(1, "%s: cannot put it in force", worlds[world].name);
	b->bytes[world] = (size_t)b->harness.blob->parts * PART_SIZE;
	b->elements[world] = set_size(&rules->sets[0]);
}

static double run(const struct bench *b, int program, bool ip6)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = b->frame[ip6].bytes,
		    .data_size_in = b->frame[ip6].len, .repeat = REPEAT);

	if (bpf_prog_test_run_opts(program, &opts) < 0)
		err(1, "test run");
	return opts.duration;
}

static void measure(struct bench *b, enum world world, bool any, int round)
{
	char name[32];

	for (size_t i = 0; i < CASES; i++) {
		snprintf(name, sizeof(name), "bench_%s", cases[i]);
		b->ns[world][any][i][round] =
			run(b, stand_in_program(b->object, name), worlds[world].ip6);
	}
}

static void open_all(struct bench *b, const char *build)
{
	struct fault fault = {};
	char path[PATH_MAX], why[128];

	if (harness_open(1U << HOOK_XDP, FLOWS_DEFAULT, &b->harness, &fault) < 0)
		errx(1, "%s", fault_is_set(&fault) ? fault.message : "cannot load the program");
	snprintf(path, sizeof(path), "%s/tests/bench/bench_sets.bpf.o", build);
	b->object = stand_in_load(path, &b->harness.hook[HOOK_XDP]);
	b->addresses = stand_in_memory(b->object, "bench_addresses",
				       ADDRESSES * sizeof(*b->addresses));
	if (frame_build("eth ip4 udp payload=22", &b->frame[0], why, sizeof(why)) < 0 ||
	    frame_build("eth ip6 udp payload=2", &b->frame[1], why, sizeof(why)) < 0)
		errx(1, "%s", why);
}

static struct ruleset ruleset_of(enum world world)
{
	static const char *const texts[] = { "pass dst 10.0.0.1", "drop src @s" };
	struct fault fault = {};
	struct ruleset rules;
	struct set *set;

	if (harness_parse(VERDICT_PASS, &texts[world > WORLD_NONE6], 1, &rules, &fault) < 0 ||
	    ruleset_add_set(&rules, "s", SET_ADDRESSES, &set) < 0)
		errx(1, "%s", fault.message);
	if (world > WORLD_NONE6)
		fill(set, world);
	return rules;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *samples, int rounds)
{
	qsort(samples, rounds, sizeof(*samples), compare);
	return samples[rounds / 2];
}

static void report(struct bench *b, int rounds)
{
	printf("%-16s %-8s %8s %7s %7s %7s %7s %9s\n", "SET", "SOURCES", "ELEMENTS", "B EACH",
	       "BARE", "FIND", "NEW", "NEW-BARE");
	for (enum world w = 0; w < WORLD_COUNT; w++) {
		for (int any = 0; any < 2; any++) {
			double ns[CASES];

			for (size_t i = 0; i < CASES; i++)
				ns[i] = median(b->ns[w][any][i], rounds);
			printf("%-16s %-8s %8zu %7.1f %7.1f %+7.1f %7.1f %9.1f\n", worlds[w].name,
			       any ? "any" : "members", b->elements[w],
			       b->elements[w] ? (double)b->bytes[w] / b->elements[w] : 0, ns[0],
			       ns[2] - ns[1], ns[3], ns[3] - ns[0]);
		}
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	static struct ruleset rules[WORLD_COUNT];
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	int rounds = quick ? 1 : ROUNDS;

	if (argc != 2 + quick)
		errx(2, "usage: sets [--quick] BUILD");
	open_all(&b, argv[argc - 1]);
	for (enum world w = 0; w < WORLD_COUNT; w++)
		rules[w] = ruleset_of(w);
	for (int round = 0; round < rounds; round++) {
		for (enum world w = 0; w < WORLD_COUNT; w++) {
			for (int any = 0; any < 2; any++) {
				use_world(&b, &rules[w], w, any);
				measure(&b, w, any, round);
			}
		}
	}
	report(&b, rounds);
	harness_close(&b.harness);
	return 0;
}
