/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * might.h - packets that do not show all, and the rules that they might match: see enum might; compiles
 * as BPF and natively.
 */
#ifndef NETCTL_MIGHT_WALK_H
#define NETCTL_MIGHT_WALK_H

#include "list.h"

/* A walk's answer as one word, never 0, for another that goes on from there. */
static __always_inline __u64 give(const struct walk *w)
{
	return best_of(w) | (__u64)w->unsure << 47 | (__u64)w->unasked << 49 | 1ULL << 63;
}

static __always_inline void take_given(struct walk *w, __u64 given)
{
	take_best(w, given & ((1ULL << 47) - 1));
	w->unsure = given >> 47;
	w->unasked = given >> 49;
}

/*
 * An edit's box that the packet might match, by what it shows: there is a rest, of which no edit has
 * more than these.
 */
static __always_inline void might_edit(struct walk *w, const struct box *b, const struct rest *r,
				       __u64 out)
{
	const struct key *key = w->key;
	__u32 edit = (w->at - OVERLAY_AT) / sizeof(struct overlay_box);
	__u32 at = __builtin_offsetof(struct blob, edits.record) + edit * sizeof(struct rule_record);
	const struct rule_record *record =
		(const void *)((const char *)w->blob + (at & (BLOB_SIZE - sizeof(*record))));
	__u64 proto = (key->blind & BLIND_PROTO) - 1ULL;

	settle(proto);
	out |= (0 - (__u64)(key->is & b->refuses)) | ((__u64)FOUND_RULE(w->best) - b->rule - 1);
	out |= OUTSIDE(key->word[KEY_PROTO], b->proto_lo, b->proto_hi) & proto;
	settle(out);
	out |= OUTSIDE(key->word[KEY_IFINDEX], r->ifindex_lo, r->ifindex_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_OUTER], r->outer_lo, r->outer_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_INNER], r->inner_lo, r->inner_hi);
	if ((__s64)out < 0 ||
	    (record->action == ACTION_DROP ? MIGHT_DROP : MIGHT_PASS) != key->seeks)
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

/* Read anew each time: stack is scarcer than time. */
static __always_inline __u64 kind_of(const struct packet *p)
{
	return *(const volatile __u8 *)&p->id.kind;
}

static __always_inline __u64 hides(const struct packet *p)
{
	return kind_of(p) / KIND_HIDDEN & 1;
}

static __always_inline __u64 is_blind(const struct packet *p)
{
	return kind_of(p) / KIND_BLIND;
}

static __always_inline __u32 unseen_of(const struct packet *p, int ip6)
{
	return ip6 ? UNSEEN_IP6 + is_blind(p) * (UNSEEN_BLIND6 - UNSEEN_IP6) : family4(p);
}

/* The rule that the packet surely matches. */
static __always_inline __u64 sure_of(const struct walk *w)
{
	return *(const volatile __u64 *)&w->key->given & ((1ULL << 47) - 1);
}

/*
 * The best of the rules that the packet surely matches and, before that, those that it might: of
 * "unseen", and edits that are what the key seeks.
 */
static __always_inline __u64 might_match(struct walk *w, __u32 unseen, int ip6, enum might which)
{
	__u64 best;

	take_best(w, sure_of(w));
	best = w->best;
	settle(unseen); /* the bound is the verifier's */
	walk_any(w, &w->blob->might[which][unseen & (UNSEENS - 1)], ip6);
	w->edit &= 0 - (1 - some(w->best ^ best));
	if (ip6 || w->key->blind & BLIND_ADDRESSES)
		walk_edits(w, FAMILY_IP6, might_edit6);
	if (!ip6)
		walk_edits(w, FAMILY_IP4, might_edit4);
	if (w->key->blind & BLIND_ADDRESSES)
		walk_edits(w, FAMILY_OTHER, might_edit4);
	return best_of(w);
}

/* 1: the rule that the packet surely matches drops it, or else the policy. */
static __always_inline __u64 surely_drops(struct walk *w)
{
	const struct rule_record *record = NULL;
	__u64 action = w->blob->policy;

	take_best(w, sure_of(w));
	if (FOUND_RULE(w->best) != NO_RULE)
		record = decider_of(w);
	if (record)
		action = record->action;
	return 1 - some(action ^ ACTION_DROP);
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
 *
 * The key is given the former, and has an "is" of its own after. Without branches but those of the
 * lists, for the verifier.
 */
static __always_inline void walk_might(struct walk *w, const struct packet *p, enum hook_id hook,
				       int ip6)
{
	__u64 pass, drop, passes, drops, follows;

	w->key->is = shown_of(p, hook) | lacks_transport(p, ip6) * NOT_PORTLESS;
	w->key->blind = is_blind(p) * (ip6 ? BLIND_PROTO : BLIND_PROTO | BLIND_ADDRESSES);
	/* Of packets that hide something no rule that passes is sought: there is none for tags. */
	w->key->seeks = MIGHT_PASS + hides(p);
	pass = might_match(w, hides(p) ? UNSEEN_TAGGED : unseen_of(p, ip6), ip6, MIGHT_PASS);
	w->key->seeks = MIGHT_DROP;
	drop = might_match(w, unseen_of(p, ip6), ip6, MIGHT_DROP);
	passes = some(pass ^ sure_of(w));
	drops = some(drop ^ sure_of(w)) & ~passes;
	follows = surely_drops(w) & ~hides(p) & drops; /* none that might be, passes */
	w->unsure = (passes | drops) + follows;
	w->unasked = passes;
	drop ^= (drop ^ sure_of(w)) & (0 - (1 - (follows | hides(p))));
	take_best(w, drop ^ ((drop ^ pass) & (0 - passes)));
}

#endif
