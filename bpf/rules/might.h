/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * might.h - packets that do not show all, and the rules that they might match: see enum might; compiles
 * as BPF and natively.
 */
#ifndef NETCTL_MIGHT_WALK_H
#define NETCTL_MIGHT_WALK_H

#include "list.h"

/*
 * An edit's box that the packet might match, by what it shows: there is a rest, of which no edit has
 * more than these.
 */
static __always_inline void might_edit(struct walk *w, const struct box *b, const struct rest *r,
				       __u64 out)
{
	const struct key *key = w->key;
	__u32 edit = (w->at - OVERLAY_AT) / sizeof(struct overlay_box);
	const struct rule_record *record =
		image_at(w->blob, key->parts,
			 __builtin_offsetof(struct blob, edits.record) + edit * sizeof(*record),
			 sizeof(*record));

	out |= (0 - (__u64)(key->is & b->refuses)) | ((__u64)FOUND_RULE(w->best) - b->rule - 1);
	if (!(key->blind & BLIND_PROTO))
		out |= OUTSIDE(key->word[KEY_PROTO], b->proto_lo, b->proto_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_IFINDEX], r->ifindex_lo, r->ifindex_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_OUTER], r->outer_lo, r->outer_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_INNER], r->inner_lo, r->inner_hi);
	if ((__s64)out < 0 || !record ||
	    (record->action == ACTION_DROP) != (key->seeks == MIGHT_DROP))
		return;
	w->best = found(b);
	w->edit = edit + 1;
}

static long might_edit4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct key *key = w->key;
	const char *list = (const char *)w->blob;
	const struct box4 *b = unit_at(list, w->at, BLOB_SIZE);
	__u64 out = OUTSIDE(key->word[KEY_SRC], b->src_lo, b->src_hi) |
		    OUTSIDE(key->word[KEY_DST], b->dst_lo, b->dst_hi);

	COUNT_STEP(BOX);
	might_edit(w, &b->box, unit_at(list, w->at + BOX_UNIT, BLOB_SIZE),
		   key->blind & BLIND_ADDRESSES ? 0 : out);
	w->at += sizeof(struct overlay_box);
	return 0;
}

static long might_edit6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box6 *b = box6_at((const char *)w->blob, w->at, BLOB_SIZE);

	COUNT_STEP(BOX);
	if (w->key->blind & BLIND_ADDRESSES || !outside_addresses6(w->key, b))
		might_edit(w, &b->box, &b->rest, 0);
	w->at += sizeof(struct overlay_box);
	return 0;
}

/* The first rule that the packet might match, if it comes before the best so far. */
static __always_inline void might_match(struct walk *w, const struct packet *p, int ip6,
					enum might seeks)
{
	const __u32 blind = p->id.kind / KIND_BLIND * (UNSEEN_BLIND6 - UNSEEN_IP6);
	__u32 unseen = ip6 ? UNSEEN_IP6 + blind : family4(p);

	__u64 best = w->best;

	settle(unseen); /* the bound is the verifier's */
	walk_any(w, &w->blob->might[seeks][unseen & (UNSEENS - 1)], ip6);
	if (w->best != best)
		w->edit = 0;
	w->key->seeks = seeks;
	if (ip6 || w->key->blind & BLIND_ADDRESSES)
		walk_edits(w, FAMILY_IP6, might_edit6);
	if (!ip6)
		walk_edits(w, FAMILY_IP4, might_edit4);
	if (w->key->blind & BLIND_ADDRESSES)
		walk_edits(w, FAMILY_OTHER, might_edit4);
}

/* Does the rule that the packet surely matches drop it, or else the policy? */
static __always_inline int surely_drops(struct walk *w)
{
	const struct rule_record *record = NULL;
	__u64 best = best_of(w);

	take_best(w, w->sure);
	if (FOUND_RULE(w->best) != NO_RULE)
		record = decider_of(w);
	take_best(w, best);
	return (record ? record->action : w->blob->policy) == ACTION_DROP;
}

/* 1: its protocol is none of which the transport header is read. */
static __always_inline __u8 lacks_transport(const struct packet *p, int ip6)
{
	__u64 proto = ID_PROTO(p->id.tags);
	__u64 low = 1ULL << PROTO_TCP | 1ULL << PROTO_UDP | 1ULL << PROTO_DCCP |
		    1ULL << (ip6 ? PROTO_ICMPV6 : PROTO_ICMP);
	__u64 high = 1ULL << (PROTO_SCTP - 128) | 1ULL << (PROTO_UDPLITE - 128);
	__u64 of = proto >> 6 == 0 ? low : proto >> 6 == 2 ? high : 0;

	if (p->id.kind & KIND_BLIND)
		return 0;
	return !(of >> (proto & 63) & 1);
}

/*
 * A packet that does not show all: where it might match a rule before the one that it surely matches.
 * If it hides something, the first of those that drops it decides. A later fragment has a first one,
 * which knows better; if that was not seen, it passes if any of those rules passes it or the sure one
 * does: without a first fragment it gets no further than to where fragments are put together.
 */
static __always_inline void walk_might(struct walk *w, const struct packet *p, enum hook_id hook,
				       int ip6)
{
	__u8 kind = p->id.kind, is = w->key->is;
	int hides = kind & KIND_HIDDEN;

	w->sure = best_of(w);
	w->key->is = shown_of(kind, hook) | lacks_transport(p, ip6) * NOT_PORTLESS;
	w->key->blind = kind / KIND_BLIND * (ip6 ? BLIND_PROTO : BLIND_PROTO | BLIND_ADDRESSES);
	if (!hides)
		might_match(w, p, ip6, MIGHT_PASS);
	if (best_of(w) != w->sure) {
		w->unsure = UNSURE;
	} else {
		might_match(w, p, ip6, MIGHT_DROP);
		if (best_of(w) != w->sure)
			w->unsure = hides || !surely_drops(w) ? UNSURE : UNSURE_DROP;
		if (w->unsure == UNSURE && !hides)
			take_best(w, w->sure);
	}
	w->key->is = is;
}

#endif
