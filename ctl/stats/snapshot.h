/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot.h - all counters of all hooks at one instant: live entries and closed counters read so that no count is
 * taken twice or missed. Reads by mmap alone.
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
	uint32_t by[VERDICTS]; /* slot of the rule that passed its last, dropped its last; 0: not known, or none */
	uint64_t first, last; /* CLOCK_REALTIME, nanoseconds, to the tick */
	uint64_t dropping; /* so, when an entry that drops was seen last; 0: none drops now */
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
	struct count *rules;		/* owned, MAX_SLOTS; all hooks: closed + pending; audit rules too */
	struct region region[HOOKS];	/* sums over CPUs, but for "unlisted" */
	struct count unlisted[HOOKS];	/* packets that no flow has */
	uint64_t entries[HOOKS], capacity[HOOKS];
	bool hooks[HOOKS]; /* which were read */
	/*
	 * All is as of one instant, and live + closed = verdict in each of totals. False: it could not be had; no right to
	 * write the map by which a reader tells the packet path.
	 */
	bool exact;
	uint64_t taken; /* that instant: CLOCK_REALTIME, nanoseconds */
	struct instant now;
};

/* What to read. */
struct snapshot_source {
	const struct load_opts *opts;
	bool hooks[HOOKS];
	int maps[HOOKS][HOOK_MAP_COUNT];
	int control_map;	     /* -1: none that may be written */
	int lock;		     /* descriptor that readers lock by turns; -1: there is no other */
	const struct clock *clock;   /* NULL: times are bare jiffies, and nothing can be held */
	const struct blocks *blocks; /* of counters for slots from RULE_SLOTS on, or NULL */
	bool at_rest;		     /* no packet comes meanwhile */
};

/* snapshot_free() afterwards, unless it fails. */
int snapshot_take(const struct snapshot_source *source, struct snapshot *ret, struct fault *fault);
void snapshot_free(struct snapshot *snapshot);

#endif
