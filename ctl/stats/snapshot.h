/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot.h - all counters of a hook at one instant: live entries and closed counters read so that
 * no count is taken twice or missed. Reads by mmap alone.
 */
#ifndef NETCTL_SNAPSHOT_H
#define NETCTL_SNAPSHOT_H

#include "../base/clock.h"
#include "../state/blocks.h"

/*
 * A flow at one hook and interface, its entries of all CPUs, kinds and classes merged. Addresses
 * etc. as in types.h.
 */
struct flow {
	enum hook_id hook;
	uint32_t ifindex;
	uint8_t family; /* 4, 6, or 0: not IP, dport holds the ethertype */
	uint8_t protocol;
	uint16_t outer, inner; /* VLAN ids, 0: none */
	struct addr6 src, dst; /* host order; IPv4: hi 0, lo the address */
	uint16_t sport, dport; /* host order */
	struct count passed, dropped; /* under every verdict it has had */
	enum reason reason; /* why the last one that was dropped was; REASON_OK: none was */
	uint8_t tcp_flags;
	enum verdict verdict; /* of the entry seen last; a limit's: pass while any are within the rate */
	bool beyond; /* what a limit dropped, and nothing else */
	uint32_t slot, audit;
	uint64_t first, last; /* CLOCK_REALTIME, nanoseconds, to the tick */
};

static inline struct count flow_count(const struct flow *flow)
{
	return (struct count){ flow->passed.packets + flow->dropped.packets,
			       flow->passed.bytes + flow->dropped.bytes };
}

struct iface_totals {
	enum hook_id hook;
	uint32_t ifindex; /* 0: interfaces beyond the table's slots */
	struct count seen[REASONS];
	struct count verdict[VERDICTS]; /* sums of seen[] */
	struct count live[VERDICTS];	/* flows of the snapshot */
	struct count closed[VERDICTS];	/* live + closed = verdict */
};

struct snapshot {
	size_t flow_count;
	struct flow *flows; /* owned */
	size_t totals_count;
	struct iface_totals *totals;	/* owned */
	struct count *rules;		/* owned, MAX_SLOTS; all hooks: closed + live; audit rules too */
	struct region region[HOOKS];	/* sums over CPUs */
	uint64_t entries[HOOKS], capacity[HOOKS];
	bool hooks[HOOKS];  /* which were read */
	bool exact;	    /* false: counts kept moving, and holding evictions was not permitted */
	uint64_t taken;	    /* CLOCK_REALTIME, nanoseconds */
	const struct blocks *blocks; /* until it is finished; or NULL */
	struct clock clock;	     /* for times and for holding evictions; zero: there is none */
	struct instant now;
};

/*
 * Begin a snapshot, add hooks to it one after the other, then snapshot_finish() sorts and merges; snapshot_free() in
 * any case. Without a clock times are bare jiffies and evictions are not held; slots from RULE_SLOTS on count in
 * blocks, if any.
 */
int snapshot_begin(struct snapshot *snapshot, const struct clock *clock,
		   const struct blocks *blocks);

/* control_map: -1 when it can't be written: then a busy table may give exact = false. */
int snapshot_add(struct snapshot *snapshot, enum hook_id hook, const int maps[HOOK_MAP_COUNT],
		 int control_map, const struct load_opts *opts, struct fault *fault);
void snapshot_finish(struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

#endif
