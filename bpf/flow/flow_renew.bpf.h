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

/*
 * While a reader takes a snapshot nothing moves; the deadline holds even if the reader has died.
 */
static __always_inline int moves_held(void)
{
	return *(volatile __u64 *)&control.hold_until > bpf_jiffies64();
}

/* The second half of the entries of a group. */
static __always_inline int find_more(const struct visit *v, __u32 hash, int words,
				     struct group *group)
{
	__u32 i = tags_index(v, hash, words);

	group->more = bpf_map_lookup_elem(&netctl_more, &i);
	return !!group->more;
}

static __always_inline struct flow_more *more_of(const struct group *group, __u32 way)
{
	return &group->more->way[way & (WAYS - 1)];
}

/*
 * What a claimed entry has pending, as its outcome's, goes to what passed or was dropped, and is
 * closed on the rules that it was counted for: nothing is pending then. "image": it has just been
 * kept as the image, too.
 */
static __always_inline __u64 fold(const struct visit *v, struct flow_id *id,
				  const struct flow_state *s, struct flow_more *more,
				  __u64 pending, int image)
{
	struct count *to;

	if (!(id->more & MORE_FOLDED)) {
		more->passed = (struct count){};
		more->dropped = (struct count){};
		id->more |= MORE_FOLDED;
	}
	/* One of the two, without a branch. */
	to = &more->passed + JUDGED_VERDICT(id->judged);
	to->packets += PENDING_PACKETS(pending);
	to->bytes += PENDING_BYTES(pending);
	close_rules(v->place, s->rule, s->audit, PENDING_PACKETS(pending), PENDING_BYTES(pending));
	id->more |= image * MORE_IMAGE_FOLDED;
	return 0;
}

/* The first packet of an epoch has come to a claimed entry. */
static __always_inline void keep_image(struct flow_id *id, const struct flow_state *s,
				       struct flow_more *more, __u64 pending)
{
	more->image = pending;
	more->image_rule = s->rule;
	more->image_audit = s->audit;
	id->more &= ~(MORE_IMAGE_DROP | MORE_IMAGE_FOLDED);
	id->more |= MORE_IMAGE | JUDGED_VERDICT(id->judged) * MORE_IMAGE_DROP;
}

static __always_inline __u64 outcome_differs(const struct visit *v, const struct flow_id *id,
					     const struct flow_state *s)
{
	return (s->rule ^ v->slot) | (s->audit ^ v->audit) |
	       (JUDGED_VERDICT(id->judged) ^ v->verdict);
}

static __always_inline void set_outcome(const struct visit *v, struct flow_id *id,
					struct flow_state *s)
{
	s->rule = v->slot;
	s->audit = v->audit;
	s->generation = v->generation;
	s->known = lane_add(0, v->lane);
	id->judged = JUDGED(v->verdict, v->verdict == VERDICT_DROP ? exit_reason(v)
							       : JUDGED_REASON(id->judged));
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
				 __u32 now, __u32 way)
{
	__u64 *entry = entry_at(group, words, way);
	struct flow_state *s = entry_state(entry, words);
	__u64 same = is_zero(outcome_differs(v, entry_id(entry, words), s));
	__u64 old = is_zero(s->generation ^ v->generation) ^ 1;
	__u64 differs = key_differs(entry, words, &v->packet);
	__u64 fits = 1ULL << FIT_SHIFT;

	differs |= pending_of(group, words, way) & PENDING_INC_ONE;
	fits |= (same << 1 | (same ^ old)) << FIT_RANK_SHIFT;
	fits |= (__u64)(__u32)(now - s->last) << FIT_AGE_SHIFT | way;
	return fits & -is_zero(differs >> 1 | (differs & 1));
}

/*
 * The entry of the flow that is to count the packet, way | WAYS; 0: a new one, as all it has are of
 * other outcomes that hold.
 */
static __always_inline __u32 choose(const struct visit *v, const struct group *group, int words)
{
	__u64 marks = like_tags(group), best = 0, count = 0, one, less, better;
	__u32 now = bpf_jiffies64();

	ROLLED for (int n = 0; n < WAYS && marks; n++)
	{
		one = fit(v, group, words, now, first_way(marks));
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

/*
 * A packet that read the epoch before another began comes to an entry that has counted in that: the
 * entry's image is not to be changed, the packet is counted apart, in its own epoch.
 */
static __always_inline int comes_late(const struct visit *v, const struct flow_state *s)
{
	return COUNT_ATOMIC && (__s32)((s->epoch - v->epoch) << (32 - EPOCH_BITS)) > 0;
}

static __always_inline int has_room(const struct visit *v, __u64 seen)
{
	return PENDING_PACKETS(seen) + v->packets < 1ULL << PENDING_PACKETS_BITS &&
	       PENDING_BYTES(seen) + v->bytes < 1ULL << PENDING_BYTES_BITS;
}

/* What a renewal does to an entry besides counting. */
struct renewal {
	int fresh; /* the epoch's first packet: an image is due */
	int folds;
	int moves; /* a reader must know */
};

static __always_inline struct renewal renewal_of(const struct visit *v, const struct flow_id *id,
						 const struct flow_state *s, __u64 seen)
{
	struct renewal r = {};

	r.fresh = !!((s->epoch ^ v->epoch) & EPOCH_MASK);
	r.folds = outcome_differs(v, id, s) || seen & PENDING_MUST_FOLD;
	r.moves = r.folds && !r.fresh;
	/* What must fold soon has room for as much again. */
	if (r.moves && !outcome_differs(v, id, s) && moves_held() && has_room(v, seen))
		r.folds = r.moves = 0;
	return r;
}

/*
 * Count the packet in an entry, which learns its class; if its outcome is another or an older
 * ruleset's, it takes the packet's. 0: the entry is not the flow's any more, or must not move.
 */
static __always_inline int renew(const struct visit *v, struct region *region,
				 const struct group *group, __u32 way, int words)
{
	__u64 seen = pending_of(group, words, way), claimed, count = seen & (PENDING_INC_ONE - 1);
	__u64 *entry = entry_at(group, words, way);
	struct flow_more *more = more_of(group, way);
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	struct renewal r;

	settle_all(); /* the entry is read after "seen", as in find() */
	r = renewal_of(v, id, s, seen);
	if (seen & PENDING_INC_ONE || key_differs(entry, words, &v->packet) || comes_late(v, s) ||
	    (r.moves && moves_held()))
		return 0;
	if (r.moves)
		begin_move(region);
	if (!claim(s, seen, &claimed)) {
		if (r.moves)
			end_move(region);
		return 0;
	}
	if (r.fresh)
		keep_image(id, s, more, count);
	if (r.folds)
		count = fold(v, id, s, more, count, r.fresh);
	s->epoch = v->epoch;
	if (r.folds || s->generation != v->generation)
		set_outcome(v, id, s);
	else
		s->known = lane_add(s->known, v->lane);
	s->last = bpf_jiffies64();
	publish(s, claimed, count + one_visit(v));
	if (r.moves)
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
