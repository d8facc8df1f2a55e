/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookup.h - an address to the class of sets it is in, by the directory; compiles as BPF and
 * natively. The includer has included parts.bpf.h or parts_native.h first.
 */
#ifndef NETCTL_LOOKUP_H
#define NETCTL_LOOKUP_H

#include "../boottime.h"
#include "lookup6.h"

#define SERVICE_STEPS 24 /* of all ports of all protocols */

#define MET_TIMED 1   /* it will change by itself */
#define MET_COUNTED 2 /* elements have counters */

static __always_inline __u32 leaf4_of(const struct node4 *node, __u32 a)
{
	__u64 n = 0;

	for (int i = 0; i < NODE4; i++)
		n += is_less(node->last[i], a);
	return n;
}

static __always_inline __u32 info4_of(const struct leaf4 *leaf, __u32 a)
{
	__u64 n = 0;
	__u32 info;

	for (int i = 1; i < LEAF4; i++)
		n += is_less(leaf->range[i].lo, (__u64)a + 1);
	info = leaf->range[n].info;
	return (__u64)(a - leaf->range[n].lo) >> (SPAN_OF(info) & 63) ? 0 : info;
}

#define EACH16(x) ((__u64)(x)*0x0001000100010001ULL)

/*
 * Nonzero when an address is in a prefix of a word: "key" is its bits below the page's or block's,
 * and a one, in each part of 16 bits. A prefix's mask is what changes when 1 is taken from it.
 */
static __always_inline __u64 match16(__u64 word, __u64 key)
{
	__u64 mask = word ^ (word - EACH16(1));
	__u64 differs = (word ^ key) & ~mask;

	return (differs - EACH16(1)) & ~differs & EACH16(0x8000);
}

/* The info of what a page has, or 0, or INFO_TREE. */
static __always_inline __u32 find_page(const struct dense4_pages *m, parts_ref parts, __u32 a)
{
	const struct dense4_page *page =
		place_at(parts, m->pages + (__u64)(a >> PAGE_BITS) * sizeof(*page), sizeof(*page));
	const struct dense4_block *block;
	__u64 key, word, found, bits;
	__u32 info;

	if (!page)
		return 0;
	COUNT_STEP(STEP);
	word = page->word[0];
	info = m->info[PAGE_INFO(word)];
	if (!PAGE_CUTS(word)) {
		key = EACH16((a << 1 | 1) & 0xffff);
		/* No prefix, but what no address matches. */
		word = (word & ~0xffffULL) | ((key & 0xffff) ^ 0x8000);
		found = match16(word, key) | match16(page->word[1], key);
		found |= match16(page->word[2], key) | match16(page->word[3], key);
		return found ? info : 0;
	}
	bits = PAGE_BITS - PAGE_CUTS(word);
	block = place_at(
		parts,
		m->blocks + (PAGE_BLOCKS(word) + ((a & ((1 << PAGE_BITS) - 1)) >> (bits & 15))) *
				    sizeof(*block),
		sizeof(*block));
	if (!block)
		return 0;
	COUNT_STEP(STEP);
	if (block->word[0] == BLOCK_TREE)
		return INFO_TREE;
	key = EACH16((a << 1 & ((2U << (bits & 15)) - 1)) | 1);
	return match16(block->word[0], key) | match16(block->word[1], key) ? info : 0;
}

/* What an IPv4 address in host order is in: info, or 0. */
static __always_inline __u32 find_range4(const struct directory *d, parts_ref parts, __u32 a4)
{
	const struct addr6 a = { 0, a4 };
	const struct node4 *node;
	const struct leaf4 *leaf;
	__u32 n;

	if (a4 < d->first.lo || a4 > d->last.lo)
		return 0;
	node = find_node(d, parts, &a, (__u32)(a4 - d->first.lo) >> (d->shift & 31), FAMILY_IP4,
			 &n);
	if (!node)
		return 0;
	n = n * (NODE4 + 1) + leaf4_of(node, a4);
	COUNT_STEP(STEP);
	leaf = place_at(parts, d->leaves + (__u64)n * sizeof(*leaf), sizeof(*leaf));
	return leaf ? info4_of(leaf, a4) : 0;
}

/* The answer of a service, or of what its record says of all others. */
VERIFIED_ALONE __u32 find_service(const struct lookup_head *m, parts_ref parts,
				  const struct lookup_record *record, __u32 service)
{
	__u64 lo, hi, above, key = service;

	if (!m || !record)
		return 0;
	lo = record->steps;
	hi = lo + record->count;
	if (record->any)
		key &= 0xffff | (key >> 31 << 16); /* what is no port stays above all */
	ROLLED for (int i = 0; i < SERVICE_STEPS && lo < hi; i++)
	{
		__u64 mid = (lo + hi) / 2;
		const struct lookup_step *step =
			place_at(parts, m->steps + mid * sizeof(*step), sizeof(*step));

		if (!step)
			break;
		COUNT_STEP(STEP);
		above = is_less(step->hi, key);
		if (!(above | is_less(key, step->lo)))
			return step->answer;
		halve(&lo, &hi, mid, above, 0xffffffff);
	}
	return record->answer;
}

static __always_inline __u64 met_of(const struct lookup_outcome *a)
{
	return (a->until ? MET_TIMED : 0) | (a->count ? MET_COUNTED : 0);
}

/* Of a chain of answers, the one that holds now: class, MET_ bits << 16, its number << 32. */
VERIFIED_ALONE __u64 find_answer(const struct lookup_head *m, parts_ref parts, __u32 first)
{
	const struct lookup_outcome *a;

	if (!m)
		return 0;
	ROLLED for (__u64 i = 0; i < MAX_CHAIN; i++)
	{
		a = place_at(parts, m->answers + (first + i) * sizeof(*a), sizeof(*a));
		if (!a)
			return 0;
		if (!a->until || boottime_seconds() < a->until)
			return (first + i) << 32 | met_of(a) << 16 | a->class;
	}
	return 0;
}

/* Protocol << 16 | port of one end, UNSEEN_SERVICE() or NO_SERVICE. */
static __always_inline __u32 service_of(const struct packet *p, int dst)
{
	__u32 proto = ID_PROTO(p->id.tags);

	if (p->id.kind & KINDS_UNSEEN)
		return UNSEEN_SERVICE(proto | p->id.kind / KIND_BLIND * UNSEEN_PROTO);
	if (!(p->id.kind & KIND_PORTS) || proto == PROTO_ICMP || proto == PROTO_ICMPV6)
		return NO_SERVICE;
	return proto << 16 | net16(dst ? p->id.dport : p->id.sport);
}

/* What the elements of sets of ports that have counters ask for: as of lookup_sets(), without a class. */
static __always_inline __u64 find_port(const struct lookup_head *m, parts_ref parts,
				       const struct packet *p, int dst)
{
	const struct lookup_record *record;
	__u32 service;

	if (!(m->port_directions >> dst & 1))
		return 0;
	service = service_of(p, dst);
	if (service >> 31) /* there is none to be seen */
		return 0;
	record = place_at(parts, m->records + (__u64)m->port_record * sizeof(*record),
			  sizeof(*record));
	return find_answer(m, parts, find_service(m, parts, record, service));
}

/* The info of one end of a packet, its source or its destination; 0: it is in no set. */
static __always_inline __u32 find_info4(const struct lookup_head *m, parts_ref parts,
					const struct packet *p, int dst)
{
	__u32 a = net32(dst ? p->dst4 : p->src4), info = INFO_TREE;

	if (!(p->id.kind & KIND_IP4))
		return 0;
	if (m->pages.pages)
		info = find_page(&m->pages, parts, a);
	return info == INFO_TREE ? find_range4(&m->directory[FAMILY_IP4], parts, a) : info;
}

static __always_inline __u32 find_info6(const struct lookup_head *m, parts_ref parts,
					const struct packet *p, int dst)
{
	const __u64 *a = &p->addr[2 * dst];

	return find_range6(m, parts, net64(a[0]), net64(a[1]));
}

static __always_inline __u32 find_info(const struct lookup_head *m, parts_ref parts,
				       const struct packet *p, int dst)
{
	return packet_is_ip6(p) ? find_info6(m, parts, p, dst) : find_info4(m, parts, p, dst);
}

/* What an info says of the packet: class, MET_ bits << 16, number of the answer << 32. */
static __always_inline __u64 lookup_sets(const struct lookup_head *m, parts_ref parts,
					 const struct packet *p, int dst, __u32 info)
{
	const struct lookup_record *record;

	if (!(info & INFO_SPECIAL))
		return INFO_WHAT(info);
	record = place_at(parts, m->records + (__u64)INFO_WHAT(info) * sizeof(*record),
			  sizeof(*record));
	if (!record)
		return 0;
	if (!record->count)
		return find_answer(m, parts, record->answer);
	return find_answer(m, parts, find_service(m, parts, record, service_of(p, dst)));
}

/* Both, in a direction that rules look at. */
static __always_inline __u64 find_sets(const struct lookup_head *m, parts_ref parts,
				       const struct packet *p, int dst)
{
	if (!(m->directions >> dst & 1))
		return 0;
	return lookup_sets(m, parts, p, dst, find_info(m, parts, p, dst));
}

#endif
