/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * swap.c - rulesets swapped under full load: no packet is judged by a mix of two.
 *
 *	swap [--long | --two-steps]
 *
 * One CPU swaps between two rulesets that agree on every packet, for reasons of their own; another
 * judges the packets. Whatever is judged otherwise was judged by neither. Then the same with every
 * swap made in two steps, which must be seen (--two-steps: that alone).
 *
 * Rulesets that differ in their verdict come last: what passed and what was dropped are all packets,
 * in totals, rules and flows, and readings between the swaps close, and nothing falls.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../lib/account.h"
#include "../lib/busy_cpu.h"
#include "../lib/harness.h"
#include "../lib/seconds.h"
#include "../lib/new_flows.h"

#define FLOWS 4096

/* Both markers are in every packet; rules for nobody keep the two rulesets apart in layout. */
#define M1 "198.51.100.1"
#define M2 "203.0.113.2"
#define NOBODY "pass src 192.0.2.99 len 10-60"
#define MAX_PAIR_RULES 6

/*
 * The first kind of packet gets "verdict" from both rulesets, the second (if any) passes both. A
 * rule's counter is that of its place, from 1; "matches" of them from "match" on meet the first kind.
 */
static const struct pair {
	const char *name;
	bool differ; /* the first drops what the second passes */
	enum verdict policy, verdict;
	struct {
		const char *rules[MAX_PAIR_RULES];
		size_t count, match, matches;
	} set[2];
	size_t kinds;
} pairs[] = {
	{ .name = "drop M1 | drop M2",
	  .verdict = VERDICT_DROP,
	  .set = { { { "drop src " M1 }, 1, 1, 1 }, { { NOBODY, "drop dst " M2 }, 2, 2, 1 } },
	  .kinds = 1 },
	{ .name = "policy drop, pass M1 | pass M2",
	  .policy = VERDICT_DROP,
	  .set = { { { "pass src " M1 }, 1, 1, 1 }, { { NOBODY, "pass dst " M2 }, 2, 2, 1 } },
	  .kinds = 1 },
	/* A long packet's class in the first is a short one's in the second: they share a key. */
	{ .name = "drop short M1 | drop short M2",
	  .verdict = VERDICT_DROP,
	  .set = { { { "drop src " M1 " len 1-100" }, 1, 1, 1 },
		   { { NOBODY, "drop dst " M2 " len 20-100" }, 2, 2, 1 } },
	  .kinds = 2 },
	/* Several audit rules: each packet is judged anew, and counted for all of one ruleset. */
	{ .name = "two audits, drop M1 | drop M2",
	  .verdict = VERDICT_DROP,
	  .set = { { { "audit src " M1, "audit proto udp", "drop src " M1 }, 3, 1, 3 },
		   { { NOBODY, NOBODY, NOBODY, "audit dst " M2, "audit dport 9", "drop dst " M2 },
		     6,
		     4,
		     3 } },
	  .kinds = 1 },
	{ .name = "drop M1 differs from pass M2",
	  .differ = true,
	  .set = { { { "drop src " M1 }, 1, 1, 1 }, { { NOBODY, "pass dst " M2 }, 2, 2, 1 } },
	  .kinds = 1 },
};

static const char *const kinds[] = {
	"eth ip4 src=" M1 " dst=" M2 " udp dport=9",
	"eth ip4 src=" M1 " dst=" M2 " udp dport=9 payload=1000",
};

struct swap {
	struct harness harness;
	struct bpf_object *new_flows; /* the same path, a new flow in every packet */
	int new_flows_program;
	struct frame frames[2];
	unsigned int passed, failed;
};

/* One series of swaps. */
struct series {
	struct swap *swap;
	const struct pair *pair;
	bool new_flows, two_steps;
	unsigned int swaps_due;
	uint64_t judged_due;
	struct busy_cpu busy;
	unsigned int swaps;
	double seconds;
	unsigned int readings, inexact;
	struct count before[VERDICTS]; /* of the last reading, rules' counts too */
	uint64_t fell;		       /* by so much did a count fall, or a reading not close */
};

/* By how much the account does not close, or a rule's count is not that of what it judged. */
static uint64_t unclosed(const struct series *s, const struct snapshot *snapshot, enum verdict v)
{
	const struct count *rule =
		&snapshot->rules[s->pair->set[v == VERDICT_DROP ? 0 : 1].match];

	return MAX(account_distance(snapshot, v),
		   count_distance(*rule, snapshot->totals[0].verdict[v]));
}

static void check_reading(struct series *s, const struct snapshot *snapshot)
{
	s->readings++;
	s->inexact += !snapshot->exact;
	for (int v = 0; v < VERDICTS && snapshot->totals_count; v++) {
		const struct count *now = &snapshot->totals[0].verdict[v];

		if (now->packets < s->before[v].packets)
			s->fell = MAX(s->fell, s->before[v].packets - now->packets);
		if (snapshot->exact)
			s->fell = MAX(s->fell, unclosed(s, snapshot, v));
		s->before[v] = *now;
	}
}

static int read_between(struct series *s, struct fault *fault)
{
	struct snapshot snapshot;
	int r = harness_read(&s->swap->harness, HOOK_XDP, &snapshot, fault);

	if (!r)
		check_reading(s, &snapshot);
	snapshot_free(&snapshot);
	return r;
}

static int swap_once(struct series *s, struct fault *fault)
{
	const struct pair *pair = s->pair;
	size_t next = s->swaps % 2;
	int r = 0;

	/* What must not be: the old rules go, then the new ones come. */
	if (s->two_steps)
		r = harness_rules(&s->swap->harness, pair->policy, NULL, 0, fault);
	if (!r)
		r = harness_rules(&s->swap->harness, pair->policy, pair->set[next].rules,
				  pair->set[next].count, fault);
	s->swaps += !r;
	return r;
}

static int swap_all(struct series *s, struct fault *fault)
{
	int r = 0;

	while (!r && !s->busy.error &&
	       (s->swaps < s->swaps_due || busy_cpu_judged(&s->busy) < s->judged_due)) {
		r = swap_once(s, fault);
		if (!r && s->pair->differ)
			r = read_between(s, fault);
	}
	return r;
}

/* All that was judged passed or was dropped, both happened, and a flow that goes on has it all. */
static uint64_t lost(const struct series *s, const struct snapshot *snapshot)
{
	const struct iface_totals *t = snapshot->totals;
	uint64_t wrong = s->fell;
	struct count all = {}, due = { s->busy.judged[0],
				       s->busy.judged[0] * s->swap->frames[0].len };

	if (!snapshot->totals_count || !snapshot->exact)
		return UINT64_MAX;
	for (int v = 0; v < VERDICTS; v++) {
		all = count_sum(all, t->verdict[v]);
		wrong = MAX(wrong, unclosed(s, snapshot, v));
		wrong = MAX(wrong, (uint64_t)!t->verdict[v].packets);
		if (!s->new_flows)
			wrong = MAX(wrong, t->closed[v].packets);
	}
	return MAX(wrong, count_distance(all, due));
}

/* What the rules' own counters have too little or too much: all that match count each packet. */
static uint64_t mixed_counters(const struct series *s, const struct snapshot *snapshot)
{
	uint64_t decided = 0, wrong = 0;

	for (size_t i = 0; i < 2; i++) {
		size_t first = s->pair->set[i].match, last = first + s->pair->set[i].matches - 1;
		uint64_t due = snapshot->rules[last].packets;

		decided += due;
		for (size_t slot = first; slot < last; slot++)
			wrong = MAX(wrong, distance(snapshot->rules[slot].packets, due));
	}
	return MAX(wrong, distance(decided, s->busy.judged[0]));
}

/* Packets that did not come out as both rulesets say. */
static uint64_t mixed(const struct series *s, const struct snapshot *snapshot)
{
	struct count due[VERDICTS] = {};
	uint64_t wrong = mixed_counters(s, snapshot);

	for (size_t kind = 0; kind < s->pair->kinds; kind++) {
		struct count *of = &due[kind ? VERDICT_PASS : s->pair->verdict];

		of->packets += s->busy.judged[kind];
		of->bytes += s->busy.judged[kind] * s->swap->frames[kind].len;
	}
	for (int i = 0; i < VERDICTS; i++) {
		struct count seen = {};

		if (snapshot->totals_count)
			seen = snapshot->totals[0].verdict[i];
		wrong = MAX(wrong, distance(seen.packets, due[i].packets));
		/* Two wrongs of opposite kinds leave the packets right, not the bytes. */
		wrong = MAX(wrong, (uint64_t)(seen.bytes != due[i].bytes));
	}
	return wrong;
}

static void print_counts(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->totals_count; i++)
		printf("     ifindex %u: %llu passed, %llu dropped\n", snapshot->totals[i].ifindex,
		       (unsigned long long)snapshot->totals[i].verdict[VERDICT_PASS].packets,
		       (unsigned long long)snapshot->totals[i].verdict[VERDICT_DROP].packets);
	for (int slot = 0; slot <= MAX_PAIR_RULES; slot++)
		printf("     rule %d: %llu\n", slot,
		       (unsigned long long)snapshot->rules[slot].packets);
}

static void report(const struct series *s, const struct snapshot *snapshot)
{
	uint64_t wrong = s->pair->differ ? lost(s, snapshot) : mixed(s, snapshot);
	bool good = s->two_steps ? wrong > 0 : !wrong;

	printf("%-4s %-30s %-10s %4u swaps, %9llu judged, %4.1f s: ", good ? "ok" : "FAIL",
	       s->pair->name, s->new_flows ? "new flows" : "known flow", s->swaps,
	       (unsigned long long)busy_cpu_judged(&s->busy), s->seconds);
	if (s->two_steps)
		printf("the harness %s a two-step swap: ", good ? "sees" : "DOES NOT SEE");
	if (s->pair->differ)
		printf("%u readings, %u inexact, %llu lost\n", s->readings, s->inexact,
		       (unsigned long long)wrong);
	else
		printf("%llu mixed\n", (unsigned long long)wrong);
	s->swap->passed += good;
	s->swap->failed += !good;
	if (!good)
		print_counts(snapshot);
}

static int read_and_report(const struct series *s, struct fault *fault)
{
	autofree struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int r;

	if (!snapshot)
		return -ENOMEM;
	r = harness_read(&s->swap->harness, HOOK_XDP, snapshot, fault);
	if (!r)
		report(s, snapshot);
	snapshot_free(snapshot);
	return r;
}

static int run_series(struct series *s, struct fault *fault)
{
	struct harness *h = &s->swap->harness;
	double start = seconds();
	int r;

	harness_clear(h, HOOK_XDP);
	r = harness_rules(h, s->pair->policy, s->pair->set[1].rules, s->pair->set[1].count, fault);
	if (r < 0)
		return r;
	r = busy_cpu_begin(&s->busy);
	if (r < 0)
		return r;
	r = swap_all(s, fault);
	busy_cpu_end(&s->busy);
	s->seconds = seconds() - start;
	if (s->busy.error)
		return fault_set(fault, s->busy.error, 0, "test run refused");
	return r < 0 ? r : read_and_report(s, fault);
}

/* To judge every packet anew costs ten times as much: those pairs come to 20 million together. */
static uint64_t judged_due(const struct pair *pair, bool new_flows, bool two_steps)
{
	if (two_steps)
		return 100000;
	return new_flows || pair->set[0].matches > 1 ? 4000000 : 20000000;
}

static int run_pairs(struct swap *swap, bool two_steps, unsigned int swaps, unsigned int times,
		     struct fault *fault)
{
	const int programs[] = { swap->harness.hook[HOOK_XDP].program[PROGRAM_MAIN], swap->new_flows_program };
	int r = 0;

	for (size_t n = 0; n < ARRAY_SIZE(programs) && !r; n++) {
		autoclose int link = new_flows_hold(programs[n]);

		if (link < 0)
			return fault_set(fault, link, 0, "cannot attach to lo");
		for (size_t i = 0; i < ARRAY_SIZE(pairs) && !r; i++) {
			if (two_steps && pairs[i].differ)
				continue;
			struct series series = {
				.swap = swap,
				.pair = &pairs[i],
				.new_flows = n,
				.two_steps = two_steps,
				.swaps_due = swaps,
				.judged_due = judged_due(&pairs[i], n, two_steps) * times,
				.busy = { .program = programs[n],
					  .frames = swap->frames,
					  .kinds = pairs[i].kinds,
					  .count_up_at = n ? NEW_FLOWS_SPORT : 0 },
			};

			r = run_series(&series, fault);
		}
	}
	return r;
}

static int prepare(struct swap *swap, struct fault *fault)
{
	char why[256];
	int r;

	/* On a busy machine the millions would take minutes. */
	setpriority(PRIO_PROCESS, 0, -10);
	if (unshare(CLONE_NEWNET) < 0 || pin_to_cpu(WRITER_CPU))
		return fault_set(fault, -errno, 0, "a namespace and CPU of one's own");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		r = frame_build(kinds[i], &swap->frames[i], why, sizeof(why));
		if (r < 0)
			return fault_set(fault, r, 0, "%s: %s", kinds[i], why);
	}
	r = harness_open(1 << HOOK_XDP, FLOWS, &swap->harness, fault);
	return r < 0 ? r
		     : new_flows_open(&swap->harness, &swap->new_flows, &swap->new_flows_program,
				      fault);
}

int main(int argc, char **argv)
{
	bool two_steps = argc > 1 && !strcmp(argv[1], "--two-steps");
	bool is_long = argc > 1 && !strcmp(argv[1], "--long");
	struct fault fault = {};
	struct swap swap = {};
	int r;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("skip swap: needs two CPUs\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	r = prepare(&swap, &fault);
	if (!r && !two_steps)
		r = run_pairs(&swap, false, is_long ? 2500 : 50, is_long ? 10 : 1, &fault);
	if (!r)
		r = run_pairs(&swap, true, 20, 1, &fault);
	if (r < 0) {
		printf("FAIL %s: %s\n", fault.message, strerror(-r));
		swap.failed++;
	}
	bpf_object__close(swap.new_flows);
	harness_close(&swap.harness);
	printf("%u passed, %u failed, 0 skipped\n", swap.passed, swap.failed);
	return swap.failed != 0;
}
