/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookup_node.h - places in the parts, and the node of an address in the directory; compiles as
 * BPF and natively. The includer has included parts.bpf.h or parts_native.h first.
 */
#ifndef NETCTL_LOOKUP_NODE_H
#define NETCTL_LOOKUP_NODE_H

#include "../loop.h"
#include "../rules/step_count.h"
#include "../order.h"
#include "../parse/packet.h"

#define SEARCH_STEPS 17 /* of up to 65,536 */

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

/* 1 when a < b, both below 2^63; settled, or clang makes a branch of it. */
static __always_inline __u64 is_less(__u64 a, __u64 b)
{
	__u64 less = a - b;

	settle(less);
	return less >> 63;
}

/* The byte at a place; what is masked with "size" never straddles the end. NULL is for the verifier. */
static __always_inline const void *place_at(parts_ref parts, __u64 place, __u32 size)
{
	const char *part = part_at(parts, place / PART_SIZE);

	if (!part)
		return NULL;
	settle(part); /* nothing is added to what may be NULL */
	return part + (place & (PART_SIZE - size));
}

/* The table, like the fences, is in one part. */
static __always_inline __u64 bucket_at(const char *part, __u32 table, __u64 n)
{
	const __u16 *bucket = (const void *)(part + ((table + n * sizeof(*bucket)) &
						     (PART_SIZE - sizeof(*bucket))));

	return *bucket;
}

/*
 * One step of a search in lo..hi: "above" 1: behind mid, 0: mid or before it. Without a branch, or
 * the verifier would follow each way to the end; masked, so that each step begins as the first.
 */
static __always_inline void halve(__u64 *lo, __u64 *hi, __u64 mid, __u64 above, __u64 mask)
{
	__u64 upper = -above;

	settle(upper);
	*lo ^= (*lo ^ (mid + 1)) & upper;
	*hi ^= (*hi ^ mid) & ~upper;
	settle(*lo);
	settle(*hi);
	*lo &= mask;
	*hi &= mask;
}

/* a - b */
static __always_inline struct addr6 distance6(const struct addr6 *a, const struct addr6 *b)
{
	return (struct addr6){ a->hi - b->hi - borrow(a->lo, b->lo, 0), a->lo - b->lo };
}

/* The low 64 bits of a >> n, n in 0..127. */
static __always_inline __u64 shifted6(const struct addr6 *a, __u32 n)
{
	if (n > 63)
		return a->hi >> (n & 63);
	return a->lo >> (n & 63) | a->hi << 1 << (63 - (n & 63));
}

/* 1 when a fence, the last address of a node, is before an address. */
static __always_inline __u64 is_before(const char *part, __u64 fence, const struct addr6 *a,
				       enum family family)
{
	if (family == FAMILY_IP4) {
		fence &= PART_SIZE - sizeof(__u32);
		return is_less(*(const __u32 *)(part + fence), a->lo);
	}
	return less6((const void *)(part + (fence & (PART_SIZE - sizeof(*a)))), a);
}

/*
 * The node that has what is in a set of an address and of those in the same bucket, and its number;
 * NULL: there is none, or for the verifier. IPv4 addresses are in "lo".
 */
static __always_inline const void *find_node(const struct directory *d, parts_ref parts,
					     const struct addr6 *a, __u64 bucket,
					     enum family family, __u32 *ret)
{
	__u32 fence = family == FAMILY_IP4 ? sizeof(__u32) : sizeof(*a), place;
	const char *part = part_at(parts, d->table / PART_SIZE);
	__u64 lo, hi;

	if (!part)
		return NULL;
	settle(part);
	COUNT_STEP(STEP);
	lo = bucket_at(part, d->table, bucket);
	hi = bucket_at(part, d->table, bucket + 1);
	ROLLED for (int i = 0; i < SEARCH_STEPS && lo < hi; i++)
	{
		__u64 mid = (lo + hi) / 2;

		COUNT_STEP(STEP);
		halve(&lo, &hi, mid, is_before(part, d->fences + mid * fence, a, family), 0xffff);
	}
	COUNT_STEP(STEP);
	*ret = lo;
	place = d->nodes + lo * NODE_SIZE;
	if (place / PART_SIZE != d->table / PART_SIZE)
		part = part_at(parts, place / PART_SIZE);
	if (!part)
		return NULL;
	settle(part);
	return part + (place & (PART_SIZE - NODE_SIZE));
}

#endif
