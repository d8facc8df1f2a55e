/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* judge.bpf.h - ask the rules about a packet: the ruleset in force, its answer, its audit rules. */
#ifndef NETCTL_JUDGE_BPF_H
#define NETCTL_JUDGE_BPF_H

#include "unlisted.bpf.h"
#include "parts.bpf.h"
#include "classify.h"

enum judge_result {
	JUDGE_DONE,
	JUDGE_COUNTS,
	JUDGE_ASKS,
};

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
	const struct box *b = box4_of(list, a->walk.at, BLOB_SIZE);

	if (b->rule > FOUND_RULE(a->walk.best))
		return 1;
	if (!outside4(&a->walk.key->key, list, a->walk.at, BLOB_SIZE))
		audit_box(a, b);
	a->walk.at += box4_step(b);
	return 0;
}

static long audit_box6(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const char *list = (const char *)a->walk.blob;
	const struct box *b = box6_of(list, a->walk.at, BLOB_SIZE);

	if (b->rule > FOUND_RULE(a->walk.best))
		return 1;
	if (!outside6(a->walk.key, list, a->walk.at, BLOB_SIZE))
		audit_box(a, b);
	a->walk.at += box6_step(b);
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

/* Addresses without a class may be hosts added since. */
__noinline int find_hosts(struct visit *v, const struct member_edits *edits, __u32 count)
{
	if (!v || !edits)
		return 0;
	count += after(count);
	/* What has a class is not among them. */
	v->class[0] |= edited_class(edits, &v->packet, count, 0);
	v->class[1] |= edited_class(edits, &v->packet, count, 1);
	return 0;
}

/*
 * The classes of the packet's addresses, of the ruleset in force; judge() asks for them. Here,
 * because it has no stack for them.
 */
__noinline int find_classes(struct visit *v)
{
	const struct blob *blob = ruleset();
	__u64 state;

	if (!v || !blob)
		return 0;
	state = state_of(blob);
	v->rules = STATE_GENERATION(state);
	v->met = 0;
	ROLLED for (int dst = 0; dst < 2; dst++)
	{
		__u64 sets = find_sets(&blob->members, parts_of(blob), &v->packet, dst);

		v->class[dst] = sets;
		v->met |= sets >> 16 & 0xffff;
		v->answer[dst] = sets >> 16 & MET_COUNTED ? (sets >> 32) + 1 : 0;
	}
	if (count_hosts(state))
		find_hosts(v, &blob->edits.members, count_hosts(state));
	return 0;
}

struct element_walk {
	const struct visit *visit;
	parts_ref parts;
	__u32 slots, direction;
};

static long count_element(__u32 i, void *ctx)
{
	struct element_walk *e = ctx;
	const __u32 *slot = place_at(e->parts, e->slots + i * sizeof(*slot), sizeof(*slot));

	if (slot && SLOT_DIRECTIONS(*slot) & e->direction)
		closed_add(e->visit->cpu, SLOT_OF(*slot), e->visit->packets, e->visit->bytes);
	return 0;
}

/*
 * Count the packet on the elements find_classes() met, in the direction rules look for their sets.
 * 0: they are of another ruleset.
 */
__noinline int count_elements(struct visit *v)
{
	const struct blob *blob = ruleset();
	const struct member_answer *a;
	struct element_walk e;

	if (!v || !blob || v->rules != blob->generation)
		return 0;
	e.visit = v;
	e.parts = parts_of(blob);
	ROLLED for (int dst = 0; dst < 2; dst++)
	{
		if (!v->answer[dst])
			continue;
		a = place_at(e.parts, blob->members.answers + (v->answer[dst] - 1ULL) * sizeof(*a),
			     sizeof(*a));
		if (!a)
			return 0;
		e.slots = blob->members.slots + a->slots * sizeof(__u32);
		e.direction = DIRECTION_SRC << dst;
		repeat(a->count, count_element, &e);
	}
	return 1;
}

static __always_inline void judge_begin(struct audit_walk *a, const struct blob *blob,
					struct visit *v, struct key6 *key)
{
	v->packet.id.cls = packet_class(blob, &v->packet);
	a->visit = v;
	walk_begin(&a->walk, key, blob, &v->packet, v->hook);
	key->key.word[KEY_SRC_CLASS] = v->class[0];
	key->key.word[KEY_DST_CLASS] = v->class[1];
}

static __always_inline int judge_end(const struct audit_walk *a, struct visit *v)
{
	struct decision d;

	/* Nothing is kept in stack slots over it: on Linux 6.1 there are 64 bytes for all this. */
	settle_all();
	decide(&a->walk, &d);
	settle_all();
	v->verdict = d.verdict;
	v->slot = d.slot;
	v->audit = v->counts ? 0 : d.audit;
	if (v->counts || d.fleeting || v->met & MET_TIMED)
		v->generation = 0;
	if (!v->slot && hides_from(a->walk.blob, &v->packet))
		v->verdict = VERDICT_DROP;
	v->limit = d.action == ACTION_LIMIT ? d.extra : 0;
	return d.audits > 1 || v->met & MET_COUNTED ? JUDGE_COUNTS : JUDGE_DONE;
}

/*
 * Ask the rules: class and answer of one ruleset, whatever the fast half has read before. An entry
 * names one audit rule; where several match, or elements of sets count, this returns JUDGE_COUNTS
 * and, asked again with v->counts set, counts for all of them, each packet anew (generation 0).
 * JUDGE_ASKS: nothing is judged, find_classes() first.
 *
 * Global functions, as the others of the slow half are, because the verifier takes them one by
 * one, not anew for every way a packet can come to them; one a family, for the stack.
 */
__noinline int judge4(struct visit *v, struct key6 *key)
{
	const struct blob *blob = ruleset();
	struct audit_walk a;
	__u64 state;

	if (!v || !key || !blob)
		return JUDGE_DONE;
	/* What answers is never older than what the answer says: an edit in between is the next packet's. */
	state = state_of(blob);
	if (blob->members.directions && v->rules != STATE_GENERATION(state))
		return JUDGE_ASKS;
	v->generation = v->rules = STATE_GENERATION(state);
	judge_begin(&a, blob, v, key);
	count_edits(&a.walk, state, family4(&v->packet));
	walk_begin4(&a.walk, &v->packet);
	walk_rules4(&a.walk, rules4(a.walk.blob, &v->packet));
	settle_all();
	walk_edits(&a.walk, family4(&v->packet), try_edit4);
	settle_all();
	walk_audits(&a.walk, rules4(a.walk.blob, &v->packet), audit_box4, &a);
	return judge_end(&a, v);
}

__noinline int judge6(struct visit *v, struct key6 *key)
{
	const struct blob *blob = ruleset();
	struct audit_walk a;
	__u64 state;

	if (!v || !key || !blob)
		return JUDGE_DONE;
	/* What answers is never older than what the answer says: an edit in between is the next packet's. */
	state = state_of(blob);
	if (blob->members.directions && v->rules != STATE_GENERATION(state))
		return JUDGE_ASKS;
	v->generation = v->rules = STATE_GENERATION(state);
	judge_begin(&a, blob, v, key);
	count_edits(&a.walk, state, FAMILY_IP6);
	walk_begin6(&a.walk, &v->packet);
	walk_rules6(&a.walk, rules6(a.walk.blob));
	settle_all();
	walk_edits(&a.walk, FAMILY_IP6, try_edit6);
	settle_all();
	walk_audits(&a.walk, rules6(a.walk.blob), audit_box6, &a);
	return judge_end(&a, v);
}

/* "key" is room that the caller has on its stack. */
static __always_inline int judge(struct visit *v, struct key6 *key)
{
	return packet_is_ip6(&v->packet) ? judge6(v, key) : judge4(v, key);
}

#endif
