/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* classify.h - struct packet to the first matching rule of a blob; compiles as BPF and natively. */
#ifndef NETCTL_CLASSIFY_H
#define NETCTL_CLASSIFY_H

#include "packet.h"
#include "order.h"
#include "loop.h"

#define BOXES_A_CALL 4 /* a callback's call and return cost as much as a box or two */

/* What a ruleset says of a packet. */
struct decision {
	__u32 verdict; /* enum verdict */
	__u32 slot;    /* of the deciding rule; 0: the policy */
	__u32 audit;   /* slot of the first audit rule that matches, or 0 */
	__u32 audits;  /* how many audit rules match */
};

/* A packet's fields as the boxes compare them, and how far the walk has come. */
struct walk {
	const struct blob *blob;
	struct addr6 src, dst; /* host order; IPv4: lo */
	__u32 base, count;     /* of the list: byte offset, boxes */
	__u32 ifindex;
	__u16 sport, dport, outer, inner, length;
	__u8 proto, frag, tcp_flags;
	__u8 hook_bit, missing; /* missing: enum box_flags the packet cannot serve */
	__u32 audit_rule; /* position + 1 of the audit rule counted last: its boxes may overlap */
	struct decision found;
};

/*
 * Negative as a signed number when x is not in lo..hi (all below 2^63): ORed, one sign test serves
 * all fields.
 */
#define OUTSIDE(x, lo, hi) (((__u64)(x) - (__u64)(lo)) | ((__u64)(hi) - (__u64)(x)))

/* The rest of a box, for the few packets that the fields most rules look at leave. */
static __noinline int outside_rest(const struct walk *w, const struct box *b)
{
	__u64 out = OUTSIDE(w->sport, b->sport_lo, b->sport_hi);

	/* In steps: all at once, clang keeps every field in a stack slot of its own. */
	settle(out);
	out |= OUTSIDE(w->ifindex, b->ifindex_lo, b->ifindex_hi);
	settle(out);
	out |= OUTSIDE(w->outer, b->outer_lo, b->outer_hi);
	settle(out);
	out |= OUTSIDE(w->inner, b->inner_lo, b->inner_hi);
	settle(out);
	out |= OUTSIDE(w->length, b->len_lo, b->len_hi);
	settle(out);
	out |= OUTSIDE(w->frag, b->frag_lo, b->frag_hi);
	settle(out);
	out |= 0 - (__u64)((w->tcp_flags & b->tcp_mask) ^ b->tcp_value); /* nonzero: differs */
	settle(out);
	out |= 0 - (__u64)(w->missing & b->flags);
	out |= (__u64)(w->hook_bit & b->hooks) - 1;
	return (__s64)out < 0;
}

/* "addresses" is negative when they are outside. */
static __always_inline int outside_box(const struct walk *w, const struct box *b, __u64 addresses)
{
	addresses |= OUTSIDE(w->dport, b->dport_lo, b->dport_hi) |
		     OUTSIDE(w->proto, b->proto_lo, b->proto_hi);
	if ((__s64)addresses < 0)
		return 1;
	return outside_rest(w, b);
}

/* The borrow of a - b - in, without a branch (Hacker's Delight, 2-13). */
static __always_inline __u64 borrow(__u64 a, __u64 b, __u64 in)
{
	return ((~a & b) | ((~a | b) & (a - b - in))) >> 63;
}

/* 1 when a < b. */
static __always_inline __u64 less6(const struct addr6 *a, const struct addr6 *b)
{
	return borrow(a->hi, b->hi, borrow(a->lo, b->lo, 0));
}

static __always_inline int outside4(const struct walk *w, const struct box4 *b)
{
	__u64 out =
		OUTSIDE(w->src.lo, b->src_lo, b->src_hi) | OUTSIDE(w->dst.lo, b->dst_lo, b->dst_hi);

	return outside_box(w, &b->box, out);
}

static __always_inline int outside6(const struct walk *w, const struct box6 *b)
{
	__u64 out = less6(&w->src, &b->src_lo);

	settle(out);
	out |= less6(&b->src_hi, &w->src);
	settle(out);
	out |= less6(&w->dst, &b->dst_lo);
	settle(out);
	out |= less6(&b->dst_hi, &w->dst);
	return outside_box(w, &b->box, out << 63);
}

/* The box matches: 1 when it decides, 0 when it only audits. */
static __always_inline long take_box(struct walk *w, const struct box *b)
{
	if (b->action != ACTION_AUDIT) {
		w->found.slot = b->slot;
		w->found.verdict = b->action == ACTION_DROP ? VERDICT_DROP : VERDICT_PASS;
		return 1;
	}
	if (w->audit_rule != b->rule + 1) {
		w->audit_rule = b->rule + 1;
		if (!w->found.audits++)
			w->found.audit = b->slot;
	}
	return 0;
}

/*
 * The offset is masked for the verifier; lists are aligned so that a box never straddles the end.
 */
static __always_inline const struct box4 *box4_at(const struct walk *w, __u32 i)
{
	return (const void *)((const char *)w->blob + ((w->base + i * sizeof(struct box4)) &
						       (BLOB_SIZE - sizeof(struct box4))));
}

static __always_inline const struct box6 *box6_at(const struct walk *w, __u32 i)
{
	return (const void *)((const char *)w->blob + ((w->base + i * sizeof(struct box6)) &
						       (BLOB_SIZE - sizeof(struct box6))));
}

static long try_boxes4(__u32 group, void *walk)
{
	struct walk *w = walk;
	const struct box4 *b;

	for (__u32 i = 0; i < BOXES_A_CALL; i++) {
		if (group * BOXES_A_CALL + i >= w->count)
			return 1;
		b = box4_at(w, group * BOXES_A_CALL + i);
		if (!outside4(w, b) && take_box(w, &b->box))
			return 1;
	}
	return 0;
}

static long try_boxes6(__u32 group, void *walk)
{
	struct walk *w = walk;
	const struct box6 *b;

	for (__u32 i = 0; i < BOXES_A_CALL; i++) {
		if (group * BOXES_A_CALL + i >= w->count)
			return 1;
		b = box6_at(w, group * BOXES_A_CALL + i);
		if (!outside6(w, b) && take_box(w, &b->box))
			return 1;
	}
	return 0;
}

static __always_inline void walk_begin(struct walk *w, const struct blob *blob,
				       const struct packet *p, enum hook_id hook)
{
	__u8 kind = p->id.kind;

	w->blob = blob;
	w->src.hi = w->dst.hi = 0;
	if (packet_is_ip6(p)) {
		w->src.hi = net64(p->src6[0]);
		w->src.lo = net64(p->src6[1]);
		w->dst.hi = net64(p->dst6[0]);
		w->dst.lo = net64(p->dst6[1]);
	} else {
		w->src.lo = net32(p->src4);
		w->dst.lo = net32(p->dst4);
	}
	w->sport = net16(p->id.sport);
	w->dport = net16(p->id.dport);
	w->ifindex = p->id.ifindex;
	w->outer = ID_OUTER(p->id.tags);
	w->inner = ID_INNER(p->id.tags);
	w->proto = ID_PROTO(p->id.tags);
	w->length = p->length > 65535 ? 65535 : p->length;
	w->frag = kind & KIND_LATER ? 2 : kind & KIND_FIRST ? 1 : 0;
	w->hook_bit = 1 << hook;
	w->missing = kind & KIND_PORTS ? 0 : BOX_PORTS;
	w->tcp_flags = p->tcp_flags;
	/*
	 * Zero, but not to the verifier: it would follow a known count through every value it can
	 * take.
	 */
	w->audit_rule = w->found.audits = blob->zero;
	w->found.slot = w->found.audit = blob->zero;
	w->found.verdict = blob->policy;
}

/* Walk the list of the packet's family, "group" boxes a call. */
static __always_inline void walk_list(struct walk *w, const struct packet *p, __u32 group,
				      long (*try4)(__u32, void *), long (*try6)(__u32, void *))
{
	if (packet_is_ip6(p)) {
		w->base = w->blob->boxes6;
		w->count = w->blob->count6;
	} else if (p->id.kind & KIND_IP4) {
		w->base = w->blob->boxes4;
		w->count = w->blob->count4;
	} else {
		w->base = w->blob->boxes_other;
		w->count = w->blob->count_other;
	}
	/* One call each: the kernel inlines a loop only when it knows what is called. */
	if (packet_is_ip6(p)) {
		repeat((w->count + group - 1) / group, try6, w);
		apart(6);
	} else {
		repeat((w->count + group - 1) / group, try4, w);
		apart(4);
	}
}

/* The deciding rule's slot and verdict; else the policy's. */
static __always_inline void classify(const struct blob *blob, const struct packet *p,
				     enum hook_id hook, struct decision *ret)
{
	struct walk w;

	walk_begin(&w, blob, p, hook);
	walk_list(&w, p, BOXES_A_CALL, try_boxes4, try_boxes6);
	*ret = w.found;
}

/*
 * One step of a binary search, by the borrow of a subtraction: a branch the verifier would
 * multiply. Both sums are kept from the compiler, which would make a branch of the first and an
 * "or" of the second, after which Linux 6.1 knows no bounds any more.
 */
static __always_inline __u64 len_step(const struct blob *blob, __u64 at, __u64 step, __u64 length)
{
	__u64 less = blob->len_class[(at + step - 1) & LEN_CLASSES] - length;

	asm volatile("" : "+r"(less));
	at += step & -(less >> 63);
	asm volatile("" : "+r"(at));
	return at;
}

/* The byte of the flow key that makes a verdict a function of the key: see struct blob. */
static __always_inline __u8 packet_class(const struct blob *blob, const struct packet *p)
{
	__u64 length = p->length > 65535 ? 65535 : p->length;
	__u64 at = 0;

	if (!blob->len_classes)
		return blob->flag_class[p->tcp_flags];
	at = len_step(blob, at, 16, length);
	at = len_step(blob, at, 8, length);
	at = len_step(blob, at, 4, length);
	at = len_step(blob, at, 2, length);
	at = len_step(blob, at, 1, length);
	return blob->flag_class[p->tcp_flags] + at;
}

#endif
