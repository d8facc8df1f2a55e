/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store.h - the state of one network namespace: a directory in bpffs, its lock, what is pinned in it.
 *
 *	BPFFS/netctl/ns<cookie>/	the lock: flock on this directory's descriptor
 *		stage/			the next state, while an attach or detach builds it
 *		state/			replaced as a whole by stage and one rename
 *			meta				what is attached, and how: meta.h
 *			blob, blob_next			the rules in force; the latter within a swap: swap.h
 *			part_<place>_<n>, block_<n>	what large rulesets have besides: parts.h, blocks.h
 *			rules parts blocks control buckets below	maps that all hooks share
 *			xdp_tags xdp_flow4 ...		maps of each hook that is loaded
 *			xdp_prog xdp_ingress nf_body nf_jump ...	its programs
 *			xdp_<ifindex> tc_<ifindex> nf_4 nf_6	links
 *
 * Rules that were put there while nothing was attached are kept as meta, blob and parts alone.
 *
 * <cookie> is the namespace's SO_NETNS_COOKIE, which the kernel never gives twice.
 */
#ifndef NETCTL_STORE_H
#define NETCTL_STORE_H

#include "load.h"
#include "meta.h"

enum store_mode {
	STORE_READ,   /* no lock; -ENOENT and exit 3 "not attached" when there is no state, not even kept rules */
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
/* Removes our directories if they are empty, too. */
void store_close(struct store *store);

/* Is there a state, and does it hold nothing but rules that are kept for the next attach? */
bool store_is_kept(const struct store *store);
/* Is something attached? */
bool store_is_live(const struct store *store);

/* Write the state's meta down in place: a reader may find it half written. */
int store_write_meta(const struct store *store);

/* Say why the state could not be opened; -ENOENT: not attached. Returns error. */
int store_fault(int error, struct fault *fault);

/* Maps of a loaded hook, opened from their pins (-1 each where the hook is not loaded: -ENOENT). */
int store_maps(const struct store *store, enum hook_id hook, int ret_maps[HOOK_MAP_COUNT]);
int store_shared(const struct store *store, int ret_shared[SHARED_MAP_COUNT]);
void store_close_maps(int *maps, size_t count);

#endif
