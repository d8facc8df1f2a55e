/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bucket.h - rate limits: what a packet costs its bucket, and whether that has it; compiles as BPF
 * and natively.
 *
 * A bucket is one number, the time at which it is full again (GCRA's theoretical arrival time): a
 * packet within the rate moves it on by what the packet takes at that rate, one that would move it
 * further ahead of the clock than the burst is beyond. Nothing refills a bucket, and one whose time
 * has passed is full, whoever's it was.
 */
#ifndef NETCTL_BUCKET_H
#define NETCTL_BUCKET_H

#include "../parse/packet.h"
#include "../order.h"

#define LIMIT_TRIES 4 /* of a change that another CPU came before */

/* Ticks of what that many packets or bytes take at the rate. */
static __always_inline __u64 meter_cost(const struct meter *m, __u64 units)
{
	__u64 counted = units < m->most ? units : m->most;

	return (counted * m->cost + ((1ULL << m->shift) >> 1)) >> m->shift;
}

/*
 * How far a bucket is ahead of the clock. Further than any bucket gets: its time has passed (time
 * is modulo 2^64 ticks, 36 years).
 */
static __always_inline __u64 bucket_ahead(__u64 full_at, __u64 now)
{
	__u64 ahead = full_at - now;

	return ahead & (some(ahead >> BUCKET_BITS) - 1);
}

/*
 * Take a packet's cost out of a bucket: 1, and *ret is when it is full again, or 0: the packet is
 * beyond the rate. A super-packet that is larger than the burst needs a full bucket and then pays
 * in full, or it could never pass.
 */
static __always_inline int bucket_take(__u64 full_at, __u64 now, __u64 cost, __u64 burst,
				       __u64 *ret)
{
	__u64 ahead = bucket_ahead(full_at, now);
	__u64 needs = cost < burst ? cost : burst;

	*ret = now + ahead + cost;
	return ahead + needs <= burst;
}

/* The same for a bucket that other CPUs take from: none loses what another took. */
static __always_inline int bucket_share(__u64 *bucket, __u64 now, __u64 cost, __u64 burst)
{
	__u64 seen = *(volatile __u64 *)bucket, next, was;

	ROLLED for (int i = 0; i < LIMIT_TRIES; i++)
	{
		if (!bucket_take(seen, now, cost, burst, &next))
			return 0;
		was = __sync_val_compare_and_swap(bucket, seen, next);
		if (was == seen)
			return 1;
		seen = was;
	}
	/* Always just too late: what others just took from has a time to come, which may be added to. */
	__sync_fetch_and_add(bucket, cost);
	return 1;
}

/*
 * ---- the table of buckets: sets of ways, each of which belongs to a key for as long as its time
 * has not come ----
 */

static __always_inline __u64 limit_mix(__u64 h, __u64 word, __u64 factor)
{
	return (h ^ h >> 32 ^ word) * factor;
}

/*
 * Whose bucket it is: a keyed hash of the rule's slot, the hook, and what the limit is for each of.
 * Hooks have buckets of their own, or what this host sends would be charged at OUTPUT and again at
 * TC. The lowest bit tells the one bucket of a rule as a whole, which no other takes over while it
 * is used.
 */
static __always_inline __u64 limit_key(const struct meter *m, const struct packet *p, __u32 slot,
				       enum hook_id hook, const __u64 *seed)
{
	__u64 words[5] = { 0 }, h;
	int six = packet_is_ip6(p);

	if (m->per == PER_SRC || m->per == PER_DST) {
		const __u64 *a = m->per == PER_SRC ? p->src6 : p->dst6;

		words[0] = six ? a[0] & m->mask6[0]
			       : (m->per == PER_SRC ? p->src4 : p->dst4) & m->mask4;
		words[1] = six ? a[1] & m->mask6[1] : 0;
	} else if (m->per == PER_FLOW) {
		words[0] = p->addr[0];
		words[1] = p->addr[1];
		words[2] = p->addr[2];
		words[3] = p->addr[3];
		words[4] = (__u64)p->id.sport << 32 | (__u64)p->id.dport << 16 |
			   ID_PROTO(p->id.tags) << 8;
	}
	if (m->per != PER_RULE) /* which has one rate for both families */
		words[4] |= six ? KIND_IP6 : 0;
	h = (((__u64)slot << 32 | hook) ^ seed[0]) * 0xff51afd7ed558ccdULL;
	h = limit_mix(h, words[0], 0xc4ceb9fe1a85ec53ULL);
	h = limit_mix(h, words[1], 0xff51afd7ed558ccdULL);
	h = limit_mix(h, words[2], 0xc4ceb9fe1a85ec53ULL);
	h = limit_mix(h, words[3], 0xff51afd7ed558ccdULL);
	h = limit_mix(h, words[4] ^ seed[1], 0x9e3779b97f4a7c15ULL);
	h ^= h >> 32;
	return m->per == PER_RULE ? h | 1 : h & ~1ULL;
}

/*
 * The key's way, or the one it may have, as rank << 3 | way: rank 0 is its own, 1 a free one, else
 * none is free and this is the nearest to it. A rule's own bucket comes last for the buckets of
 * others.
 */
static __always_inline __u64 bucket_find(const struct bucket_set *set, __u64 key, __u64 now)
{
	__u64 best = ~0ULL >> 1, owner, rank, mask;

	ROLLED for (__u32 i = 0; i < BUCKET_WAYS; i++)
	{
		owner = *(volatile __u64 *)&set->way[i].key;
		rank = bucket_ahead(*(volatile __u64 *)&set->way[i].full_at, now);
		rank += 1 + ((owner & ~key & some(rank)) << BUCKET_BITS);
		mask = 0 - some(owner ^ key);
		settle(mask);
		rank = (rank & mask) << 3 | i;
		mask = 0 - ((rank - best) >> 63);
		settle(mask);
		best ^= (best ^ rank) & mask;
	}
	return best;
}

/*
 * Is there enough in the key's bucket? A free way that it gets is a full bucket, for its time has
 * passed. When none is free *full counts it, and the key goes on with what is in the bucket it
 * gets: buckets that are too few let less through, never more.
 */
static __always_inline int bucket_set_take(struct bucket_set *set, __u64 key, __u64 now, __u64 cost,
					   __u64 burst, __u64 *full)
{
	__u64 best = bucket_find(set, key, now), owner;
	struct bucket *way = &set->way[best & (BUCKET_WAYS - 1)];

	if (best >> 3) {
		owner = *(volatile __u64 *)&way->key;
		if (best >> 3 > 1)
			__sync_fetch_and_add(full, 1);
		/* The loser of the race finds its bucket with the next packet; this one takes from another key's. */
		__sync_val_compare_and_swap(&way->key, owner, key);
	}
	return bucket_share(&way->full_at, now, cost, burst);
}

#endif
