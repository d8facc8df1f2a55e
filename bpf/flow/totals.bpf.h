/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * totals.bpf.h - counters that never lose a packet: per interface and reason, per rule, per region.
 *
 * The includer has defined COUNT_ATOMIC first: 0 where the hook runs with softirqs off and owns its
 * CPU, 1 at OUTPUT, where a softirq or another sender may come between any two instructions; and
 * COUNT_HOOK, the hook it is.
 */
#ifndef NETCTL_TOTALS_BPF_H
#define NETCTL_TOTALS_BPF_H

#include "../loop.h"
#include "../maps.bpf.h"

static __always_inline void add(__u64 *counter, __u64 n)
{
	if (COUNT_ATOMIC)
		__sync_fetch_and_add(counter, n);
	else
		*counter += n;
}

/* Set *word from old to new if nobody changed it meanwhile: the one way an entry changes hands. */
static __always_inline int swap_word(__u64 *word, __u64 old, __u64 new)
{
	if (COUNT_ATOMIC)
		return __sync_val_compare_and_swap(word, old, new) == old;
	*(volatile __u64 *)word = new;
	return 1;
}

static __always_inline void add_count(struct count *to, __u64 packets, __u64 bytes)
{
	add(&to->packets, packets);
	add(&to->bytes, bytes);
}

/* Where a packet counts: its CPU, and which half of a counter, in one word for functions' arguments. */
#define PLACE(cpu, half) ((__u32)(half) << 16 | (__u16)(cpu))
#define PLACE_CPU(place) ((place)&0xffff)
#define PLACE_HALF(place) ((place) >> 16 & 1)

static __always_inline struct totals *totals_slot(__u32 place, __u32 slot)
{
	__u32 i = PLACE_CPU(place) * opts.iface_slots + slot;

	return bpf_map_lookup_elem(&netctl_totals, &i);
}

/* Where an interface is looked for first; the slot of most. */
static __always_inline struct totals *totals_home(__u32 place, __u32 ifindex)
{
	return totals_slot(place, TOTALS_SLOT(ifindex, 0, opts.iface_slots));
}

struct totals_search {
	__u32 place, ifindex;
	__u32 slot; /* found: the last one, to begin with */
};

static long totals_probe(__u32 i, void *ctx)
{
	struct totals_search *search = ctx;
	__u32 slot = TOTALS_SLOT(search->ifindex, i, opts.iface_slots);
	struct totals *t = totals_slot(search->place, slot);

	if (!t || slot == opts.iface_slots - 1)
		return 0;
	if (!t->ifindex)
		__sync_val_compare_and_swap(&t->ifindex, 0, search->ifindex);
	if (*(volatile __u32 *)&t->ifindex != search->ifindex)
		return 0;
	search->slot = slot;
	return 1;
}

/* An interface claims a slot when first seen; the last slot serves those that find none. */
static __always_inline struct totals *totals_claim(__u32 place, __u32 ifindex)
{
	struct totals_search search = { place, ifindex, opts.iface_slots - 1 };

	repeat(TOTALS_PROBES, totals_probe, &search);
	return totals_slot(place, search.slot);
}

static __always_inline struct totals_half *totals_half(struct totals *t, __u32 place)
{
	return &t->half[PLACE_HALF(place)];
}

/* What happens once an interface, verified by itself. */
__noinline int total_seen_first(__u32 place, __u32 ifindex, __u64 why, __u64 packets, __u64 bytes)
{
	struct totals *t = totals_claim(place, ifindex);

	/*
	 * Linux 6.1 forgets what it knows of a number on the stack: compare and use one register.
	 */
	asm volatile("" : "+r"(why));
	if (t && why < MAX_REASONS)
		add_count(&totals_half(t, place)->seen[why], packets, bytes);
	return 0;
}

static __always_inline void total_seen(__u32 cpu, __u32 half, __u32 ifindex, __u64 why,
				       __u64 packets, __u64 bytes)
{
	struct totals *t = totals_home(cpu, ifindex);

	if (t && t->ifindex == ifindex && why < MAX_REASONS)
		add_count(&t->half[half & 1].seen[why], packets, bytes);
	else
		total_seen_first(PLACE(cpu, half), ifindex, why, packets, bytes);
}

/* A super-packet has passed: one frame, and so many packets more than one. */
__noinline int total_extra(__u32 place, __u32 ifindex, __u64 packets)
{
	struct totals *t = totals_claim(place, ifindex);

	if (t)
		add(&totals_half(t, place)->extra, packets);
	return 0;
}

/* What total_seen_first() does, of counters that flows leave behind. */
__noinline int total_closed_first(__u32 place, __u32 ifindex, __u32 verdict, __u64 packets,
				  __u64 bytes)
{
	struct totals *t = totals_claim(place, ifindex);

	if (t)
		add_count(&totals_half(t, place)->closed[verdict & 1], packets, bytes);
	return 0;
}

/* What no entry holds. */
static __always_inline void total_closed(__u32 place, __u32 ifindex, __u32 verdict, __u64 packets,
					 __u64 bytes)
{
	struct totals *t = totals_home(place, ifindex);

	if (t && t->ifindex == ifindex)
		add_count(&totals_half(t, place)->closed[verdict & 1], packets, bytes);
	else
		total_closed_first(place, ifindex, verdict, packets, bytes);
}

/* Slots from RULE_SLOTS on: see SLOT_BLOCKS. */
static __always_inline struct halves *block_slot(__u32 place, __u32 slot)
{
	__u32 block = slot / RULE_SLOTS, i;
	void *counts = bpf_map_lookup_elem(&netctl_blocks, &block);

	i = (COUNT_HOOK * opts.cpus + PLACE_CPU(place)) * RULE_SLOTS + slot % RULE_SLOTS;
	return counts ? bpf_map_lookup_elem(counts, &i) : NULL;
}

static __always_inline void closed_add(__u32 place, __u32 slot, __u64 packets, __u64 bytes)
{
	__u32 i = PLACE_CPU(place) * RULE_SLOTS + (slot & (RULE_SLOTS - 1));
	struct halves *closed;

	if (slot < RULE_SLOTS)
		closed = bpf_map_lookup_elem(&netctl_closed, &i);
	else
		closed = block_slot(place, slot);
	if (closed)
		add_count(&closed->half[PLACE_HALF(place)], packets, bytes);
}

static __always_inline struct region *region_of(__u32 cpu)
{
	return bpf_map_lookup_elem(&netctl_region, &cpu);
}

#endif
