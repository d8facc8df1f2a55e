/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stage.h - the next state directory, built beside the one in force and put in its place by one rename: whoever
 * is killed on the way leaves the old state or the new one, never something between.
 */
#ifndef NETCTL_STAGE_H
#define NETCTL_STAGE_H

#include "../state/store.h"

struct stage {
	const struct store *store;
	int dir; /* descriptor of ns<cookie>/stage */
};

/*
 * Start with every pin of the present state but "meta" and those for which skip(name, data) is true (skip may be
 * NULL). Leftovers of an earlier, killed stage are removed first. Needs the exclusive lock.
 */
int stage_begin(const struct store *store, bool (*skip)(const char *name, void *data), void *data,
		struct stage *ret, struct fault *fault);

/* Pin an object under a name of ours ([a-z0-9_]). */
int stage_pin(const struct stage *stage, int fd, const char *name, struct fault *fault);

/* Pin meta, make the stage the state (RENAME_EXCHANGE, or a plain rename the first time), remove the old one. */
int stage_commit(struct stage *stage, const struct meta *meta, struct fault *fault);

/* Remove the stage; harmless after commit. */
void stage_abort(struct stage *stage);

/* Remove the state and every directory of ours that is then empty; for the last detach. */
int store_remove(struct store *store, struct fault *fault);

#endif
