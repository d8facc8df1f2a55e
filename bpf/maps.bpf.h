/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps.bpf.h - every map, once.
 *
 * Plain arrays indexed by CPU, not per-CPU maps: they can be mapped into user space, and a program
 * at OUTPUT may change CPU between two instructions, so the number it read picks a region and
 * excludes nobody. Sizes are set before load: ctl/state/load.h has the index arithmetic.
 */
#ifndef NETCTL_MAPS_BPF_H
#define NETCTL_MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "types.h"

#define NETCTL_ARRAY(name, type_)                  \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1);            \
		__type(key, __u32);                \
		__type(value, type_);              \
	} name SEC(".maps")

/* Arrays in the slots of another: of one element, which a lookup finds without a call, or of any length. */
#define NETCTL_ARRAYS(name, slots, flags, size)                            \
	struct {                                                           \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                  \
		__uint(max_entries, slots);                                \
		__type(key, __u32);                                        \
		__array(                                                   \
			values, struct {                                   \
				__uint(type, BPF_MAP_TYPE_ARRAY);          \
				__uint(map_flags, BPF_F_MMAPABLE | flags); \
				__uint(max_entries, 1);                    \
				__uint(key_size, sizeof(__u32));           \
				__uint(value_size, size);                  \
			});                                                \
	} name SEC(".maps")

/* The rulesets: one slot, put in force by one update. */
NETCTL_ARRAYS(netctl_rules, 1, 0, BLOB_SIZE);

/* The parts of the ruleset in force and, during a swap, those of the next. */
NETCTL_ARRAYS(netctl_parts, PARTS_SLOTS, 0, PART_SIZE);

/* Rules' counters from slot RULE_SLOTS on. */
NETCTL_ARRAYS(netctl_blocks, SLOT_BLOCKS, BPF_F_INNER_MAP, sizeof(struct halves));

/*
 * Interfaces that stand on others (a bridge on its ports, a VLAN on its parent), by index, and the hooks
 * (1 << enum hook_id) where every packet has been charged to its limits at an interface below, or will
 * be: see ctl/attach/below.c, which alone writes it. Only packets of limits are looked up.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_BELOW);
	__type(key, __u32);
	__type(value, __u32);
} netctl_below SEC(".maps");

NETCTL_ARRAY(netctl_buckets, struct bucket_set);
NETCTL_ARRAY(netctl_fragments, struct fragment_set);
NETCTL_ARRAY(netctl_tags, struct tag_group);
NETCTL_ARRAY(netctl_flow4, struct flow4_group);
NETCTL_ARRAY(netctl_flow6, struct flow6_group);
NETCTL_ARRAY(netctl_more, struct more_group);
NETCTL_ARRAY(netctl_totals, struct totals);
NETCTL_ARRAY(netctl_closed, struct halves);
NETCTL_ARRAY(netctl_region, struct region);

/* What readers tell the packet path: in a section of its own, which is a map that all objects share. */
struct control control SEC(".data.control") = {};

/* The only thing an object keeps for itself, settled before load. */
const volatile struct load_opts opts SEC(".rodata.opts");

#endif
