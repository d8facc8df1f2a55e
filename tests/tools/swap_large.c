/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * swap_large.c - swap.c with rulesets so large that they have parts: three of them in turn, so that
 * what is left of an earlier one is never right by chance.
 *
 *	swap_large [RULES [SWAPS [ELEMENTS]]]
 *
 * Every packet is dropped by each of them, by a rule for its port. With ELEMENTS the rules ask for
 * a set, too, which holds so many addresses made by chance, others in each ruleset. Then the same with swaps that
 * are wrong on purpose, which must be seen: rules that go before others come, and a blob in force
 * before its parts.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../ctl/check/check.h"
#include "../lib/busy_cpu.h"
#include "../lib/harness.h"
#include "../lib/data_files.h"
#include "../lib/seconds.h"
#include "../lib/new_flows.h"

#define FLOWS 4096
#define RULESETS 3
#define NOBODY 300 /* rules for nobody, more in each ruleset: the trees begin elsewhere */

static const char packet[] = "eth ip6 src=2001:db8::1 dst=2001:db8::2 udp dport=9";
static const char *const markers[RULESETS] = { "src 2001:db8::1", "dst 2001:db8::2",
					       "src 2001:db8::/64 dst 2001:db8::/126" };
static const char *const members[RULESETS] = { "src @s", "dst @s", "src @s dst @s" };

/* X(id, text): ways to swap; all but the first are wrong. */
#define WAYS_TO_SWAP(X)                                \
	X(WHOLE, "one swap")                           \
	X(TWO_STEPS, "the old rules go, the new come") \
	X(PARTS_LATE, "the blob before its parts")

enum way {
#define X(id, text) WAY_##id,
	WAYS_TO_SWAP(X)
#undef X
		WAY_COUNT,
};

static const char *const way_texts[] = {
#define X(id, text) [WAY_##id] = text,
	WAYS_TO_SWAP(X)
#undef X
};

struct large {
	struct harness harness;
	struct bpf_object *new_flows; /* the same path, a new flow in every packet */
	int new_flows_program;
	struct frame frame;
	struct ruleset rulesets[RULESETS], none;
	size_t rules, swaps, elements;
	unsigned int passed, failed;
};

/* All ports once, in ranges that begin elsewhere in each ruleset. */
static char *make_rule(const struct large *l, size_t which, size_t i)
{
	uint32_t first = (uint32_t)(65536 * i / l->rules), last;
	char *text = NULL;

	last = (uint32_t)(65536 * (i + 1) / l->rules - 1);
	first += first ? 2 * which : 0;
	last += i + 1 < l->rules ? 2 * which : 0;
	if (asprintf(&text, "drop proto udp %s sport %u-%u",
		     l->elements ? members[which] : markers[which], first, last) < 0)
		return NULL;
	return text;
}

static char *make_text(const struct large *l, size_t which)
{
	struct prng prng = prng_seed(which);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < NOBODY * (which + 1); i++)
		fprintf(out, "pass src 192.0.2.%zu dport %zu\n", i % 256, i);
	for (size_t i = 0; i < l->rules; i++) {
		autofree char *rule = make_rule(l, which, i);

		fprintf(out, "%s\n", rule);
	}
	if (l->elements) {
		fprintf(out, "set s {\n2001:db8::1\n2001:db8::2\n");
		print_elements(out, false, l->elements, &prng);
		fprintf(out, "}\n");
	}
	fclose(out);
	return text;
}

static int make_ruleset(struct large *l, size_t which, struct fault *fault)
{
	autofree char *text = make_text(l, which);
	int r = harness_script(text, &l->rulesets[which], fault);

	if (!r)
		r = harness_compile(&l->harness, &l->rulesets[which], fault);
	if (!r)
		r = ruleset_check(&l->rulesets[which], l->harness.blob, fault);
	if (!r && !l->harness.blob->parts)
		r = fault_set(fault, -EINVAL, 0, "too few rules: they have no parts");
	return r;
}

static int put(struct large *l, struct ruleset *rules, enum force force, struct fault *fault)
{
	int r = harness_compile(&l->harness, rules, fault);

	if (!r)
		r = harness_force(&l->harness, force);
	return r < 0 ? fault_set(fault, r, 0, "cannot put the rules in force: %s", strerror(-r))
		     : 0;
}

static int swap_once(struct large *l, enum way way, size_t n, struct fault *fault)
{
	int r = way == WAY_TWO_STEPS ? put(l, &l->none, FORCE_WHOLE, fault) : 0;

	if (r < 0)
		return r;
	return put(l, &l->rulesets[n % RULESETS],
		   way == WAY_PARTS_LATE ? FORCE_PARTS_LATE : FORCE_WHOLE, fault);
}

/* A few are enough to see what is wrong. */
static size_t swaps_of(const struct large *l, enum way way)
{
	return way == WAY_WHOLE ? l->swaps : MIN(l->swaps, (size_t)10);
}

/* Packets that did not come out as all rulesets say. */
static uint64_t mixed(const struct busy_cpu *b, const struct frame *frame, const struct snapshot *s)
{
	uint64_t judged = busy_cpu_judged(b), wrong;
	struct count pass = {}, drop = {};

	if (s->totals_count) {
		pass = s->totals[0].verdict[VERDICT_PASS];
		drop = s->totals[0].verdict[VERDICT_DROP];
	}
	wrong = MAX(pass.packets, s->rules[0].packets);
	wrong = MAX(wrong, drop.packets > judged ? drop.packets - judged : judged - drop.packets);
	return MAX(wrong, (uint64_t)(drop.bytes != judged * frame->len));
}

static int report(struct large *l, const struct busy_cpu *b, enum way way, double seconds,
		  struct fault *fault)
{
	struct snapshot snapshot;
	uint64_t wrong;
	bool good;
	int r = harness_read(&l->harness, HOOK_XDP, &snapshot, fault);

	if (r < 0)
		return r;
	wrong = mixed(b, &l->frame, &snapshot);
	good = way == WAY_WHOLE ? !wrong : wrong > 0;
	printf("%-4s %zu rules, %zu elements, %-30s %-10s %3zu swaps, %9llu judged, %4.1f s: "
	       "%s%llu mixed\n",
	       good ? "ok" : "FAIL", l->rules, l->elements, way_texts[way],
	       b->count_up_at ? "new flows" : "known flow", swaps_of(l, way), busy_cpu_judged(b),
	       seconds,
	       way == WAY_WHOLE ? ""
	       : good		? "the harness sees it: "
				: "the harness DOES NOT SEE IT: ",
	       (unsigned long long)wrong);
	l->passed += good;
	l->failed += !good;
	snapshot_free(&snapshot);
	return 0;
}

static int run_series(struct large *l, enum way way, bool new_flows, struct fault *fault)
{
	int program = new_flows ? l->new_flows_program : l->harness.hook[HOOK_XDP].program[PROGRAM_MAIN];
	autoclose int link = new_flows_hold(program);
	struct busy_cpu busy = {
		.program = program,
		.frames = &l->frame,
		.kinds = 1,
		.count_up_at = new_flows ? NEW_FLOWS_SPORT6 : 0,
	};
	double begun = seconds();
	int r;

	if (link < 0)
		return fault_set(fault, link, 0, "cannot attach to lo");
	r = put(l, &l->rulesets[RULESETS - 1], FORCE_WHOLE, fault);
	if (r < 0)
		return r;
	harness_clear(&l->harness, HOOK_XDP);
	r = harness_clear_blocks(&l->harness);
	if (!r)
		r = busy_cpu_begin(&busy);
	if (r < 0)
		return r;
	for (size_t n = 0; n < swaps_of(l, way) && !r; n++)
		r = swap_once(l, way, n, fault);
	busy_cpu_end(&busy);
	if (busy.error)
		return fault_set(fault, busy.error, 0, "test run refused");
	return r < 0 ? r : report(l, &busy, way, seconds() - begun, fault);
}

static int prepare(struct large *l, struct fault *fault)
{
	char why[256];
	int r;

	setpriority(PRIO_PROCESS, 0, -10);
	if (unshare(CLONE_NEWNET) < 0 || pin_to_cpu(WRITER_CPU))
		return fault_set(fault, -errno, 0, "a namespace and CPU of one's own");
	r = frame_build(packet, &l->frame, why, sizeof(why));
	if (r < 0)
		return fault_set(fault, r, 0, "%s: %s", packet, why);
	ruleset_init(&l->none);
	r = harness_open(1 << HOOK_XDP, FLOWS, &l->harness, fault);
	if (!r)
		r = new_flows_open(&l->harness, &l->new_flows, &l->new_flows_program, fault);
	for (size_t i = 0; i < RULESETS && !r; i++)
		r = make_ruleset(l, i, fault);
	return r;
}

int main(int argc, char **argv)
{
	struct large large = { .rules = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000,
			       .swaps = argc > 2 ? strtoul(argv[2], NULL, 10) : 8,
			       .elements = argc > 3 ? strtoul(argv[3], NULL, 10) : 0 };
	struct fault fault = {};
	int r;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("skip swap_large: needs two CPUs\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	r = prepare(&large, &fault);
	for (int way = 0; way < WAY_COUNT && !r; way++)
		for (int new_flows = 0; new_flows < 2 && !r; new_flows++)
			r = run_series(&large, way, new_flows, &fault);
	if (r < 0) {
		printf("FAIL %s: %s\n", fault.message, strerror(-r));
		large.failed++;
	}
	for (size_t i = 0; i < RULESETS; i++)
		ruleset_free(&large.rulesets[i]);
	bpf_object__close(large.new_flows);
	harness_close(&large.harness);
	printf("%u passed, %u failed, 0 skipped\n", large.passed, large.failed);
	return large.failed != 0;
}
