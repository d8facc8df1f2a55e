/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * walk.h - a packet as boxes compare it, and the comparison; compiles as BPF and natively. The
 * includer has included parts.bpf.h or parts_native.h first.
 */
#ifndef NETCTL_WALK_H
#define NETCTL_WALK_H

#include "../parse/packet.h"
#include "step_count.h"
#include "../lookup/lookup.h"
#include "class.h"
#include "shown.h"

/* What a ruleset says of a packet. */
struct decision {
	__u32 verdict;	/* enum verdict; ACTION_LIMIT: pass */
	__u32 slot;	/* of the deciding rule; 0: the policy */
	__u32 audit;	/* slot of the first audit rule that matches, or 0 */
	__u32 audits;	/* how many audit rules match */
	__u32 action;	/* enum action of the deciding rule */
	__u32 extra;	/* its struct rule_extra, from 1; 0: none */
	__u32 fleeting; /* holds for this packet alone */
	__u32 unsure;	/* enum unsure */
	__u32 elements; /* nonzero: elements of sets count it */
};

/* A packet's fields as nodes and boxes see them. No pointer of the verifier's is in it. */
struct key {
	__u32 word[KEY_WORDS]; /* host order, enum key_word; IPv4: without the high ones */
	__u8 tcp_flags;
	__u8 is; /* NOT_HOOK() and the like: what a box must not refuse */
	__u8 seeks;	 /* enum might: of the overlay's boxes */
	__u8 blind;	 /* what of those it does not show: BLIND_ */
	parts_ref parts; /* where the nodes are */
	__u64 given;	 /* the answer that is known, see give(); or 0 */
};

/* How far the walk has come. Stack is scarce. */
struct walk {
	const struct blob *blob;
	__u64 best;  /* what the best box of all says: see found() */
	__u32 audit : 12; /* slot of the first audit rule that matches */
	__u32 edits : 18; /* boxes of the overlay: OVERLAY_OF() each family */
	__u32 at; /* byte offset of the next box of a list in the blob; here, in the upper half of a word on the
		     stack, the verifier does not follow what it is */
	__u32 audit_rule;   /* position + 1 of the audit rule counted last: its boxes may overlap */
	__u32 audits : 9;   /* how many audit rules match */
	__u32 fleeting : 1; /* see struct decision */
	__u32 edit : 7; /* the best rule is of one of these: its index among all from 1; 0: it is not */
	__u32 unsure : 2;  /* enum unsure */
	__u32 unasked : 1; /* the best rule is a limit's that it only might match: it is not charged */
	struct key *key;
};

/*
 * Negative as a signed number when x is not in lo..hi (all below 2^63): ORed, one sign test serves
 * all fields.
 */
#define OUTSIDE(x, lo, hi) (((__u64)(x) - (__u64)(lo)) | ((__u64)(hi) - (__u64)(x)))

/* Negative when outside the rest. */
static __always_inline __u64 rest_differs(const struct key *key, const struct rest *r)
{
	__u64 out = OUTSIDE(key->word[KEY_IFINDEX], r->ifindex_lo, r->ifindex_hi);

	/* In steps: all at once, clang keeps every field in a stack slot of its own. */
	settle(out);
	out |= OUTSIDE(key->word[KEY_OUTER], r->outer_lo, r->outer_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_INNER], r->inner_lo, r->inner_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_LENGTH], r->len_lo, r->len_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_SRC_CLASS], r->src_class_lo, r->src_class_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_DST_CLASS], r->dst_class_lo, r->dst_class_hi);
	settle(out);
	out |= 0 - (__u64)((key->tcp_flags & r->tcp_mask) ^ r->tcp_value); /* nonzero: differs */
	return out;
}

/* The rest of a box, for the few packets that the fields most rules look at leave. */
VERIFIED_ALONE int outside_rest(const struct key *key, const struct rest *r)
{
	if (!key || !r)
		return 1;
	return rest_differs(key, r) >> 63;
}

/* And with what hardly any box has. */
VERIFIED_ALONE int outside_more(const struct key *key, const struct rest *r, const struct more *m)
{
	__u64 out;

	if (!key || !r || !m)
		return 1;
	out = rest_differs(key, r);
	settle(out);
	for (int i = 0; i < BYTE_COUNT; i++) {
		out |= OUTSIDE(key->word[KEY_BYTE + i], m->byte_lo[i], m->byte_hi[i]);
		settle(out);
	}
	for (int i = 0; i < NUMBER_COUNT; i++) {
		out |= OUTSIDE(key->word[KEY_NUMBER + i], m->class_lo[i], m->class_hi[i]);
		settle(out);
	}
	if (out >> 63)
		return 1;
	return m->until && boottime_seconds() >= m->until;
}

/* What most rests are about: 1 or 0. */
static __always_inline __u64 outside_classes(const struct key *key, const struct rest *r)
{
	__u64 out = OUTSIDE(key->word[KEY_SRC_CLASS], r->src_class_lo, r->src_class_hi);

	settle(out); /* as above */
	out |= OUTSIDE(key->word[KEY_DST_CLASS], r->dst_class_lo, r->dst_class_hi);
	settle(out);
	return out >> 63;
}

/* What the offset names in the blob or in its parts; NULL is for the verifier. "size" is a power of two. */
static __always_inline const void *image_at(const struct blob *blob, parts_ref parts, __u32 at,
					    __u32 size)
{
	const char *part;

	if (at < BLOB_SIZE)
		return (const char *)blob + (at & (BLOB_SIZE - size));
	part = part_at(parts, (at - BLOB_SIZE) / PART_SIZE);
	if (!part)
		return NULL;
	settle(part); /* nothing is added to what may be NULL */
	return part + ((at - BLOB_SIZE) & (PART_SIZE - size));
}

/* What a box that matches says: its rule, and whether it is timed. */
static __always_inline __u64 found(const struct box *b)
{
	return b->rule | (__u64)(b->flags & BOX_TIMED) << 32;
}

#define FOUND_RULE(best) ((__u32)(best))
#define FOUND_TIMED(best) (!!((best) >> 32))

static __always_inline const struct rule_record *record_of(const struct walk *w, __u32 rule)
{
	return image_at(w->blob, w->key->parts,
			w->blob->records + RULE_POSITION(rule) * sizeof(struct rule_record),
			sizeof(struct rule_record));
}

/* Of the best rule. */
static __always_inline const struct rule_record *decider_of(const struct walk *w)
{
	__u32 at =
		w->blob->records + RULE_POSITION(FOUND_RULE(w->best)) * sizeof(struct rule_record);

	if (w->edit)
		at = __builtin_offsetof(struct blob, edits.record) +
		     (w->edit - 1) * sizeof(struct rule_record);
	return image_at(w->blob, w->key->parts, at, sizeof(struct rule_record));
}

/* "extra": from 1. */
static __always_inline const struct rule_extra *extra_of(const struct blob *blob, __u32 extra)
{
	return image_at(blob, parts_of(blob),
			blob->extras + (extra - 1) * sizeof(struct rule_extra),
			sizeof(struct rule_extra));
}

/* Negative when outside, rest aside; "out" when the addresses are. */
static __always_inline __u64 outside_box(const struct key *key, const struct box *b, __u64 out)
{
	return out | OUTSIDE(key->word[KEY_SPORT], b->sport_lo, b->sport_hi) |
	       OUTSIDE(key->word[KEY_DPORT], b->dport_lo, b->dport_hi) |
	       OUTSIDE(key->word[KEY_PROTO], b->proto_lo, b->proto_hi) |
	       (0 - (__u64)(key->is & b->refuses));
}

/*
 * Boxes are read at offsets from "base", the blob or a part, which are masked for the verifier:
 * what is masked on its own never straddles the end.
 */
static __always_inline const void *unit_at(const char *base, __u32 at, __u32 size)
{
	return base + (at & (size - BOX_UNIT));
}

static __always_inline int outside4(const struct key *key, const char *base, __u32 at, __u32 size)
{
	const struct box4 *b = unit_at(base, at, size);
	__u64 out = OUTSIDE(key->word[KEY_SRC], b->src_lo, b->src_hi) |
		    OUTSIDE(key->word[KEY_DST], b->dst_lo, b->dst_hi);
	const struct rest *rest = unit_at(base, at + BOX_UNIT, size);

	if ((__s64)outside_box(key, &b->box, out) < 0)
		return 1;
	if (!(b->box.flags & BOX_REST))
		return 0;
	if (b->box.flags & BOX_CLASSES)
		out = outside_classes(key, rest);
	else if (b->box.flags & BOX_MORE)
		out = outside_more(key, rest, unit_at(base, at + 2 * BOX_UNIT, size));
	else
		out = outside_rest(key, rest);
	settle(out); /* the ways meet here, for the verifier */
	return out;
}

/* Bytes to the next box. */
static __always_inline __u32 box4_step(const struct box *b)
{
	return (1 + (b->flags & BOX_REST) + (b->flags & BOX_MORE) / BOX_MORE) * BOX_UNIT;
}

static __always_inline struct addr6 address_of(const __u32 *high, __u32 low)
{
	return (struct addr6){ (__u64)high[0] << 32 | high[1], (__u64)high[2] << 32 | low };
}

/* By itself, for a stack slot less in each of its callers. */
VERIFIED_ALONE int outside_addresses6(const struct key *key, const struct box6 *b)
{
	struct addr6 a;
	__u64 out;

	if (!key || !b)
		return 1;
	a = address_of(&key->word[KEY_SRC_HIGH], key->word[KEY_SRC]);
	out = less6(&a, &b->src_lo);
	settle(out);
	out |= less6(&b->src_hi, &a);
	settle(out);
	a = address_of(&key->word[KEY_DST_HIGH], key->word[KEY_DST]);
	out |= less6(&a, &b->dst_lo);
	settle(out);
	return out | less6(&b->dst_hi, &a);
}

static __always_inline const struct box6 *box6_at(const char *base, __u32 at, __u32 size)
{
	return (const void *)(base + (at & (size - sizeof(struct box6))));
}

static __always_inline const struct more *more6_at(const char *base, __u32 at, __u32 size)
{
	return (const void *)box6_at(base, at + sizeof(struct box6), size);
}

static __always_inline int outside6(const struct key *key, const char *base, __u32 at, __u32 size)
{
	const struct box6 *b = box6_at(base, at, size);
	__u64 out;

	if ((__s64)outside_box(key, &b->box, 0) < 0 || outside_addresses6(key, b))
		return 1;
	if (!(b->box.flags & BOX_REST))
		return 0;
	if (b->box.flags & BOX_CLASSES)
		out = outside_classes(key, &b->rest);
	else if (b->box.flags & BOX_MORE)
		out = outside_more(key, &b->rest, more6_at(base, at, size));
	else
		out = outside_rest(key, &b->rest);
	settle(out); /* as above */
	return out;
}

static __always_inline __u32 box6_step(const struct box *b)
{
	return sizeof(struct box6) << (b->flags & BOX_MORE) / BOX_MORE;
}

static __always_inline const struct box *box4_of(const char *base, __u32 at, __u32 size)
{
	return &((const struct box4 *)unit_at(base, at, size))->box;
}

static __always_inline const struct box *box6_of(const char *base, __u32 at, __u32 size)
{
	return &box6_at(base, at, size)->box;
}

/* An address in network order. */
static __always_inline void key_address(__u32 *high, __u32 *low, const __u64 *a)
{
	__u64 hi = net64(a[0]), lo = net64(a[1]);

	high[0] = hi >> 32;
	high[1] = hi;
	high[2] = lo >> 32;
	*low = lo;
}

/* Without branches: the verifier would follow each value to the end. */
_Static_assert(FAMILY_IP4 == 0 && FAMILY_OTHER == 2 && KIND_IP4 == 1, "family");

/* What both families have, but for the words of addresses and of numbers. */
static __always_inline void walk_begin(struct walk *w, struct key *key, const struct blob *blob,
				       const struct packet *p, enum hook_id hook)
{
	__u8 kind = p->id.kind;

	w->blob = blob;
	w->key = key;
	key->word[KEY_SPORT] = net16(p->id.sport);
	key->word[KEY_DPORT] = net16(p->id.dport);
	key->word[KEY_PROTO] = ID_PROTO(p->id.tags);
	key->word[KEY_IFINDEX] = p->id.ifindex;
	key->word[KEY_OUTER] = ID_OUTER(p->id.tags);
	key->word[KEY_INNER] = ID_INNER(p->id.tags);
	key->word[KEY_LENGTH] = p->length > 65535 ? 65535 : p->length;
	key->word[KEY_SRC_CLASS] = key->word[KEY_DST_CLASS] = 0;
	key->parts = parts_of(blob);
	settle_all();
	key->is = shown_of(p, hook) | kind / KIND_BLIND * NOT_BLIND |
		  NOT_FRAG(0) * maybe_fragment(kind) | NOT_FRAG(1) * maybe_fragment(kind) |
		  ((kind & KIND_PORTS) * NOT_PORTLESS / KIND_PORTS ^ NOT_PORTLESS);
	key->tcp_flags = p->tcp_flags;
	for (int i = 0; i < BYTE_COUNT; i++)
		key->word[KEY_BYTE + i] = p->byte[i];
	settle_all();
	/*
	 * Zero, but not to the verifier: it would follow a known count through every value it can
	 * take.
	 */
	w->audit_rule = w->audits = blob->zero;
	w->audit = blob->zero;
	w->fleeting = w->edit = w->unsure = w->unasked = blob->zero;
	w->best = NO_RULE - blob->zero;
}

/* The best rule so far, wherever it is: 47 bits. */
static __always_inline __u64 best_of(const struct walk *w)
{
	return w->best | (__u64)w->edit << 40;
}

static __always_inline void take_best(struct walk *w, __u64 best)
{
	w->best = best & ((1ULL << 40) - 1);
	w->edit = best >> 40;
}

static __always_inline void walk_begin4(struct walk *w, const struct packet *p)
{
	w->key->word[KEY_SRC] = net32(p->src4);
	w->key->word[KEY_DST] = net32(p->dst4);
}

static __always_inline void walk_begin6(struct walk *w, const struct packet *p)
{
	key_address(&w->key->word[KEY_SRC_HIGH], &w->key->word[KEY_SRC], p->src6);
	key_address(&w->key->word[KEY_DST_HIGH], &w->key->word[KEY_DST], p->dst6);
}

/* IPv4, or other frames. */
static __always_inline __u32 family4(const struct packet *p)
{
	return FAMILY_OTHER - 2 * (p->id.kind & KIND_IP4);
}

/* When all boxes are walked: what the best rule decides, or else the policy. */
static __always_inline void decide(const struct walk *w, struct decision *ret)
{
	const struct rule_record *record = NULL;

	if (FOUND_RULE(w->best) != NO_RULE)
		record = decider_of(w);
	ret->audit = w->audit;
	ret->audits = w->audits;
	ret->verdict = ret->action = w->blob->policy;
	ret->slot = ret->extra = 0;
	ret->fleeting = w->fleeting;
	ret->unsure = w->unsure;
	ret->elements = 0;
	if (!record)
		return;
	ret->slot = record->slot;
	ret->action = record->action;
	ret->extra = record->extra;
	ret->verdict = ret->action == ACTION_DROP ? VERDICT_DROP : VERDICT_PASS;
	ret->action &= 0 - (1 - (w->unasked & (1 - some(ret->action ^ ACTION_LIMIT))));
	ret->fleeting |= FOUND_TIMED(w->best) || ret->action == ACTION_LIMIT;
}

_Static_assert((int)VERDICT_PASS == ACTION_PASS && (int)VERDICT_DROP == ACTION_DROP, "policy");

#endif
