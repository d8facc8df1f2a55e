/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* judge.bpf.h - ask the rules about a packet: the ruleset in force, its answer, its audit rules. */
#ifndef NETCTL_JUDGE_BPF_H
#define NETCTL_JUDGE_BPF_H

#include "entry.bpf.h"
#include "parts.bpf.h"
#include "classify.h"

struct audit_walk {
	struct walk walk;
	const struct visit *visit;
};

static __always_inline void audit_box(struct audit_walk *a, const struct box *b)
{
	__u32 slot = audit(&a->walk, b);

	if (slot && a->visit->counts)
		closed_add(a->visit->cpu, slot, a->visit->packets, a->visit->bytes);
}

static long audit_box4(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const char *list = (const char *)a->walk.blob;
	const struct box *b = box4_of(list, a->walk.base, BLOB_SIZE);

	if (b->rule > a->walk.rule)
		return 1;
	if (!outside4(&a->walk, list, BLOB_SIZE))
		audit_box(a, b);
	a->walk.base += box4_step(b);
	return 0;
}

static long audit_box6(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const char *list = (const char *)a->walk.blob;
	const struct box *b = box6_of(list, a->walk.base, BLOB_SIZE);

	if (b->rule > a->walk.rule)
		return 1;
	if (!outside6(&a->walk, list, BLOB_SIZE))
		audit_box(a, b);
	a->walk.base += box6_step(b);
	return 0;
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
 * Ask the rules: class and answer of one ruleset, whatever the fast half has read before. An entry
 * names one audit rule; where several match this returns 1 and, asked again with v->counts set,
 * counts for all of them, each packet anew (generation 0).
 *
 * A global function, as the others of the slow half are, because the verifier takes them one by
 * one, not anew for every way a packet can come to them.
 */
__noinline int judge(struct visit *v)
{
	const struct blob *blob = ruleset();
	struct audit_walk a;
	struct decision d;

	if (!v || !blob)
		return 0;
	v->packet.id.cls = packet_class(blob, &v->packet);
	a.visit = v;
	walk_begin(&a.walk, blob, &v->packet, v->hook);
	walk_rules(&a.walk);
	walk_audits(&a.walk, audit_box4, audit_box6);
	decide(&a.walk, &d);
	v->verdict = d.verdict;
	v->slot = d.slot;
	v->audit = v->counts ? 0 : d.audit;
	v->generation = v->counts || d.fleeting ? 0 : blob->generation;
	if (!v->slot && hides_from(blob, &v->packet))
		v->verdict = VERDICT_DROP;
	v->limit = d.action == ACTION_LIMIT ? d.extra : 0;
	v->rules = blob->generation;
	return d.audits > 1;
}

#endif
