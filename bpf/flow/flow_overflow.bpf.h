/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_overflow.bpf.h - packets that are counted without an entry of the flow table. */
#ifndef NETCTL_FLOW_OVERFLOW_BPF_H
#define NETCTL_FLOW_OVERFLOW_BPF_H

#include "flow_entry.bpf.h"

/* Count under an outcome what no entry holds any more; negated, what one holds again. */
static __always_inline void close_as(__u32 cpu, const struct flow_id *id, __u32 verdict, __u32 slot,
				     __u32 audit, __u64 packets, __u64 bytes)
{
	total_closed(cpu, id->ifindex, verdict, packets, bytes);
	closed_add(cpu, slot, packets, bytes);
	if (audit)
		closed_add(cpu, audit, packets, bytes);
}

/* A packet no entry could take: counted all the same. */
static __always_inline void count_unlisted(const struct visit *v, struct region *region)
{
	close_as(v->cpu, &v->packet.id, v->verdict, v->slot, v->audit, v->packets, v->bytes);
	add_count(&region->unlisted, v->packets, v->bytes);
}

/* A flow that is dropped may make others give way only so often in a jiffy. */
static __always_inline int has_budget(const struct visit *v, const struct region *region)
{
	return region->drop_tick != v->now || region->drop_entries < DROP_ENTRIES;
}

/*
 * A packet to be dropped of a flow that is not in its group, nor can be: counted, and that is all.
 * Early, because in a flood the calls that list a flow are most of the cost.
 */
static __always_inline int flooded(const struct visit *v, __u32 hash)
{
	struct region *region = region_of(v->cpu);
	int words = packet_is_ip6(&v->packet) ? WORDS6 : WORDS4;
	struct group group;

	if (!region || has_budget(v, region) || !find_tags(v, hash, words, &group))
		return 0;
	if (like_tags(&group) || zero_bytes(tag_word(&group)))
		return 0;
	count_unlisted(v, region);
	return 1;
}

#endif
