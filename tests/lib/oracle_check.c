/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle_check.c - the kernel's programs and the native walk against the oracle. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* What the native walk meets on its way: see walk.h. */
static struct {
	unsigned int STEP, NODE, BOX, TREE;
} walked;
#define COUNT_STEP(what) (walked.what++)

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/check/check.h"
#include "../../ctl/live/cost.h"
#include "oracle_check.h"
#include "oracle_flows.h"
#include "element_oracle.h"
#include "random_overlay.h"
#include "native.h"
#include "seconds.h"

#define SKB_MIN 54	      /* shorter ones some kernels refuse */
#define COMPILED_AT 1	      /* seconds after the machine was booted */

int oracle_check_open(uint32_t flows, struct oracle_check *ret, struct fault *fault)
{
	memset(ret, 0, sizeof(*ret));
	if (unshare(CLONE_NEWNET) < 0)
		return fault_set(fault, -errno, 0, "cannot make a network namespace");
	for (int i = 0; i < HOOKS; i++) {
		ret->rules[i] = calloc(MAX_SLOTS, sizeof(*ret->rules[i]));
		if (!ret->rules[i])
			return -ENOMEM;
	}
	if (oracle_flows_open(ret) < 0)
		return -ENOMEM;
	return harness_open((1 << HOOKS) - 1, flows, &ret->harness, fault);
}

void oracle_check_close(struct oracle_check *c)
{
	harness_close(&c->harness);
	free(c->flows);
	fast_oracle_free(&c->oracle);
	limit_oracle_free(&c->limit_oracle);
	for (int i = 0; i < HOOKS; i++)
		free(c->rules[i]);
	memset(c, 0, sizeof(*c));
}

int oracle_check_ruleset(struct oracle_check *c, const char *name, struct ruleset *rules,
			 struct fault *fault)
{
	struct harness *h = &c->harness;
	double begun = seconds();
	int r;

	fast_oracle_free(&c->oracle);
	ruleset_free(&h->rules);
	h->rules = *rules;
	*rules = (struct ruleset){};
	/* What is over by now is compiled, too: to packets it must be gone all the same. */
	boottime_seconds_hold(COMPILED_AT);
	r = harness_compile(h, &h->rules, fault);
	boottime_seconds_hold(0);
	if (r < 0)
		return r;
	c->compiled = seconds() - begun;
	r = ruleset_check(&h->rules, h->blob, fault);
	if (!r && c->edit_seed)
		r = random_overlay(h, c->edit_seed, fault);
	if (!r)
		r = harness_force(h, FORCE_WHOLE);
	if (r < 0)
		return r;
	r = fast_oracle_make(&h->rules, &c->oracle);
	if (r < 0)
		return r;
	field_tally_rules(&c->tally, &h->rules);
	c->name = name;
	c->packets = c->runs = c->limited = c->beyond = c->unsure = c->followed = 0;
	c->native = c->verdicts = c->counters = c->flow_rules = c->exceeded = 0;
	c->nodes = c->boxes = c->steps = 0;
	oracle_flows_clear(c);
	for (int i = 0; i < HOOKS; i++) {
		memset(c->rules[i], 0, MAX_SLOTS * sizeof(*c->rules[i]));
		harness_clear(&c->harness, i);
	}
	limit_oracle_free(&c->limit_oracle);
	r = harness_clear_buckets(&c->harness);
	return r ? r : harness_clear_blocks(&c->harness);
}

/* ---- packets ---- */

static void complain(const struct oracle_check *c, const char *who, const struct native *native,
		     enum hook_id hook, uint32_t verdict, uint32_t slot)
{
	struct flow flow;
	char text[160];

	native_flow(&native->packet, hook, &flow);
	flow_text(&flow, text, sizeof(text));
	printf("%s: %s: hook %d %s kind %#x flags %#x length %u: by the oracle verdict %d slot %u, "
	       "found %d %u\n",
	       c->name, who, hook, text, native->packet.id.kind, native->packet.tcp_flags,
	       native->packet.length, native->answer.verdict, native->answer.slot, verdict,
	       slot);
}

static enum family family_of(const struct packet *p)
{
	return packet_is_ip6(p) ? FAMILY_IP6 : p->id.kind & KIND_IP4 ? FAMILY_IP4 : FAMILY_OTHER;
}

/* No packet may meet more than was said when the rules were compiled. */
static void compare_cost(struct oracle_check *c, const struct packet *p)
{
	const struct cost worst = cost_of(c->harness.blob, family_of(p));

	c->nodes = MAX(c->nodes, walked.NODE);
	c->boxes = MAX(c->boxes, walked.BOX);
	c->steps = MAX(c->steps, walked.STEP);
	/* Steps are of one address. */
	if (walked.NODE <= worst.nodes && walked.BOX <= worst.boxes &&
	    walked.STEP <= 2 * worst.steps)
		return;
	if (c->exceeded++ < COMPLAINTS)
		printf("%s: %u nodes, %u boxes, %u steps met, but at most %u, %u and twice %u were "
		       "said\n",
		       c->name, walked.NODE, walked.BOX, walked.STEP, worst.nodes, worst.boxes,
		       worst.steps);
}

/* Parse and ask the oracle; then the native walk. */
static void judge(struct oracle_check *c, const uint8_t *bytes, size_t len, int family,
		  enum hook_id hook, struct native *native)
{
	const struct oracle_answer *list = &native->answer;
	struct decision walk;

	native_parse(bytes, len, hook, family, HARNESS_IFINDEX, c->harness.mark, native);
	fast_oracle_judge(&c->oracle, &native->packet, &native->envelope, hook, &native->answer);
	native_reason(native);
	memset(&walked, 0, sizeof(walked));
	classify(c->harness.blob, &native->packet, &native->envelope, hook, &walk);
	compare_cost(c, &native->packet);
	if (walk.verdict != list->verdict || walk.slot != list->slot ||
	    !walk.unsure != !list->unsure ||
	    walk.audits != list->audit_count || (walk.audits && walk.audit != list->audits[0]))
		if (c->native++ < COMPLAINTS)
			complain(c, "natively", native, hook, walk.verdict, walk.slot);
}

struct met oracle_check_meet(struct oracle_check *c, const struct test_frame *frame)
{
	struct decision walk;
	struct native native;

	native_parse(frame->bytes, frame->len, HOOK_XDP, frame->family, HARNESS_IFINDEX, 0,
		     &native);
	memset(&walked, 0, sizeof(walked));
	classify(c->harness.blob, &native.packet, &native.envelope, HOOK_XDP, &walk);
	compare_cost(c, &native.packet);
	return (struct met){ family_of(&native.packet), walked.NODE, walked.BOX };
}

static const struct rule *rule_of(const struct oracle_check *c, uint32_t slot)
{
	const struct rule *rule = c->harness.rules.rules;

	while (rule->slot != slot)
		rule++;
	return rule;
}

/* What is beyond the rate of a limit counts on a slot of its own. */
static void judge_limit(struct oracle_check *c, enum hook_id hook, struct native *native)
{
	const struct rule *rule = rule_of(c, native->answer.slot);

	c->limited++;
	if (limit_oracle_take(&c->limit_oracle, rule, &native->packet, hook))
		return;
	c->beyond++;
	native->answer.verdict = VERDICT_DROP;
	native->answer.slot = rule->limit.beyond;
	native->reason = REASON_RULE;
}

/* Its first was the frame before. */
static void follow(struct oracle_check *c, enum hook_id hook, struct native *native)
{
	bool unsure = native->answer.unsure, charged;

	fragment_oracle_follow(&c->fragments, hook, native, &charged);
	c->followed += unsure && !native->answer.unsure;
	if (charged)
		limit_oracle_charge(&c->limit_oracle, rule_of(c, native->answer.slot),
				    &native->packet, hook);
}

static void run_hook(struct oracle_check *c, const struct test_frame *frame, enum hook_id hook)
{
	static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };
	size_t skip = hook == HOOK_NF ? frame->network : 0, len = frame->len - skip;
	uint32_t slots[MAX_AUDITS];
	struct native native;
	enum verdict verdict;
	uint32_t value;
	size_t count;
	int r;

	c->harness.mark = frame->mark;
	r = harness_run(&c->harness, entries[hook], frame->family, frame->bytes + skip, len,
			&verdict, &value);
	/* What cannot be sent with a mark is run without. */
	if (r == -EINVAL && hook == HOOK_NF && frame->mark) {
		c->harness.mark = 0;
		r = harness_run(&c->harness, ENTRY_NF, frame->family, frame->bytes + skip, len,
				&verdict, &value);
	}
	if (r == -EINVAL && len < SKB_MIN)
		return;
	judge(c, frame->bytes + skip, len, frame->family, hook, &native);
	count = element_oracle(&c->harness.rules, &native.packet, slots, ARRAY_SIZE(slots));
	c->unsure += native.answer.unsure;
	if (frame->follows)
		follow(c, hook, &native);
	if (native.answer.limited)
		judge_limit(c, hook, &native);
	fragment_oracle_saw(&c->fragments, hook, &native);
	c->runs++;
	/* Once a frame: every field but "in" has a say there. */
	if (hook == HOOK_TC)
		field_tally_packet(&c->tally, &native.packet, frame->edges);
	c->rules[hook][native.answer.slot]++;
	for (size_t i = 0; i < native.answer.audit_count; i++)
		c->rules[hook][native.answer.audits[i]]++;
	for (size_t i = 0; i < count; i++)
		c->rules[hook][slots[i]]++;
	oracle_flows_expect(c, &native, hook);
	if (r == 0 && verdict == reason_verdict(native.reason))
		return;
	if (c->verdicts++ < COMPLAINTS)
		complain(c, r < 0 ? strerror(-r) : entry_name(entries[hook]), &native, hook,
			 verdict, value);
}

void oracle_check_frame(struct oracle_check *c, const struct test_frame *frame)
{
	c->packets++;
	run_hook(c, frame, HOOK_XDP);
	run_hook(c, frame, HOOK_TC);
	if (frame->family)
		run_hook(c, frame, HOOK_NF);
}

/* What each rule has counted at each hook. */
static int compare_hook(struct oracle_check *c, enum hook_id hook)
{
	struct fault fault = {};
	struct snapshot s;
	int r = harness_read(&c->harness, hook, &s, &fault);

	if (r < 0)
		return r;
	for (size_t slot = 0; slot < MAX_SLOTS; slot++) {
		if (s.rules[slot].packets == c->rules[hook][slot])
			continue;
		if (c->counters++ < COMPLAINTS)
			printf("%s: hook %d: slot %zu counted %llu packets, by the oracle %llu\n",
			       c->name, hook, slot, (unsigned long long)s.rules[slot].packets,
			       (unsigned long long)c->rules[hook][slot]);
	}
	oracle_flows_compare(c, &s);
	snapshot_free(&s);
	return 0;
}

/* The list's own answers that the shorter one gave otherwise count, too. */
static uint64_t differences(const struct oracle_check *c)
{
	return c->native + c->verdicts + c->counters + c->flow_rules + c->exceeded +
	       c->oracle.wrong;
}

bool oracle_check_end(struct oracle_check *c)
{
	for (int hook = 0; hook < HOOKS && c->runs; hook++)
		if (compare_hook(c, hook) < 0)
			c->counters++;
	if (harness_full_buckets(&c->harness)) {
		printf("%s: packets found the buckets of limits full\n", c->name);
		c->counters++;
	}
	field_tally_differences(&c->tally, differences(c));
	return !differences(c);
}

void oracle_check_print(const struct oracle_check *c)
{
	const struct blob *blob = c->harness.blob;
	const struct cost worst = cost_of_all(blob);
	uint32_t boxes = 0;
	size_t met_rules = 0;

	for (size_t slot = 1; slot < MAX_SLOTS; slot++)
		met_rules += c->rules[HOOK_XDP][slot] || c->rules[HOOK_TC][slot] ||
			     c->rules[HOOK_NF][slot];

	for (enum family f = 0; f < FAMILIES; f++)
		boxes += blob->family[f].total;
	printf("%-4s %-22s %6zu rules, %2u in place %7u boxes %6zu KiB, at most %3u nodes %4u "
	       "boxes %2u steps (%u, %u, %u of two "
	       "met); compiled %.3f s; %llu packets, %llu at hooks, %llu at limits, %llu beyond, "
	       "%llu unsure, %llu followed, "
	       "%zu rules met: %llu native, "
	       "%llu verdicts, %llu counters, %llu flows differ\n",
	       differences(c) ? "FAIL" : "ok", c->name, c->harness.rules.count, worst.edits, boxes,
	       blob_size(blob) >> 10, worst.nodes, worst.boxes, worst.steps, c->nodes, c->boxes,
	       c->steps, c->compiled, (unsigned long long)c->packets, (unsigned long long)c->runs,
	       (unsigned long long)c->limited, (unsigned long long)c->beyond,
	       (unsigned long long)c->unsure, (unsigned long long)c->followed, met_rules,
	       (unsigned long long)c->native, (unsigned long long)c->verdicts,
	       (unsigned long long)c->counters, (unsigned long long)c->flow_rules);
}

void oracle_check_packet(struct oracle_check *c, const struct test_packet *packet)
{
	struct test_packet rest;
	struct test_frame frame;

	test_packet_frame(packet, &frame);
	oracle_check_frame(c, &frame);
	if (packet->probe.frag != 1 || !packet->probe.family)
		return;
	test_packet_rest(packet, &rest);
	test_packet_frame(&rest, &frame);
	oracle_check_frame(c, &frame);
}
