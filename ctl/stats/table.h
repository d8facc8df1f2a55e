/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h - one hook's maps as memory, and one CPU's share of them read while packets go on
 * counting.
 */
#ifndef NETCTL_TABLE_H
#define NETCTL_TABLE_H

#include "../state/blocks.h"

/* A hook's maps, mapped read-only. */
struct table {
	struct load_opts opts;
	const void *map[HOOK_MAP_COUNT];
	size_t length[HOOK_MAP_COUNT];
	enum hook_id hook;
	unsigned int blocks; /* of counters, the hook's own included */
	const struct count *block[SLOT_BLOCKS];
};

/* An entry of either family. */
struct entry {
	__u64 src[2], dst[2]; /* as in flow6; IPv4: the first four bytes of each */
	struct flow_id id;
	struct flow_state state;
};

/* What table_read() fills; one is used for CPU after CPU. */
struct share {
	size_t count, size;
	struct entry *entries; /* owned */
	struct totals totals[IFACE_SLOTS];
	struct count *closed; /* owned: all blocks' */
	struct region region;
};

int table_open(const int maps[HOOK_MAP_COUNT], const struct load_opts *opts, struct table *ret);
void table_close(struct table *table);

/* Map the counters of slots from RULE_SLOTS on, too. */
int table_add_blocks(struct table *table, enum hook_id hook, const struct blocks *blocks);

/*
 * Read one CPU's share. 0: entries and closed counters belong together; -EAGAIN: counts moved
 * between them meanwhile, or an entry was being rewritten all the time and is left out; -ENOMEM.
 * seen[] is read last, so that it holds at least what entries and closed counters hold.
 */
int table_read(const struct table *table, unsigned int cpu, struct share *share);

#endif
