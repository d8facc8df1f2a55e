/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot_open.c - the snapshot of a namespace: every loaded hook, from its pins. */
#include <errno.h>
#include <string.h>

#include "../state/blocks.h"
#include "snapshot_open.h"

/* The maps of every loaded hook. */
static int open_hooks(const struct store *store, struct snapshot_source *source)
{
	int r = 0;

	for (int hook = 0; hook < HOOKS && !r; hook++) {
		r = store_maps(store, hook, source->maps[hook]);
		source->hooks[hook] = !r;
		if (r == -ENOENT) /* not loaded */
			r = 0;
	}
	return r;
}

int store_snapshot(const struct store *store, struct snapshot *ret, struct fault *fault)
{
	const struct clock clock = {
		.tick_ns = store->meta.opts.tick_ns,
		.jiffies_at_zero = store->meta.opts.jiffies_at_zero,
	};
	struct blocks blocks = {};
	struct snapshot_source source = {
		.opts = &store->meta.opts,
		.lock = store->state,
		.clock = &clock,
		.blocks = &blocks,
	};
	int shared[SHARED_MAP_COUNT];
	int r = store_is_kept(store) ? -ENOENT : store_shared(store, shared);

	memset(source.maps, -1, sizeof(source.maps));
	if (r < 0)
		return store_fault(r, fault);
	source.control_map = shared[SHARED_CONTROL];
	r = store_blocks(store, &blocks);
	if (!r)
		r = open_hooks(store, &source);
	if (r < 0)
		store_fault(r, fault);
	else
		r = snapshot_take(&source, ret, fault);
	for (int hook = 0; hook < HOOKS; hook++)
		store_close_maps(source.maps[hook], HOOK_MAP_COUNT);
	store_close_maps(shared, SHARED_MAP_COUNT);
	store_close_blocks(&blocks);
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
