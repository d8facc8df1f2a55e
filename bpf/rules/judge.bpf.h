/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* judge.bpf.h - ask the rules about a packet: the ruleset in force, its answer, its audit rules. */
#ifndef NETCTL_JUDGE_BPF_H
#define NETCTL_JUDGE_BPF_H

#include "../flow/flow_overflow.bpf.h"
#include "parts.bpf.h"
#include "walk.h"

enum judge_result {
	JUDGE_DONE,
	JUDGE_COUNTS,
};

struct audit_walk {
	struct walk walk; /* first: what is done with each box knows no more */
	const struct visit *visit;
};

static __always_inline void count_audit(const struct walk *w, __u32 slot)
{
	const struct visit *v = ((const struct audit_walk *)w)->visit;

	if (slot && v->counts)
		closed_add(v->place, slot, v->packets, v->bytes);
}

#define COUNT_AUDIT count_audit
#include "classify.h"

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

/* The whole of a ruleset, as functions are given it that are verified by themselves. */
struct blob_image {
	char bytes[BLOB_SIZE];
};

/* On Linux 6.1 there is no more stack than this. */
struct element_walk {
	const struct visit *visit;
	__u32 slots, source_slots; /* the latter are what the packet's source has been counted on */
	__u32 word;		   /* a slot and its directions; 0: it is among those */
	__u16 parts;		   /* parts_ref */
	__u8 source_count;
	__u8 direction;
};

_Static_assert(sizeof(struct element_walk) == 24, "element_walk has a hole");
_Static_assert(PARTS_SLOTS <= 1 << 16 && MAX_LOOKUP_SLOTS < 1 << 8, "element_walk holds them");

static long find_word(__u32 i, void *ctx)
{
	struct element_walk *e = ctx;
	const __u32 *slot = place_at(e->parts, e->source_slots + i * sizeof(*slot), sizeof(*slot));

	if (!slot || *slot != e->word)
		return 0;
	e->word = 0;
	return 1;
}

static long count_element(__u32 i, void *ctx)
{
	struct element_walk *e = ctx;
	const __u32 *slot = place_at(e->parts, e->slots + i * sizeof(*slot), sizeof(*slot));

	if (!slot || !(SLOT_DIRECTIONS(*slot) & e->direction))
		return 0;
	e->word = *slot;
	if (SLOT_DIRECTIONS(e->word) & DIRECTION_SRC)
		repeat(e->source_count, find_word, e);
	if (e->word)
		closed_add(e->visit->place, SLOT_OF(e->word), e->visit->packets, e->visit->bytes);
	return 0;
}

static __always_inline const struct lookup_outcome *answer_at(const struct blob *blob,
							     parts_ref parts, __u32 answer)
{
	return place_at(parts, blob->lookup.answers + (__u64)answer * sizeof(struct lookup_outcome),
			sizeof(struct lookup_outcome));
}

/*
 * Count the packet on the elements of an answer, in the direction rules look for their sets; but not
 * on those that have counted its source: whichever of its ends an element has, it is one packet.
 */
__noinline int count_elements(const struct visit *v, const struct blob *blob, __u32 answer,
			      __u32 direction)
{
	const struct lookup_outcome *a;
	struct element_walk e;

	if (!v || !blob)
		return 0;
	e.visit = v;
	e.parts = parts_of(blob);
	e.direction = direction;
	e.source_slots = e.source_count = 0;
	a = v->source ? answer_at(blob, e.parts, v->source - 1) : NULL;
	if (a) {
		e.source_slots = blob->lookup.slots + a->slots * sizeof(__u32);
		e.source_count = a->count;
	}
	a = answer_at(blob, e.parts, answer);
	if (!a)
		return 0;
	e.slots = blob->lookup.slots + a->slots * sizeof(__u32);
	repeat(a->count, count_element, &e);
	return 0;
}

/* The same of an end whose address or port has been looked up, the source first. */
static __always_inline void count_end(struct visit *v, const struct blob *blob, __u64 sets, int dst)
{
	if (!(sets >> 16 & MET_COUNTED) || !v->counts)
		return;
	count_elements(v, blob, sets >> 32, DIRECTION_SRC << dst);
	if (!dst)
		v->source = (sets >> 32) + 1;
}

/* What the ports ask for: MET_ bits. Elements are counted here. */
__noinline __u32 find_ports(const struct blob *blob, struct visit *v)
{
	__u64 sets;
	__u32 met;

	if (!blob || !v)
		return 0;
	v->source = 0;
	sets = find_port(&blob->lookup, parts_of(blob), &v->packet, 0);
	met = sets >> 16;
	count_end(v, blob, sets, 0);
	sets = find_port(&blob->lookup, parts_of(blob), &v->packet, 1);
	count_end(v, blob, sets, 1);
	return met | sets >> 16;
}

/* The info of an end: by itself for the stack, as IPv6's is. */
__noinline __u32 find_end4(const struct blob *blob, const struct visit *v, int dst)
{
	if (!blob || !v)
		return 0;
	return find_info4(&blob->lookup, parts_of(blob), &v->packet, dst & 1);
}

/* What few ends need beyond that: class, MET_ bits << 16. Elements are counted here. */
__noinline __u32 find_answers(const struct blob *blob, struct visit *v, int dst, __u32 info)
{
	__u64 sets;

	if (!blob || !v)
		return 0;
	dst &= 1;		    /* for the verifier */
	if (!(info & INFO_SPECIAL)) /* maybe a host added since */
		return edited_class(&blob->edits.hosts, &v->packet, v->hosts, dst);
	sets = lookup_sets(&blob->lookup, parts_of(blob), &v->packet, dst, info);
	count_end(v, blob, sets, dst);
	return sets;
}

/* The class of an end into the key. */
static __always_inline void find_class(const struct blob *blob, struct visit *v, struct key *key,
				       int dst, int ip6)
{
	__u32 info;

	if (!(blob->lookup.directions & DIRECTION_SRC << dst))
		return;
	if (ip6)
		info = find_info6(&blob->lookup, parts_of(blob), &v->packet, dst);
	else
		info = find_end4(blob, v, dst);
	if (info & INFO_SPECIAL || (!INFO_WHAT(info) && v->hosts)) {
		info = find_answers(blob, v, dst, info);
		v->met |= info >> 16;
	}
	key->word[KEY_SRC_CLASS + dst] = info & 0xffff;
}

static __always_inline int judge_end(const struct audit_walk *a, struct visit *v)
{
	struct decision d;

	/* Nothing is kept in stack slots over it: on Linux 6.1 there are 96 bytes for all this. */
	settle_all();
	decide(&a->walk, &d);
	settle_all();
	v->verdict = d.verdict;
	v->slot = d.slot;
	v->audit = v->counts ? 0 : d.audit;
	v->unsure = d.unsure;
	if (v->counts || d.fleeting || v->met & MET_TIMED || v->packet.id.kind & KINDS_ALONE)
		v->lane = LANE_NONE;
	v->limit = d.action == ACTION_LIMIT ? d.extra : 0;
	return d.audits > 1 || v->met & MET_COUNTED ? JUDGE_COUNTS : JUDGE_DONE;
}

/*
 * Ask the rules. An entry names one audit rule; where several match, or elements of sets count, this
 * returns JUDGE_COUNTS and, asked again with v->counts set, counts for all of them, each packet anew
 * (LANE_NONE).
 */
static __always_inline int judge_as(struct visit *v, struct key *key,
				    const struct blob *blob, int ip6)
{
	struct audit_walk a;
	__u64 state;

	if (!v || !key || !blob)
		return JUDGE_DONE;
	/* What answers is never older than what the answer says: an edit in between is the next packet's. */
	state = state_of(blob);
	v->generation = STATE_GENERATION(state);
	v->hosts = count_hosts(state);
	v->met = blob->lookup.port_directions ? find_ports(blob, v) : 0;
	v->source = 0;
	a.visit = v;
	walk_begin(&a.walk, key, blob, &v->packet, COUNT_HOOK);
	count_edits(&a.walk, state);
	find_class(a.walk.blob, v, a.walk.key, 0, ip6);
	settle_all();
	find_class(a.walk.blob, v, a.walk.key, 1, ip6);
	settle_all();
	if (key->given) {
		take_given(&a.walk, key->given);
	} else {
		walk_sure(&a.walk, &v->packet, ip6);
		key->given = give(&a.walk);
	}
	settle_all();
	walk_end(&a.walk, &v->packet, ip6);
	return judge_end(&a, v);
}

/*
 * Global functions, as the others of the slow half are, because the verifier takes them one by
 * one, not anew for every way a packet can come to them; one a family, for the stack.
 */
__noinline int judge4(struct visit *v, struct key *key, const struct blob_image *image)
{
	return judge_as(v, key, (const struct blob *)image, 0);
}

__noinline int judge6(struct visit *v, struct key *key, const struct blob_image *image)
{
	return judge_as(v, key, (const struct blob *)image, 1);
}

/* Of a packet that does not show all, what is to be given instead of the rule that it surely matches. */
__noinline int judge_might(const struct visit *v, struct key *key, const struct blob_image *image)
{
	const struct blob *blob = (const struct blob *)image;
	struct walk w = {};

	if (!v || !key || !blob)
		return 0;
	w.blob = blob;
	w.key = key;
	take_given(&w, key->given);
	count_edits(&w, state_of(blob));
	walk_might(&w, &v->packet, COUNT_HOOK, packet_is_ip6(&v->packet));
	key->given = give(&w);
	return 0;
}

/* "key" is room that the caller has on its stack, with the classes of the packet's numbers. */
static __always_inline int judge(struct visit *v, struct key *key, const struct blob *blob)
{
	const struct blob_image *image = (const struct blob_image *)blob;

	return packet_is_ip6(&v->packet) ? judge6(v, key, image) : judge4(v, key, image);
}

#endif
