/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_renew.bpf.h - a packet the rules have judged is counted in an entry its flow has: one that
 * has the same outcome learns the packet's class, one whose outcome is old takes the new one.
 */
#ifndef NETCTL_FLOW_RENEW_BPF_H
#define NETCTL_FLOW_RENEW_BPF_H

#include "flow_overflow.bpf.h"

/* Entries that a flow has at most, whatever its packets' outcomes: as many as the fast half tries. */
#define FLOW_ENTRIES 3

#define FIT_AGE_SHIFT 3
#define FIT_RANK_SHIFT (FIT_AGE_SHIFT + 32)
#define FIT_SHIFT (FIT_RANK_SHIFT + 2)

static __always_inline void begin_move(struct region *r)
{
	add(&r->moves_begun, 1);
}

static __always_inline void end_move(struct region *r)
{
	add(&r->moves_done, 1);
}

/* Where IPv4's sums are. */
static __always_inline int find_sums(const struct visit *v, __u32 hash, int words,
				     struct group *group)
{
	__u32 i = v->cpu * opts.groups4 + (hash & (opts.groups4 - 1));

	if (words == WORDS6)
		return 1;
	group->sums = bpf_map_lookup_elem(&netctl_sums4, &i);
	return !!group->sums;
}

static __always_inline struct count *sum_of(const struct group *group, int words, __u32 way)
{
	if (words == WORDS6)
		return &((struct flow6 *)entry_at(group, words, way))->sum;
	return &group->sums->way[way & (WAYS - 1)];
}

/* All that a claimed entry has counted; its pending word was "seen". */
static __always_inline struct count counted_in(const struct flow_id *id, const struct count *sum,
					       __u64 seen)
{
	struct count all = { PENDING_PACKETS(seen), PENDING_BYTES(seen) };

	if (id->folded) {
		all.packets += sum->packets;
		all.bytes += sum->bytes;
	}
	return all;
}

/* What a claimed entry's pending word goes on with: the counts it had, or none where they got too many. */
static __always_inline __u64 keep_or_fold(struct flow_id *id, struct count *sum, __u64 seen)
{
	if (!(seen & PENDING_MUST_FOLD))
		return seen & (PENDING_INC_ONE - 1);
	*sum = counted_in(id, sum, seen);
	id->folded = 1;
	return 0;
}

static __always_inline __u64 outcome_differs(const struct visit *v, const struct flow_id *id,
					     const struct flow_state *s)
{
	return (s->rule ^ v->slot) | (s->audit ^ v->audit) | (id->verdict ^ v->verdict);
}

static __always_inline void set_outcome(const struct visit *v, struct flow_id *id,
					struct flow_state *s)
{
	s->rule = v->slot;
	s->audit = v->audit;
	s->generation = v->generation;
	s->known = lane_add(0, v->lane);
	id->verdict = v->verdict;
}

/* 1 when x, below 2^63, is 0; settled, or clang makes a branch of it. */
static __always_inline __u64 is_zero(__u64 x)
{
	x--;
	settle(x);
	return x >> 63;
}

/*
 * How well an entry of the flow suits the outcome of its packet, 0 not at all. Best is one that has
 * this outcome and the rules' generation, then this outcome, then one that is old: among those the
 * one seen longest ago. Without branches, as search_victim() and for the same reason.
 */
static __always_inline __u64 fit(const struct visit *v, const struct group *group, int words,
				 __u32 way)
{
	__u64 *entry = entry_at(group, words, way);
	struct flow_state *s = entry_state(entry, words);
	__u64 same = is_zero(outcome_differs(v, entry_id(entry, words), s));
	__u64 old = is_zero(s->generation ^ v->generation) ^ 1;
	__u64 differs = key_differs(entry, words, &v->packet);
	__u64 fits = 1ULL << FIT_SHIFT;

	differs |= pending_of(group, words, way) & PENDING_INC_ONE;
	fits |= (same << 1 | (same ^ old)) << FIT_RANK_SHIFT;
	fits |= (__u64)(__u32)(v->now - s->last) << FIT_AGE_SHIFT | way;
	return fits & -is_zero(differs >> 1 | (differs & 1));
}

/*
 * The entry of the flow that is to count the packet, way | WAYS; 0: a new one, as all it has are of
 * other outcomes that hold.
 */
static __always_inline __u32 choose(const struct visit *v, const struct group *group, int words)
{
	__u64 marks = like_tags(group), best = 0, count = 0, one, less, better;

	ROLLED for (int n = 0; n < WAYS && marks; n++)
	{
		one = fit(v, group, words, first_way(marks));
		count += one >> FIT_SHIFT;
		less = best - one;
		settle(less);
		better = -(less >> 63);
		settle(better);
		best -= less & better;
		settle(best);
		marks &= marks - 1;
	}
	if (!best || (!(best >> FIT_RANK_SHIFT & 3) && count < FLOW_ENTRIES))
		return 0;
	return (best & (WAYS - 1)) | WAYS;
}

/* By themselves, for the verifier. */
VERIFIED_ALONE __u32 choose4(const struct visit *v, const struct tag_group *tags,
			     const struct flow4_group *ways, __u64 tag)
{
	const struct group group = { (struct tag_group *)tags, (void *)ways, .tag = tag };

	return v && tags && ways ? choose(v, &group, WORDS4) : 0;
}

VERIFIED_ALONE __u32 choose6(const struct visit *v, const struct tag_group *tags,
			     const struct flow6_group *ways, __u64 tag)
{
	const struct group group = { (struct tag_group *)tags, (void *)ways, .tag = tag };

	return v && tags && ways ? choose(v, &group, WORDS6) : 0;
}

/* A claimed entry takes the packet's outcome: what it has counted stays with the rule that judged it. */
static __always_inline void move_counts(const struct visit *v, const struct flow_id *id,
					const struct flow_state *s, struct count counted)
{
	close_as(v->cpu, id, id->verdict, s->rule, s->audit, counted.packets, counted.bytes);
	close_as(v->cpu, id, v->verdict, v->slot, v->audit, -counted.packets, -counted.bytes);
}

/*
 * Count the packet in an entry, which learns its class; if its outcome is another or an older
 * ruleset's, it takes the packet's. 0: the entry is not the flow's any more.
 */
static __always_inline int renew(const struct visit *v, struct region *region,
				 const struct group *group, __u32 way, int words)
{
	__u64 seen = pending_of(group, words, way), claimed, count;
	__u64 *entry = entry_at(group, words, way);
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	struct count *sum = sum_of(group, words, way);
	int moves = !!outcome_differs(v, id, s);

	if (seen & PENDING_INC_ONE || key_differs(entry, words, &v->packet))
		return 0;
	if (moves)
		begin_move(region);
	if (!claim(s, seen, &claimed)) {
		if (moves)
			end_move(region);
		return 0;
	}
	count = keep_or_fold(id, sum, seen);
	if (moves)
		move_counts(v, id, s, counted_in(id, sum, count));
	if (moves || s->generation != v->generation)
		set_outcome(v, id, s);
	else
		s->known = lane_add(s->known, v->lane);
	s->last = v->now;
	publish(s, claimed, count + one_visit(v));
	if (moves)
		end_move(region);
	mark_again(group, way);
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/* Count the packet in an entry the flow has; 0: there is none for it. */
static __always_inline int count_listed(const struct visit *v, struct region *region,
					const struct group *group, int words)
{
	__u32 chosen;

	if (words == WORDS4)
		chosen = choose4(v, group->tags, group->ways, group->tag);
	else
		chosen = choose6(v, group->tags, group->ways, group->tag);
	return chosen && renew(v, region, group, chosen & (WAYS - 1), words);
}

#endif
