/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot_open.c - the snapshot of a namespace: every loaded hook, from its pins. */
#include <errno.h>

#include "../state/blocks.h"
#include "snapshot_open.h"

int store_snapshot(const struct store *store, struct snapshot *ret, struct fault *fault)
{
	int shared[SHARED_MAP_COUNT], maps[HOOK_MAP_COUNT];
	struct blocks blocks = {};
	const struct clock clock = {
		.tick_ns = store->meta.tick_ns,
		.jiffies_at_zero = store->meta.jiffies_at_zero,
	};
	int r = store_is_kept(store) ? -ENOENT : store_shared(store, shared);

	if (r < 0)
		return store_fault(r, fault);
	r = snapshot_begin(ret, &clock, &blocks);
	if (!r && (r = store_blocks(store, &blocks)) < 0)
		store_fault(r, fault);
	for (int hook = 0; hook < HOOKS && !r; hook++) {
		r = store_maps(store, hook, maps);
		if (!r)
			r = snapshot_add(ret, hook, maps, shared[SHARED_CONTROL], &store->meta.opts,
					 fault);
		else if (r == -ENOENT) /* not loaded */
			r = 0;
		else
			store_fault(r, fault);
		store_close_maps(maps, HOOK_MAP_COUNT);
	}
	store_close_maps(shared, SHARED_MAP_COUNT);
	store_close_blocks(&blocks);
	if (!r)
		snapshot_finish(ret);
	else
		snapshot_free(ret);
	return r;
}

int store_counts(const struct store *store, struct count **ret, struct fault *fault)
{
	struct snapshot snapshot;
	int r;

	if (store_is_kept(store)) { /* nothing has been counted */
		*ret = calloc(MAX_SLOTS, sizeof(**ret));
		return *ret ? 0 : -ENOMEM;
	}
	r = store_snapshot(store, &snapshot, fault);
	if (r < 0)
		return r;
	*ret = take_ptr(snapshot.rules);
	snapshot_free(&snapshot);
	return 0;
}
