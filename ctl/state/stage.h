/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stage.h - the next state directory, built beside the one in force and put in its place by one rename: whoever
 * is killed on the way leaves the old state or the new one, never something between.
 */
#ifndef NETCTL_STAGE_H
#define NETCTL_STAGE_H

#include "store.h"

struct stage {
	struct store *store; /* the state in force */
	struct store next;   /* as it will be: what is pinned in it is in ns<cookie>/stage; meta is the caller's */
};

/*
 * Start with every pin of the present state but "meta" and those for which skip(name, data) is true (skip may be
 * NULL). Leftovers of an earlier, killed stage are removed first. Needs the exclusive lock.
 */
int stage_begin(struct store *store, bool (*skip)(const char *name, void *data), void *data,
		struct stage *ret, struct fault *fault);

/* Pin an object under a name of ours ([a-z0-9_]). */
int stage_pin(const struct stage *stage, int fd, const char *name, struct fault *fault);

/*
 * Pin next.meta and make the stage the state (RENAME_EXCHANGE, or a plain rename the first time), then put its blob
 * in force if another one is: see store_settle(). *store is the new state then, and the former one is removed. On
 * failure the former one is in its place, and in force.
 */
int stage_commit(struct stage *stage, struct fault *fault);

/* Remove the stage; harmless after commit. */
void stage_abort(struct stage *stage);

/* Remove the state and every directory of ours that is then empty; for the last detach. */
int store_remove(struct store *store, struct fault *fault);

#endif
