/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exact_counts.c - a flood of random packets over thousands of rules, from two CPUs at once: what
 * the totals, the rules and the flows that go on all the while are said to have counted.
 *
 *	exact_counts [-s SEED] [-n PACKETS] [-r RULES]
 *
 * PACKETS at each hook, nearly each of a flow of its own, into tables that hold far fewer. Nothing
 * may be lost: totals are what was sent, live and closed counts are the totals, every rule has what
 * the native walk says of the packets, and established flows have every packet of theirs.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

/* What the native walk meets on its way: see walk.h. */
static __thread struct {
	unsigned int STEP, NODE, BOX, TREE;
} walked;
#define COUNT_STEP(what) (walked.what++)

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/live/cost.h"
#include "../lib/account.h"
#include "../lib/busy_cpu.h"
#include "../lib/test_packet.h"
#include "../lib/harness.h"
#include "../lib/native.h"
#include "../lib/random_rules.h"

#define FLOWS 16384
#define ESTABLISHED 128 /* flows a thread and family, each with a packet now and then */
#define THREADS 2
#define EVERY 16    /* packets of the flood to one of an established flow */
#define PORTS 61000 /* established flows' source ports, which the flood leaves alone */

struct options {
	uint64_t seed;
	size_t packets, rules;
};

/* What was sent at a hook, as the native walk has it. */
struct sent {
	struct count verdict[VERDICTS];
	uint64_t rules[MAX_SLOTS];
};

struct sender {
	struct harness *harness;
	enum hook_id hook;
	int cpu;
	size_t packets;
	struct prng prng;
	struct test_frame flows[ESTABLISHED];
	uint64_t flow_sent[ESTABLISHED];
	struct sent sent;
	pthread_t thread;
	struct cost worst[FAMILIES];
	uint64_t refused, differ, exceeded; /* test runs; verdicts; walks longer than was said */
	unsigned int nodes, boxes;	    /* of the longest walk */
};

static void compare_cost(struct sender *s, const struct cost *worst)
{
	s->nodes = MAX(s->nodes, walked.NODE);
	s->boxes = MAX(s->boxes, walked.BOX);
	s->exceeded += walked.NODE > worst->nodes || walked.BOX > worst->boxes;
}

static void send_frame(struct sender *s, const struct test_frame *frame)
{
	static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };
	size_t skip = s->hook == HOOK_NF ? frame->network : 0, len = frame->len - skip;
	struct decision walk;
	struct native native;
	enum verdict verdict;
	uint32_t value;

	if (harness_run(s->harness, entries[s->hook], frame->family, frame->bytes + skip, len,
			&verdict, &value) < 0) {
		s->refused++;
		return;
	}
	native_parse(frame->bytes + skip, len, s->hook, frame->family, HARNESS_IFINDEX, 0,
		     &native);
	memset(&walked, 0, sizeof(walked));
	classify(s->harness->blob, &native.packet, &native.envelope, s->hook, &walk);
	compare_cost(s, &s->worst[frame->family == 6 ? FAMILY_IP6 : FAMILY_IP4]);
	s->differ += walk.verdict != verdict;
	s->sent.verdict[walk.verdict].packets++;
	s->sent.verdict[walk.verdict].bytes += len;
	s->sent.rules[walk.slot]++;
}

/* IP without tags and whole, so that every hook takes it. "port": of an established flow, or 0. */
static void make_frame(struct sender *s, uint16_t port, struct test_frame *ret)
{
	const struct ruleset *rules = &s->harness->rules;
	struct test_packet d;

	do {
		if (below(&s->prng, 2))
			test_packet_for(&s->prng, rules,
					&rules->rules[below(&s->prng, rules->count)], 0, &d);
		else
			test_packet_random(&s->prng, &d);
		d.cut = false;
		d.probe.outer = d.probe.inner = d.probe.frag = 0;
		d.probe.sport = port ? port : d.probe.sport % PORTS;
		if (port && d.probe.proto != IPPROTO_TCP)
			d.probe.proto = IPPROTO_UDP;
		test_packet_frame(&d, ret);
	} while (!ret->family);
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	struct test_frame frame;

	pin_to_cpu(s->cpu);
	for (size_t i = 0; i < 4 * ESTABLISHED; i++, s->flow_sent[i % ESTABLISHED]++)
		send_frame(s, &s->flows[i % ESTABLISHED]);
	for (size_t i = 0; i < s->packets; i++) {
		size_t flow = below(&s->prng, ESTABLISHED);

		make_frame(s, 0, &frame);
		send_frame(s, &frame);
		if (i % EVERY)
			continue;
		send_frame(s, &s->flows[flow]);
		s->flow_sent[flow]++;
	}
	return NULL;
}

/* ---- what is said of it ---- */

static unsigned int check_totals(const struct snapshot *s, const struct sent *sent)
{
	unsigned int wrong = 0;

	if (s->totals_count != 1)
		return 1;
	for (int v = 0; v < VERDICTS; v++) {
		wrong += account_distance(s, v) != 0;
		wrong += count_distance(sent->verdict[v], s->totals[0].verdict[v]) != 0;
	}
	return wrong;
}

static const struct flow *find(const struct snapshot *s, const struct flow *flow)
{
	for (size_t i = 0; i < s->flow_count; i++)
		if (flow_same(&s->flows[i], flow))
			return &s->flows[i];
	return NULL;
}

/* Flows that are not there any more, or have not all of their packets. */
static unsigned int check_flows(const struct snapshot *s, const struct sender *sender)
{
	unsigned int wrong = 0;

	for (size_t i = 0; i < ESTABLISHED; i++) {
		const struct test_frame *frame = &sender->flows[i];
		size_t skip = sender->hook == HOOK_NF ? frame->network : 0;
		struct native native;
		struct flow flow;
		const struct flow *got;

		native_parse(frame->bytes + skip, frame->len - skip, sender->hook, frame->family,
			     HARNESS_IFINDEX, 0, &native);
		native_flow(&native.packet, sender->hook, &flow);
		got = find(s, &flow);
		wrong += !got || flow_count(got).packets != sender->flow_sent[i] ||
			 flow_count(got).bytes != sender->flow_sent[i] * (frame->len - skip);
	}
	return wrong;
}

static bool check(struct harness *h, enum hook_id hook, const struct sender *senders,
		  const char *name)
{
	unsigned int totals, rules = 0, flows = 0;
	struct sent *sent = calloc(1, sizeof(*sent));
	uint64_t refused = 0, differ = 0, packets = 0, exceeded = 0, wrong;
	unsigned int nodes = 0, boxes = 0;
	struct fault fault = {};
	struct snapshot s;

	if (!sent || harness_read(h, hook, &s, &fault) < 0)
		errx(1, "reading the counters: %s", fault.message);
	for (int i = 0; i < THREADS; i++) {
		for (int v = 0; v < VERDICTS; v++) {
			sent->verdict[v].packets += senders[i].sent.verdict[v].packets;
			sent->verdict[v].bytes += senders[i].sent.verdict[v].bytes;
		}
		for (size_t slot = 0; slot < MAX_SLOTS; slot++)
			sent->rules[slot] += senders[i].sent.rules[slot];
		flows += check_flows(&s, &senders[i]);
		refused += senders[i].refused;
		differ += senders[i].differ;
		exceeded += senders[i].exceeded;
		nodes = MAX(nodes, senders[i].nodes);
		boxes = MAX(boxes, senders[i].boxes);
	}
	for (size_t slot = 0; slot < MAX_SLOTS; slot++) {
		rules += s.rules[slot].packets != sent->rules[slot];
		packets += sent->rules[slot];
	}
	/* The native walk names one audit rule at most: tools/rulesets compares those. */
	for (size_t i = 0; i < h->rules.count; i++)
		if (h->rules.rules[i].action == ACTION_AUDIT)
			rules -= s.rules[h->rules.rules[i].slot].packets != 0;
	totals = check_totals(&s, sent);
	wrong = totals + rules + flows + differ + refused + exceeded;
	printf("%-4s %s, hook %d: %llu packets, at most %u nodes and %u boxes; %zu flows listed, "
	       "%llu evicted: wrong are %u totals, %u rules, %u of %d established flows, %llu "
	       "verdicts, %llu walks; %llu refused\n",
	       wrong ? "FAIL" : "ok", name, hook, (unsigned long long)packets, nodes, boxes,
	       s.flow_count, (unsigned long long)s.region[hook].evicted, totals, rules, flows,
	       THREADS * ESTABLISHED, (unsigned long long)differ, (unsigned long long)exceeded,
	       (unsigned long long)refused);
	snapshot_free(&s);
	free(sent);
	return !wrong;
}

/* ---- rules, threads ---- */

static bool flood(struct harness *h, enum hook_id hook, const struct options *o, const char *name)
{
	struct sender *senders = calloc(THREADS, sizeof(*senders));
	bool good;

	harness_clear(h, hook);
	harness_clear_blocks(h);
	for (int i = 0; i < THREADS; i++) {
		senders[i].harness = h;
		senders[i].hook = hook;
		senders[i].cpu = i ? JUDGE_CPU : WRITER_CPU;
		senders[i].packets = o->packets / THREADS;
		senders[i].prng = prng_seed(o->seed * HOOKS * THREADS + hook * THREADS + i);
		for (enum family f = 0; f < FAMILIES; f++)
			senders[i].worst[f] = cost_of(h->blob, f);
		for (size_t f = 0; f < ESTABLISHED; f++)
			make_frame(&senders[i], PORTS + i * ESTABLISHED + f, &senders[i].flows[f]);
		if (pthread_create(&senders[i].thread, NULL, send_all, &senders[i]))
			errx(1, "cannot start a thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(senders[i].thread, NULL);
	good = check(h, hook, senders, name);
	free(senders);
	return good;
}

static void flood_rules(struct harness *h, enum manner manner, const struct options *o,
			unsigned int *passed, unsigned int *failed)
{
	char **rules = random_rules(manner, o->seed, o->rules), name[64];
	struct fault fault = {};

	snprintf(name, sizeof(name), "%zu %s, seed %llu", o->rules, manner_names[manner],
		 (unsigned long long)o->seed);
	if (harness_rules(h, VERDICT_PASS, (const char *const *)rules, o->rules, &fault) < 0)
		errx(1, "%s: %s", name, fault.message);
	random_rules_free(rules, o->rules);
	for (int hook = 0; hook < HOOKS; hook++) {
		bool good = flood(h, hook, o, name);

		*passed += good;
		*failed += !good;
	}
}

int main(int argc, char **argv)
{
	struct options o = { .seed = 1, .packets = 200000, .rules = 10000 };
	unsigned int passed = 0, failed = 0;
	struct fault fault = {};
	struct harness harness;
	int option;

	while ((option = getopt(argc, argv, "s:n:r:")) != -1) {
		if (option == 's')
			o.seed = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			o.packets = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			o.rules = strtoul(optarg, NULL, 10);
		else
			errx(2, "exact_counts [-s SEED] [-n PACKETS] [-r RULES]");
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sysconf(_SC_NPROCESSORS_ONLN) < THREADS) {
		printf("skip exact_counts: needs two CPUs\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	if (unshare(CLONE_NEWNET) < 0 ||
	    harness_open((1 << HOOKS) - 1, FLOWS, &harness, &fault) < 0)
		errx(1, "%s", fault.message);
	flood_rules(&harness, MANNER_TUPLES, &o, &passed, &failed);
	flood_rules(&harness, MANNER_IP6, &o, &passed, &failed);
	harness_close(&harness);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
