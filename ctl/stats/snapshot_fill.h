/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot_fill.h - what one CPU's counters and entries add to a snapshot. */
#ifndef NETCTL_SNAPSHOT_FILL_H
#define NETCTL_SNAPSHOT_FILL_H

#include "flow_map.h"
#include "snapshot.h"

static inline void count_add(struct count *to, const struct count *from)
{
	to->packets += from->packets;
	to->bytes += from->bytes;
}

/* Add a half of a CPU's totals, closed counters and packets without an entry. -ENOMEM. */
int fill_counters(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		  unsigned int cpu, unsigned int half);

#define NO_EPOCH UINT32_MAX

/*
 * Add a CPU's entries with what they had when the epoch began, or NO_EPOCH: with what they have. -EAGAIN: one of them
 * could not be read; -ENOMEM. "share" is room that is used again.
 */
int fill_entries(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		 unsigned int cpu, uint32_t epoch, struct share *share);

#endif
