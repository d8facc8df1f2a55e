/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* limit.bpf.h - a packet that a limit rule decides: is it within the rate? */
#ifndef NETCTL_LIMIT_BPF_H
#define NETCTL_LIMIT_BPF_H

#include "bucket.h"
#include "../rules/judge.bpf.h"

static __always_inline struct bucket_set *bucket_set(__u32 i)
{
	return bpf_map_lookup_elem(&netctl_buckets, &i);
}

/* By itself, so that the verifier goes on from here once, not for each kind of key. */
__noinline __u64 bucket_key(const struct visit *v, const struct rule_extra *extra)
{
	if (!v || !extra)
		return 0;
	return limit_key(&extra->meter, &v->packet, v->slot, COUNT_HOOK, (const __u64 *)opts.seed);
}

/* Without a branch: clang 19 would have the verifier go on from both ways. */
static __always_inline __u64 units_of(const struct meter *m, const struct visit *v)
{
	__u64 bytes = 0 - (__u64)(m->unit / METER_BYTES & 1);

	settle(bytes);
	return v->packets ^ ((v->packets ^ v->bytes) & bytes);
}

/*
 * Does an interface below charge the packet? OUTPUT sees each packet once. Where the rules may judge
 * otherwise there, "once" says that all interfaces charge it.
 */
static __always_inline int paid_below(const struct meter *m, const struct visit *v)
{
	__u32 ifindex = v->packet.id.ifindex; /* Linux 6.1 takes a key from the stack */
	const __u32 *hooks = NULL;

	if (COUNT_HOOK != HOOK_NF && m->once & 1 << COUNT_HOOK)
		hooks = bpf_map_lookup_elem(&netctl_below, &ifindex);
	return hooks && *hooks & 1 << COUNT_HOOK;
}

/*
 * Charge the packet: what is beyond the rate is dropped, on a slot and in an entry of its own, so
 * that a flow's entries each have one verdict.
 *
 * Not from judge(): stack is scarce.
 */
__noinline int limit(struct visit *v, const struct blob_image *image)
{
	const struct blob *blob = (const struct blob *)image;
	const struct rule_extra *extra;
	struct bucket_set *head, *set;
	const struct meter *m;
	__u64 key, now, cost, burst;

	if (!v || !blob)
		return 0;
	extra = extra_of(blob, v->limit);
	if (!extra)
		return 0;
	m = &extra->meter;
	if (paid_below(m, v))
		return 0;
	key = bucket_key(v, extra);
	head = bucket_set(0);
	set = bucket_set(1 + (key >> 32 & (opts.buckets - 1)));
	if (!head || !set)
		return 0;
	now = bpf_ktime_get_ns() * TICKS_NS;
	burst = m->burst | (__u64)v->follows << BUCKET_BITS; /* its first passed: it is charged */
	cost = meter_cost(m, units_of(m, v));
	if (bucket_set_take(set, key, now, cost, burst, &head->full))
		return 0;
	v->verdict = VERDICT_DROP;
	v->unsure = SURE;
	v->slot = m->beyond;
	v->packet.id.kind |= KIND_BEYOND;
	return 0;
}

#endif
