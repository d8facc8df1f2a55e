/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_map.h - one hook's maps as memory, and one CPU's share of them read while packets go on counting. */
#ifndef NETCTL_FLOW_MAP_H
#define NETCTL_FLOW_MAP_H

#include "../state/blocks.h"
#include "../state/view.h"

/* A hook's maps, mapped read-only. */
struct flow_map {
	struct load_opts opts;
	struct view map[HOOK_MAP_COUNT];
	enum hook_id hook;
	unsigned int blocks; /* of counters, the hook's own included */
	struct view block[SLOT_BLOCKS];
};

/* An entry of either family. */
struct entry {
	__u64 src[2], dst[2]; /* as in flow6; IPv4: the first four bytes of each */
	struct flow_id id;
	struct flow_state state;
	struct flow_more more; /* what id.more says; the rest is 0 */
};

/* What flow_map_entries() fills; one is used for CPU after CPU. */
struct share {
	size_t count, size;
	struct entry *entries; /* owned */
};

int flow_map_open(const int maps[HOOK_MAP_COUNT], const struct load_opts *opts,
		  struct flow_map *ret);
void flow_map_close(struct flow_map *flows);

/* Map the counters of slots from RULE_SLOTS on, too. */
int flow_map_add_blocks(struct flow_map *flows, enum hook_id hook, const struct blocks *blocks);

/* A CPU's part of the maps of counters; they go on counting. */
const struct totals *flow_map_totals(const struct flow_map *flows, unsigned int cpu);
const struct halves *flow_map_closed(const struct flow_map *flows, unsigned int cpu,
				     unsigned int block);
const struct region *flow_map_region(const struct flow_map *flows, unsigned int cpu);

/* A counter's half, each word of which is read once. */
struct count count_read(const struct count *count);

/*
 * Read a CPU's live entries. -EAGAIN: one was being rewritten all the time and is left out; -ENOMEM.
 */
int flow_map_entries(const struct flow_map *flows, unsigned int cpu, struct share *share);

#endif
