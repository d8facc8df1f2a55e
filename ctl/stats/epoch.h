/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * epoch.h - the instant of a snapshot: an epoch that a reader begins, as bpf/types.h tells of struct flow_state.
 */
#ifndef NETCTL_EPOCH_H
#define NETCTL_EPOCH_H

#include "../base/clock.h"
#include "../state/view.h"

struct epoch {
	struct control *control; /* mapped; NULL: it can't be written, there are no epochs to be begun */
	struct view view;
	struct clock clock; /* zero: nothing can be held */
	int lock;	    /* descriptor that readers lock by turns, or -1 */
	bool locked, held;
	bool at_rest;	  /* no packet comes while we read: nothing is waited for */
	bool overtaken;	  /* another reader has begun one after the last that settled */
	uint32_t current; /* begun by us */
	uint64_t begun;	  /* CLOCK_REALTIME, nanoseconds */
};

/*
 * Wait for other readers, but not for one that hangs. Without the right to write, "control" is NULL then and no other
 * call may be made but epoch_close(). clock: NULL where nothing is to be held.
 */
void epoch_open(int control_map, int lock, const struct clock *clock, bool at_rest,
		struct epoch *ret);
void epoch_close(struct epoch *epoch);

/* Let nothing move for a while, in case counts would never stand still by themselves; false: not possible. */
bool epoch_hold(struct epoch *epoch);

/* The half of the counters that will be the next epoch's; it stands still. */
unsigned int epoch_settle(struct epoch *epoch);

/* Begin the next epoch. Afterwards no packet counts in the one before, and its half of the counters stands still. */
void epoch_begin(struct epoch *epoch);

/* Is it still ours? Not if another reader has not waited for us. */
bool epoch_lasts(const struct epoch *epoch);

#endif
