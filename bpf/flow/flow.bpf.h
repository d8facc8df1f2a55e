/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow.bpf.h - the flow table as a packet meets it: a hit counts and answers with the cached
 * verdict.
 */
#ifndef NETCTL_FLOW_BPF_H
#define NETCTL_FLOW_BPF_H

#include "../rules/judge.bpf.h"
#include "fragment.bpf.h"
#include "flow_insert.bpf.h"

/*
 * Ways of the right tag the fast half looks at; the slow half looks at all. In a full group one flow
 * in 30,000 has more than two others' tags like its own before it.
 */
#define HIT_TRIES 3

#define ANY_EPOCH STAMP(~0U, 0)
#define THIS_EPOCH STAMP(~0U, ~0U)

/* 0: the entry has the answer to this packet under these rules, and last counted in that epoch. */
static __always_inline __u64 answer_differs(const struct visit *v, const struct group *group,
					    int words, __u32 way, __u64 stamp)
{
	__u64 *entry = entry_at(group, words, way);
	struct flow_state *s = entry_state(entry, words);

	return key_differs(entry, words, &v->packet) | ((s->stamp ^ v->stamp) & stamp) |
	       lane_differs(s->known, v->lane);
}

/*
 * Find the entry that has the answer; 0: none of those looked at. The verifier follows what is done
 * with it from here on, once for all tries.
 */
static __always_inline int find(const struct visit *v, const struct group *group, int words,
				__u64 marks, __u32 *ret_way, __u64 *ret_seen)
{
	ROLLED for (int n = 0; n < HIT_TRIES && marks; n++)
	{
		*ret_way = first_way(marks);
		*ret_seen = pending_of(group, words, *ret_way);
		/*
		 * The packet's words are in stack slots already. And what the entry has is read after "seen": a
		 * packet that interrupts may give it to another flow, which the swap of "seen" then notices.
		 */
		settle_all();
		if (!answer_differs(v, group, words, *ret_way, THIS_EPOCH))
			return 1;
		marks &= marks - 1;
	}
	return 0;
}

/* Count into an entry whose verdict holds: 1 done, 0 not this one. */
static __always_inline int hit(struct visit *v, const struct group *group, int words,
			       __u64 marks)
{
	struct flow_state *s;
	struct flow_id *id;
	__u64 *entry, seen;
	__u32 way;

	if (!find(v, group, words, marks, &way, &seen) || seen & (PENDING_MUST_FOLD | PENDING_INC_ONE))
		return 0;
	entry = entry_at(group, words, way);
	id = entry_id(entry, words);
	s = entry_state(entry, words);
	v->verdict = JUDGED_VERDICT(id->judged);
	v->slot = s->rule;
	if (!swap_word(&s->pending, seen, seen + one_visit(v)))
		return 0;
	if (PENDING_PACKETS(seen) == 1)
		mark_again(group, way);
	s->last = bpf_jiffies64();
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/* The outcome of an entry that "seen" was read of before it was asked; 0: it is another's by now. */
static __always_inline int take_outcome(struct visit *v, const struct group *group, int words,
					__u32 way, __u64 seen)
{
	__u64 *entry = entry_at(group, words, way);
	const struct flow_state *s = entry_state(entry, words);

	v->verdict = JUDGED_VERDICT(entry_id(entry, words)->judged);
	v->slot = s->rule;
	v->audit = s->audit;
	settle_all();
	return !(seen & PENDING_INC_ONE) &&
	       PENDING_INC(pending_of(group, words, way)) == PENDING_INC(seen);
}

/* Has an entry of the flow the answer, but in a former epoch, or is it to be folded? */
static __always_inline int recall(struct visit *v, __u32 hash, int words)
{
	struct group group;
	__u64 marks, seen;
	__u32 way;

	if (!find_group(v, hash, words, &group))
		return 0;
	marks = like_tags(&group);
	ROLLED for (int n = 0; n < WAYS && marks; n++)
	{
		way = first_way(marks);
		seen = pending_of(&group, words, way);
		settle_all(); /* as in find() */
		if (!answer_differs(v, &group, words, way, ANY_EPOCH))
			return take_outcome(v, &group, words, way, seen);
		marks &= marks - 1;
	}
	return 0;
}

/* By themselves, for the verifier and the stack. */
__noinline int recall4(struct visit *v, __u32 hash)
{
	return v ? recall(v, hash, WORDS4) : 0;
}

__noinline int recall6(struct visit *v, __u32 hash)
{
	return v ? recall(v, hash, WORDS6) : 0;
}

/* judge(), with room for its key; again where more than the entry can name is to be counted. */
static __always_inline void ask_rules(struct visit *v, const struct blob *blob, __u64 numbers)
{
	struct key key = {};
	int result;

	for (int i = 0; i < NUMBER_COUNT; i++)
		key.word[KEY_NUMBER + i] = NUMBER_CLASS(numbers, i);
	result = judge(v, &key, blob);
	if (v->packet.id.kind & KINDS_UNSEEN) {
		judge_might(v, &key, (const struct blob_image *)blob);
		result = judge(v, &key, blob);
	}
	if (result == JUDGE_COUNTS) {
		v->counts = 1;
		judge(v, &key, blob);
	}
}

/* What is known of a packet. */
enum answer {
	ANSWER_NONE,
	ANSWER_MAYBE,	/* an entry has a tag like its flow's */
	ANSWER_OUTCOME, /* it is to be counted yet */
	ANSWER_COUNTED,
};

/* Count a packet whose verdict an entry holds. */
static __always_inline enum answer known(struct visit *v, int words, __u32 *ret_hash)
{
	struct group group;
	__u64 marks;

	*ret_hash = hash_key(&v->packet, words);
	if (!find_group(v, *ret_hash, words, &group))
		return ANSWER_NONE;
	marks = like_tags(&group);
	if (!marks)
		return ANSWER_NONE;
	return hit(v, &group, words, marks) ? ANSWER_COUNTED : ANSWER_MAYBE;
}

/* Ask the rules; the hash of the flow that the packet is to be counted in then. */
static __always_inline __u32 unknown(struct visit *v, const struct blob *blob, __u32 hash,
				     __u64 numbers)
{
	ask_rules(v, blob, numbers);
	if (v->packet.id.kind & KINDS_FRAGMENT)
		return fragment(v, (const struct blob_image *)blob);
	if (v->limit)
		limit(v, (const struct blob_image *)blob);
	return hash;
}

static __always_inline void list_flow(struct visit *v, __u32 hash)
{
	if (v->verdict == VERDICT_DROP && flooded(v, hash))
		return;
	if (packet_is_ip6(&v->packet))
		list6(v, hash);
	else
		list4(v, hash);
}

/* How a hook reads a packet's numbers: ctx is the program's. */
typedef void (*look_fn)(void *ctx, struct envelope *ret);

/*
 * The lane of the packet's class under the ruleset, and the classes of its numbers, 16 bits each. The
 * numbers are read here, and only if a rule asks for one.
 */
static __always_inline struct lane find_lane(const struct visit *v, const struct blob *blob,
					       look_fn look, void *ctx, __u64 *ret_numbers)
{
	const struct flow_classes *c = &blob->classes;
	struct envelope e = {};
	__u32 class;

	*ret_numbers = c->zero;
	if (!c->bits)
		return c->whole;
	if (c->numbers[COUNT_HOOK])
		look(ctx, &e);
	class = packet_class(c, parts_of(blob), &v->packet, &e, COUNT_HOOK, ret_numbers);
	return lane_of(class, c->bits);
}

/* Count one packet in the table; its verdict and rule are in the visit then. */
static __always_inline void visit_flow(struct visit *v, const struct blob *blob, look_fn look,
				       void *ctx)
{
	enum answer answer;
	__u64 numbers;
	__u32 hash;

	/*
	 * "zero" is for the verifier: it would follow each of the parser's exits to the end by
	 * itself, for the kind that is known there. And the word is written as one, or the
	 * processor would wait for its pieces before the hash.
	 */
	v->packet.id_word[1] ^= blob->zero;
	v->lane = find_lane(v, blob, look, ctx, &numbers);
	if (packet_is_ip6(&v->packet))
		answer = known(v, WORDS6, &hash);
	else
		answer = known(v, WORDS4, &hash);
	if (answer == ANSWER_MAYBE &&
	    (packet_is_ip6(&v->packet) ? recall6(v, hash) : recall4(v, hash)))
		answer = ANSWER_OUTCOME;
	if (answer < ANSWER_OUTCOME)
		hash = unknown(v, blob, hash, numbers);
	if (answer != ANSWER_COUNTED)
		list_flow(v, hash);
}

#endif
