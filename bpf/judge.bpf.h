/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* judge.bpf.h - ask the rules about a packet: the ruleset in force, its answer, its audit rules. */
#ifndef NETCTL_JUDGE_BPF_H
#define NETCTL_JUDGE_BPF_H

#include "entry.bpf.h"
#include "classify.h"

struct audit_walk {
	struct walk walk;
	const struct visit *visit;
};

static __always_inline long audit_box(struct audit_walk *a, const struct box *b)
{
	__u32 before = a->walk.found.audits;
	long done = take_box(&a->walk, b);

	if (a->walk.found.audits != before)
		closed_add(a->visit->cpu, b->slot, a->visit->packets, a->visit->bytes);
	return done;
}

static long audit_box4(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const struct box4 *b = box4_at(&a->walk, i);

	return outside4(&a->walk, b) ? 0 : audit_box(a, &b->box);
}

static long audit_box6(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const struct box6 *b = box6_at(&a->walk, i);

	return outside6(&a->walk, b) ? 0 : audit_box(a, &b->box);
}

/*
 * An entry names one audit rule. Where several match, each packet is judged anew and counted for
 * all here.
 */
static __always_inline void count_audits(const struct visit *v, const struct blob *blob)
{
	struct audit_walk a;

	a.visit = v;
	walk_begin(&a.walk, blob, &v->packet, v->hook);
	walk_list(&a.walk, &v->packet, 1, audit_box4, audit_box6);
}

/*
 * A packet whose headers hide what a drop rule looks at is dropped, unless a rule decided by what
 * is seen.
 */
static __always_inline int hides_from(const struct blob *blob, const struct packet *p)
{
	__u8 needs = p->id.kind & (KIND_IP4 | KIND_IP6) ? UNPARSED_L4 : UNPARSED_IP;

	return p->id.kind & KIND_HIDDEN && blob->unparsed & needs;
}

/*
 * The ruleset in force, read once a judgement: whoever has it keeps to it. NULL: the gate is
 * closed.
 */
static __always_inline const struct blob *ruleset(void)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&netctl_rules, &zero);

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

/*
 * Ask the rules: class and answer of one ruleset, whatever the fast half has read before.
 *
 * Global functions, as the others of the slow half are, because the verifier takes them one by one,
 * not anew for every way a packet can come to them.
 */
__noinline int judge(struct visit *v)
{
	const struct blob *blob = ruleset();
	struct decision d;

	if (!v || !blob)
		return 0;
	v->packet.id.cls = packet_class(blob, &v->packet);
	classify(blob, &v->packet, v->hook, &d);
	if (!d.slot && hides_from(blob, &v->packet))
		d.verdict = VERDICT_DROP;
	v->verdict = d.verdict;
	v->slot = d.slot;
	v->audit = d.audit;
	v->generation = blob->generation;
	return d.audits > 1;
}

/* 1, and nothing done: judge() has asked other rules than those in force by now. */
__noinline int judge_audits(struct visit *v)
{
	const struct blob *blob = ruleset();

	if (!v || !blob)
		return 0;
	if (blob->generation != v->generation)
		return 1;
	v->audit = 0;
	v->generation = 0;
	count_audits(v, blob);
	return 0;
}

#endif
