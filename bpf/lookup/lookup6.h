/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup6.h - an IPv6 address to what it is in, by nodes and leaves; compiles as BPF and natively. */
#ifndef NETCTL_LOOKUP6_H
#define NETCTL_LOOKUP6_H

#include "lookup_node.h"

static __always_inline __u64 leaf6_of(const struct node6 *node, const struct addr6 *a)
{
	struct addr6 distance = distance6(a, &node->base);
	__u32 shift = node->shift & 127;
	__u64 at = shifted6(&distance, shift), n = node->leaf;

	if (at >= NO_LEAF6 || (shift < 64 && distance.hi >> shift))
		at = NO_LEAF6 - 1;
	for (int i = 0; i < NODE6 - 1; i++)
		n += is_less(node->at[i], at + 1);
	return n;
}

static __always_inline __u32 near6_of(const struct near6 *leaf, parts_ref parts, __u32 lows,
				      const struct addr6 *a)
{
	__u64 far = a->hi - leaf->base, at = far >> (leaf->shift & 63), n = 0;
	const __u64 *low;
	__u32 span;

	if (a->hi < leaf->base)
		return leaf->kind & LEAF6_AFTER ? INFO_BEFORE : 0;
	if (at >> 32)
		at = 1ULL << 32;
	for (int i = 0; i < NEAR6 - 1; i++)
		n += is_less(leaf->at[i], at + 1);
	if (n >= NEAR6)
		return 0; /* never: for the verifier */
	span = leaf->span[n];
	if (n)
		far -= (__u64)leaf->at[n - 1] << (leaf->shift & 63);
	if (span < NEAR_OPEN)
		return far >> span ? 0 : leaf->info;
	if (span < NEAR_HOST)
		return span == NEAR_OPEN ? leaf->info : 0;
	if (far)
		return 0; /* without a look at what may be in no cache */
	COUNT_STEP(STEP);
	low = place_at(parts, lows + ((__u64)leaf->lows + span - NEAR_HOST) * sizeof(*low),
		       sizeof(*low));
	return low && *low == a->lo ? leaf->info : 0;
}

static __always_inline __u32 hosts6_of(const struct hosts6 *leaf, const struct addr6 *a)
{
	__u64 at = a->hi - leaf->base, found = 0, differ;

	for (int i = 0; i < HOST6; i++) {
		differ = (leaf->at[i] ^ at) | (leaf->low[i] ^ a->lo);
		found |= ~(differ | -differ);
		settle(found);
	}
	return leaf->info & -(found >> 63);
}

static __always_inline __u32 any6_of(const struct any6 *leaf, const struct addr6 *a)
{
	struct addr6 distance;
	__u32 info, span;
	__u64 n = ANY6 - 1;

	for (int i = 0; i < ANY6; i++) {
		n -= less6(a, &leaf->lo[i]);
		settle(n);
	}
	if (n >= ANY6)
		return leaf->kind & LEAF6_AFTER ? INFO_BEFORE : 0;
	info = leaf->info[n];
	span = SPAN_OF(info);
	if (span >= SPAN_OPEN6)
		return info;
	distance = distance6(a, &leaf->lo[n]);
	if (span < 64 && distance.hi)
		return 0;
	return shifted6(&distance, span) ? 0 : info;
}

/* The leaf's info of an address; INFO_BEFORE: it is the leaf's before. */
static __always_inline __u32 info6_of(const struct leaf6 *leaf, parts_ref parts, __u32 lows,
				      const struct addr6 *a)
{
	if (LEAF6_KIND(leaf->kind) == LEAF6_NEAR)
		return near6_of(&leaf->near, parts, lows, a);
	if (LEAF6_KIND(leaf->kind) == LEAF6_HOSTS)
		return hosts6_of(&leaf->hosts, a);
	return any6_of(&leaf->any, a);
}

/* What an IPv6 address is in: info, or 0. */
VERIFIED_ALONE __u32 find_range6(const struct lookup_head *m, parts_ref parts, __u64 hi, __u64 lo)
{
	const struct addr6 a = { hi, lo };
	const struct directory *d;
	__u32 info = INFO_BEFORE, n;
	const struct node6 *node;
	const struct leaf6 *leaf;
	struct addr6 distance;
	__u64 at;

	if (!m)
		return 0;
	d = &m->directory[FAMILY_IP6];
	if (less6(&a, &d->first) || less6(&d->last, &a))
		return 0;
	distance = distance6(&a, &d->first);
	node = find_node(d, parts, &a, shifted6(&distance, d->shift) & (MAX_BUCKETS - 1),
			 FAMILY_IP6, &n);
	if (!node)
		return 0;
	at = leaf6_of(node, &a);
	/* A second time, where one leaf begins in the unit in which the one before ends. */
	ROLLED for (int i = 0; i < 2 && info == INFO_BEFORE; i++)
	{
		COUNT_STEP(STEP);
		leaf = place_at(parts, d->leaves + (at - i) * sizeof(*leaf), sizeof(*leaf));
		info = leaf ? info6_of(leaf, parts, m->lows, &a) : 0;
	}
	return info == INFO_BEFORE ? 0 : info;
}

#endif
