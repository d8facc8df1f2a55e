/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fragment.bpf.h - a datagram's first fragment is remembered, so that later ones, which have no ports,
 * get its verdict and count in its flow.
 */
#ifndef NETCTL_FRAGMENT_BPF_H
#define NETCTL_FRAGMENT_BPF_H

#include "flow_entry.bpf.h"
#include "../limit/limit.bpf.h"

/*
 * Which datagram: at a hook of an interface by tags, addresses, identification and, in IPv4, protocol (RFC
 * 791; in IPv6 that is what the first fragment says, RFC 8200 section 4.5). Never 0.
 */
static __always_inline __u64 fragment_key(const struct packet *p)
{
	__u64 word = (__u64)p->fragment << 32 | p->id.ifindex;
	__u64 h = (word ^ opts.seed[0]) * 0xff51afd7ed558ccdULL;

	/* Tags stand before the protocol. */
	word = packet_is_ip6(p) ? KIND_IP6 << 8 : ID_PROTO(p->id.tags);
	word |= (__u64)(p->id.tags >> 8) << 32 | COUNT_HOOK << 16;
	h = limit_mix(h, word, 0xc4ceb9fe1a85ec53ULL);
	h = limit_mix(h, p->addr[0], 0xff51afd7ed558ccdULL);
	h = limit_mix(h, p->addr[1], 0xc4ceb9fe1a85ec53ULL);
	h = limit_mix(h, p->addr[2], 0xff51afd7ed558ccdULL);
	h = limit_mix(h, p->addr[3] ^ opts.seed[1], 0xc4ceb9fe1a85ec53ULL);
	h ^= h >> 32;
	return h | !h;
}

static __always_inline struct fragment_set *fragment_set(__u64 key)
{
	__u32 i = key & (FRAGMENT_SETS - 1);

	return bpf_map_lookup_elem(&netctl_fragments, &i);
}

/* 0: the copy of a way is the key's, and whole. */
static __always_inline __u64 fragment_differs(const struct fragment *f, __u64 key)
{
	return f->check ^ f->flow ^ f->outcome ^ f->when ^ key;
}

static __always_inline void copy_fragment(const struct fragment *from, struct fragment *ret)
{
	ret->check = *(const volatile __u64 *)&from->check;
	ret->flow = *(const volatile __u64 *)&from->flow;
	ret->outcome = *(const volatile __u64 *)&from->outcome;
	ret->when = *(const volatile __u64 *)&from->when;
}

/* The way of a key, or else the one to be given up: the one that was written longest ago. */
static __always_inline __u32 fragment_way(const struct fragment_set *set, __u64 key, __u32 now)
{
	__u64 best = 0, age, less, mine;
	struct fragment f;

	ROLLED for (__u32 i = 0; i < FRAGMENT_WAYS; i++)
	{
		copy_fragment(&set->way[i], &f);
		mine = 1 - some(fragment_differs(&f, key));
		settle(mine);
		age = (__u32)(now - f.seen) + 1ULL + (mine << 40);
		settle(age);
		less = best - (age << 3 | i);
		settle(less);
		mine = 0 - (less >> 63);
		settle(mine);
		best -= less & mine;
		settle(best);
	}
	return best & (FRAGMENT_WAYS - 1);
}

/* Remember a first fragment, which has been judged. */
__noinline int fragment_first(const struct visit *v, const struct blob_image *image)
{
	const struct blob *blob = (const struct blob *)image;
	const __u32 now = FRAGMENT_CLOCK(bpf_ktime_get_ns());
	struct fragment_set *set;
	struct fragment f = {};
	struct fragment *way;
	__u64 key;

	if (!v || !blob)
		return 0;
	key = fragment_key(&v->packet);
	set = fragment_set(key);
	if (!set)
		return 0;
	f.sport = v->packet.id.sport;
	f.dport = v->packet.id.dport;
	f.protocol = ID_PROTO(v->packet.id.tags);
	f.kind = v->packet.id.kind & KINDS_KEPT;
	f.slot = v->slot;
	f.verdict = v->verdict;
	f.limit = v->limit;
	f.built = blob->built;
	f.seen = now;
	way = &set->way[fragment_way(set, key, now)];
	*(volatile __u64 *)&way->check = fragment_differs(&f, key); /* f's own is 0 */
	*(volatile __u64 *)&way->flow = f.flow;
	*(volatile __u64 *)&way->outcome = f.outcome;
	*(volatile __u64 *)&way->when = f.when;
	return 0;
}

/*
 * A later fragment, which has been judged by what it shows, becomes one of its datagram's flow if that
 * is known, and gets the verdict and the rule of its first if its own is not sure.
 */
static __always_inline void follow(struct visit *v, const struct fragment *f, __u32 built)
{
	struct flow_id *id = &v->packet.id;

	id->sport = f->sport;
	id->dport = f->dport;
	id->tags = (id->tags & ~0xffU) | f->protocol;
	id->kind = (id->kind & ~KINDS_KEPT) | f->kind;
	if (!v->unsure) {
		id->kind &= ~KIND_BEYOND; /* that is the first's verdict, not its */
		return;
	}
	v->unsure = 0;
	v->follows = 1;
	v->verdict = f->verdict;
	v->slot = f->slot;
	v->limit = f->built == built && f->verdict == VERDICT_PASS ? f->limit : 0;
}

__noinline int fragment_later(struct visit *v, __u32 built)
{
	const __u32 now = FRAGMENT_CLOCK(bpf_ktime_get_ns());
	struct fragment_set *set;
	struct fragment f;
	__u64 key;

	if (!v)
		return 0;
	key = fragment_key(&v->packet);
	set = fragment_set(key);
	if (!set)
		return 0;
	ROLLED for (__u32 i = 0; i < FRAGMENT_WAYS; i++)
	{
		copy_fragment(&set->way[i], &f);
		if (fragment_differs(&f, key) || (__u32)(now - f.seen) > FRAGMENT_LIFE)
			continue;
		follow(v, &f, built);
		break;
	}
	return 0;
}

/*
 * A fragment that has been judged, charged to its limit, remembered or found: from here on it counts as
 * what its datagram is. Returns the hash of that flow.
 */
__noinline __u32 fragment(struct visit *v, const struct blob_image *image)
{
	if (!v || !image)
		return 0;
	/* TCP that overlaps its header follows nobody. */
	if ((v->packet.id.kind & (KIND_LATER | KIND_HIDDEN)) == KIND_LATER)
		fragment_later(v, ((const struct blob *)image)->built);
	if (v->limit)
		limit(v, image);
	if (!(v->packet.id.kind & KIND_LATER))
		fragment_first(v, image);
	v->packet.id.kind &= ~KINDS_FRAGMENT;
	return packet_is_ip6(&v->packet) ? hash_key(&v->packet, WORDS6)
					 : hash_key(&v->packet, WORDS4);
}

#endif
