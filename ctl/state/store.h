/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store.h - the state of one network namespace: a directory in bpffs, its lock, what is pinned in it.
 *
 *	BPFFS/netctl/ns<cookie>/		lock: flock on this directory's descriptor
 *		state/				replaced as a whole by stage + rename
 *			meta rules blob control
 *			xdp_tags xdp_flow4 ...	maps of each hook that is loaded
 *			xdp_prog ...		programs
 *			xdp_<ifindex> tc_<ifindex> nf_4 nf_6	links
 *
 * <cookie> is the namespace's SO_NETNS_COOKIE, which the kernel never gives twice.
 */
#ifndef NETCTL_STORE_H
#define NETCTL_STORE_H

#include "../text/element.h"
#include "load.h"
#include "../rules/ruleset.h"
#include "../stats/snapshot.h"
#include "../compile/worst.h"

#define MAX_ATTACHED 256

enum xdp_mode { MODE_NONE, MODE_NATIVE, MODE_GENERIC, MODE_TCX };

enum { CLSACT_FILTER = 1, CLSACT_QDISC = 2 /* the qdisc it hangs from came with it */ };

/* One attachment, as "netctl attach" made it. */
struct attached {
	uint32_t ifindex;
	uint8_t hook; /* enum hook_id */
	uint8_t mode; /* enum xdp_mode, of hook xdp */
	uint8_t dispatched; /* by libxdp's dispatcher, not by a link of ours */
	uint8_t clsact;     /* by a clsact filter of ours, on kernels without tcx: CLSACT_* */
	uint64_t since; /* CLOCK_REALTIME, nanoseconds */
	char name[16];	/* of the interface then */
};

/* Value of the pinned "meta" map: written by user space alone, under the lock. */
struct meta {
	uint32_t magic, layout; /* BLOB_MAGIC, NETCTL_LAYOUT */
	struct load_opts opts;
	uint64_t tick_ns;	   /* length of a jiffy */
	uint64_t jiffies_at_zero;  /* jiffies64 when CLOCK_MONOTONIC was 0, modulo 2^64 */
	int32_t nf_priority;
	uint32_t attached_count;
	struct attached attached[MAX_ATTACHED];
};

enum store_mode {
	STORE_READ,   /* no lock; -ENOENT and exit 3 "not attached" when there is no state */
	STORE_CHANGE, /* exclusive lock; the same when there is no state */
	STORE_CREATE, /* exclusive lock; a namespace without state is fine, meta is zero then */
};

struct store {
	int root, dir, state; /* descriptors: BPFFS/netctl, ns<cookie>, state (-1: none yet) */
	int bpffs;	      /* BPFFS itself */
	bool locked;	      /* not STORE_READ */
	uint64_t cookie;
	struct meta meta;
};

/*
 * Open the state of the network namespace this process is in. -ENOENT (exit 3) not attached; exit 5 when the
 * directory or one above it belongs to somebody else or is writable by others; exit 4 for a missing capability.
 */
int store_open(enum store_mode mode, struct store *ret, struct fault *fault);
/* Removes directories of ours that stayed empty, too. */
void store_close(struct store *store);

/* Say why the state could not be opened; -ENOENT: not attached. Returns error. */
int store_fault(int error, struct fault *fault);

/* Descriptor of one pin, -ENOENT when there is none of that name. */
int store_pin(const struct store *store, const char *name);

/* Maps of a loaded hook, opened from their pins (-1 each where the hook is not loaded: -ENOENT). */
int store_maps(const struct store *store, enum hook_id hook, int ret_maps[HOOK_MAP_COUNT]);
int store_shared(const struct store *store, int ret_shared[SHARED_MAP_COUNT]);
void store_close_maps(int *maps, size_t count);

/*
 * Finish what a killed command left: a swap half done, an attach with its gate still closed. Every opening that
 * takes the lock does it.
 */
int store_settle(const struct store *store);

/* The ruleset in force. */
int store_rules(const struct store *store, struct ruleset *ret, struct fault *fault);
/* And what a packet meets of it at worst. */
int store_rules_worst(const struct store *store, struct ruleset *ret, struct worst *ret_worst,
		      struct fault *fault);

/*
 * Compile, check and put a changed ruleset in force; needs STORE_CHANGE. On success set->generation is the new
 * one. On failure nothing has changed.
 */
int store_set_rules(const struct store *store, struct ruleset *set, struct fault *fault);

/* The buckets of rate limits. */
struct buckets {
	uint64_t used, capacity;
	uint64_t full;	 /* packets that found no free bucket and shared another's */
	uint64_t memory; /* bytes */
};
int store_buckets(const struct store *store, struct buckets *ret);

/*
 * Add a rule to the ruleset in force without compiling it anew, at once; needs STORE_CHANGE. BEFORE and AFTER: the rule
 * of that id. It gets its id and slot. 1: nothing has changed, it takes store_set_rules().
 */
int store_add_rule(const struct store *store, enum where where, const char *id, struct rule *rule,
		   struct fault *fault);

/* The same for hosts added to a set. */
int store_add_hosts(const struct store *store, const char *set, const struct element *elements,
		    size_t count, struct fault *fault);

/* All loaded hooks' counters. The caller frees the snapshot. */
int store_snapshot(const struct store *store, struct snapshot *ret, struct fault *fault);

/*
 * Slots for new rules and elements that ruleset_has_slot() denies fresh ones: such as no rule or element of the
 * ruleset and no live flow refers to, their counters zeroed at every hook. -ENOSPC when there is none any more. Needs
 * STORE_CHANGE; the flows are looked through once, by slots_open().
 */
struct slots;
int slots_open(const struct store *store, const struct ruleset *set, struct slots **ret, struct fault *fault);
int slots_take(struct slots *slots, enum action action, uint32_t *ret_slot, struct fault *fault);
void slots_close(struct slots *slots); /* NULL is none */

/* ---- store_parts.c: what a large ruleset needs beside its blob ---- */

/* The blocks of slots there are; also on failure store_close_blocks() may follow. */
int store_blocks(const struct store *store, struct blocks *ret);
void store_close_blocks(struct blocks *blocks);
/* Make the blocks that the slots of rules and elements are in. Needs STORE_CHANGE. */
int store_need_blocks(const struct store *store, const struct ruleset *set);

/* Pin a blob's parts and put them where its programs will look; removes those of another blob there. */
int store_put_parts(const struct store *store, const struct blob *blob);
/* Map a blob's parts behind it, where room for BLOB_MAX bytes is. -EAGAIN: a swap is going on. */
int store_map_parts(const struct store *store, const struct blob *blob);
/* Remove the parts that the blob in force does not refer to: all but so many from a slot on. */
void store_drop_parts(const struct store *store, uint32_t kept_slot, uint32_t kept);

#endif
