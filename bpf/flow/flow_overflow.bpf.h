/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_overflow.bpf.h - packets that are counted without an entry of the flow table. */
#ifndef NETCTL_FLOW_OVERFLOW_BPF_H
#define NETCTL_FLOW_OVERFLOW_BPF_H

#include "flow_entry.bpf.h"
#include "../rules/shown.h"

_Static_assert(REASON_TINY_DROP == REASON_TINY + UNSURE &&
		       REASON_TAGS_DROP == REASON_TAGS + UNSURE &&
		       REASON_EXT_DROP == REASON_EXT + UNSURE &&
		       REASON_EARLY == REASON_FRAGMENT + UNSURE &&
		       REASON_EARLY_DROP == REASON_FRAGMENT + UNSURE_DROP,
	       "what was not sure comes next");

/* The exit's reason: the parse's, unless the rules surely dropped the packet. */
static __always_inline enum reason exit_reason(const struct visit *v)
{
	if (v->verdict == VERDICT_PASS || v->unsure)
		return v->parsed + v->unsure;
	if (v->slot)
		return v->packet.id.kind & KIND_BEYOND ? REASON_LIMIT : REASON_RULE;
	return REASON_POLICY;
}

/* Count on an outcome's rules what is not pending in an entry. */
static __always_inline void close_rules(__u32 place, __u32 slot, __u32 audit, __u64 packets,
					__u64 bytes)
{
	closed_add(place, slot, packets, bytes);
	if (audit)
		closed_add(place, audit, packets, bytes);
}

/* A packet no entry could take: counted all the same. */
static __always_inline void count_unlisted(const struct visit *v, struct region *region)
{
	total_closed(v->place, v->packet.id.ifindex, v->verdict, v->packets, v->bytes);
	close_rules(v->place, v->slot, v->audit, v->packets, v->bytes);
	add_count(&region->unlisted.half[v->half & 1], v->packets, v->bytes);
}

/* A flow that is dropped may make others give way only so often in a jiffy. */
static __always_inline int has_budget(const struct region *region, __u32 now)
{
	return region->drop_tick != now || region->drop_entries < DROP_ENTRIES;
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

	if (!region || has_budget(region, bpf_jiffies64()) || !find_tags(v, hash, words, &group))
		return 0;
	if (like_tags(&group) || zero_bytes(tag_word(&group)))
		return 0;
	count_unlisted(v, region);
	return 1;
}

#endif
