/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * walk.h - a packet as boxes compare it, and the comparison; compiles as BPF and natively. The
 * includer has included parts.bpf.h or parts_native.h first.
 */
#ifndef NETCTL_WALK_H
#define NETCTL_WALK_H

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

/* A packet's fields as nodes and boxes see them. No pointer of the verifier's is in it. */
struct key {
	__u32 word[KEY_WORDS]; /* host order, enum key_word */
	parts_ref parts;       /* where the nodes are */
	__u8 frag, tcp_flags;
	__u8 hook_bit, missing; /* missing: enum box_flags the packet cannot serve */
};

/* How far the walk has come. Stack is scarce. */
struct walk {
	const struct blob *blob;
	const char *part; /* the part the leaf is in */
	struct key key;
	__u32 base;	  /* byte offset of the list, or of the leaf's next box in its part */
	__u32 count;	  /* boxes of the list, or left in the leaf */
	__u32 rule;	  /* position of the best rule found; NO_RULE: none yet */
	__u32 slot;	  /* and its slot */
	__u32 audit;	  /* slot of the first audit rule that matches */
	__u32 audit_rule; /* position + 1 of the audit rule counted last: its boxes may overlap */
	__u16 audits;	  /* how many audit rules match */
	__u8 verdict;	  /* enum verdict */
	__u8 family;	  /* enum family */
	__u8 tree;	  /* the next one */
	__u8 frag, tcp_flags;
	__u8 hook_bit, missing; /* missing: enum box_flags the packet cannot serve */
};

/*
 * Negative as a signed number when x is not in lo..hi (all below 2^63): ORed, one sign test serves
 * all fields.
 */
#define OUTSIDE(x, lo, hi) (((__u64)(x) - (__u64)(lo)) | ((__u64)(hi) - (__u64)(x)))

/* The rest of a box, for the few packets that the fields most rules look at leave. */
VERIFIED_ALONE int outside_rest(const struct key *key, const struct box *b)
{
	__u64 out;

	if (!key || !b)
		return 1;
	out = OUTSIDE(key->word[KEY_SPORT], b->sport_lo, b->sport_hi);

	/* In steps: all at once, clang keeps every field in a stack slot of its own. */
	settle(out);
	out |= OUTSIDE(key->word[KEY_IFINDEX], b->ifindex_lo, b->ifindex_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_OUTER], b->outer_lo, b->outer_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_INNER], b->inner_lo, b->inner_hi);
	settle(out);
	out |= OUTSIDE(key->word[KEY_LENGTH], b->len_lo, b->len_hi);
	settle(out);
	out |= OUTSIDE(key->frag, b->frag_lo, b->frag_hi);
	settle(out);
	out |= 0 - (__u64)((key->tcp_flags & b->tcp_mask) ^ b->tcp_value); /* nonzero: differs */
	settle(out);
	out |= 0 - (__u64)(key->missing & b->flags);
	out |= (__u64)(key->hook_bit & b->hooks) - 1;
	return (__s64)out < 0;
}

/* "addresses" is negative when they are outside. */
static __always_inline int outside_box(const struct walk *w, const struct box *b, __u64 addresses)
{
	addresses |= OUTSIDE(w->key.word[KEY_DPORT], b->dport_lo, b->dport_hi) |
		     OUTSIDE(w->key.word[KEY_PROTO], b->proto_lo, b->proto_hi);
	if ((__s64)addresses < 0)
		return 1;
	return outside_rest(&w->key, b);
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
	__u64 out = OUTSIDE(w->key.word[KEY_SRC + 3], b->src_lo, b->src_hi) |
		    OUTSIDE(w->key.word[KEY_DST + 3], b->dst_lo, b->dst_hi);

	return outside_box(w, &b->box, out);
}

static __always_inline struct addr6 address_of(const __u32 *word)
{
	return (struct addr6){ (__u64)word[0] << 32 | word[1], (__u64)word[2] << 32 | word[3] };
}

/* By itself, for a stack slot less in each of its callers. */
VERIFIED_ALONE int outside_addresses6(const struct key *key, const struct box6 *b)
{
	struct addr6 a;
	__u64 out;

	if (!key || !b)
		return 1;
	a = address_of(&key->word[KEY_SRC]);
	out = less6(&a, &b->src_lo);
	settle(out);
	out |= less6(&b->src_hi, &a);
	settle(out);
	a = address_of(&key->word[KEY_DST]);
	out |= less6(&a, &b->dst_lo);
	settle(out);
	return out | less6(&b->dst_hi, &a);
}

static __always_inline int outside6(const struct walk *w, const struct box6 *b)
{
	return outside_addresses6(&w->key, b) || outside_box(w, &b->box, 0);
}

/* The words of an address in network order. */
static __always_inline void key_address(__u32 *word, const __u64 *a)
{
	__u64 hi = net64(a[0]), lo = net64(a[1]);

	word[0] = hi >> 32;
	word[1] = hi;
	word[2] = lo >> 32;
	word[3] = lo;
}

/* Without branches: the verifier would follow each value to the end. */
_Static_assert(KIND_LATER == 2 * KIND_FIRST && BOX_PORTS == 1, "shifted to frag and missing");
_Static_assert(FAMILY_IP4 == 0 && FAMILY_IP6 == 1 && FAMILY_OTHER == 2 && KIND_IP4 == 1, "family");

static __always_inline void walk_begin(struct walk *w, const struct blob *blob,
				       const struct packet *p, enum hook_id hook)
{
	__u8 kind = p->id.kind;

	w->blob = blob;
	if (packet_is_ip6(p)) {
		key_address(&w->key.word[KEY_SRC], p->src6);
		key_address(&w->key.word[KEY_DST], p->dst6);
	} else {
		for (int i = 0; i < 3; i++)
			w->key.word[KEY_SRC + i] = w->key.word[KEY_DST + i] = 0;
		w->key.word[KEY_SRC + 3] = net32(p->src4);
		w->key.word[KEY_DST + 3] = net32(p->dst4);
	}
	settle_all();
	w->key.word[KEY_SPORT] = net16(p->id.sport);
	w->key.word[KEY_DPORT] = net16(p->id.dport);
	w->key.word[KEY_PROTO] = ID_PROTO(p->id.tags);
	w->key.word[KEY_IFINDEX] = p->id.ifindex;
	w->key.word[KEY_OUTER] = ID_OUTER(p->id.tags);
	w->key.word[KEY_INNER] = ID_INNER(p->id.tags);
	w->key.word[KEY_LENGTH] = p->length > 65535 ? 65535 : p->length;
	w->key.parts = parts_of(blob);
	settle_all();
	w->key.frag = kind / KIND_FIRST & 3;
	w->key.hook_bit = 1 << hook;
	w->key.missing = (kind / KIND_PORTS & BOX_PORTS) ^ BOX_PORTS;
	w->key.tcp_flags = p->tcp_flags;
	settle_all();
	/*
	 * Zero, but not to the verifier: it would follow a known count through every value it can
	 * take.
	 */
	w->audit_rule = w->audits = blob->zero;
	w->slot = w->audit = blob->zero;
	w->verdict = blob->policy;
	w->tree = blob->zero;
	w->rule = NO_RULE - blob->zero;
	w->family = FAMILY_OTHER - 2 * (kind & KIND_IP4) - (kind & KIND_IP6) / KIND_IP6;
}

/* The mask is for the verifier. */
static __always_inline const struct family_rules *rules_of(const struct walk *w)
{
	return &w->blob->family[w->family & 3];
}

/* What a rule decides, unless a better one has. */
static __always_inline void decide(struct walk *w, const struct box *b)
{
	w->rule = b->rule;
	w->slot = b->slot;
	w->verdict = b->action == ACTION_DROP ? VERDICT_DROP : VERDICT_PASS;
}

#endif
