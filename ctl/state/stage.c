/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stage.c - the next state directory, and the one rename that puts it in force. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "../base/privilege.h"
#include "pin.h"
#include "stage.h"
#include "statedir.h"
#include "swap.h"

#define STAGE "stage"
#define STATE "state"

static int stage_fault(int error, const char *what, struct fault *fault)
{
	if (error == -EPERM || error == -EACCES)
		return privilege_fault(fault, error, "changing the state directory");
	if (error == -EROFS)
		return fault_set(fault, error, EXIT_REFUSED, "bpffs is mounted read-only");
	return fault_set(fault, error, EXIT_REFUSED, "cannot change the state in bpffs (%s): %s",
			 what, strerror(-error));
}

struct copy {
	int to;
	bool (*skip)(const char *name, void *data);
	void *data;
};

/* A second name for the same object, whatever its type; "meta" is made anew by every commit. */
static int copy_pin(int dir, const char *name, void *data)
{
	const struct copy *copy = data;

	if (!strcmp(name, "meta") || (copy->skip && copy->skip(name, copy->data)))
		return 0;
	return linkat(dir, name, copy->to, name, 0) < 0 ? -errno : 0;
}

int stage_begin(struct store *store, bool (*skip)(const char *name, void *data), void *data,
		struct stage *ret, struct fault *fault)
{
	struct copy copy = {.to = -1, .skip = skip, .data = data};
	int r = statedir_clear(store->dir, STAGE);

	if (!r)
		r = statedir_open(store->dir, STAGE, true, "the stage directory", &copy.to, fault);
	if (!r && store->state >= 0)
		r = statedir_each(store->state, copy_pin, &copy);
	if (r < 0) {
		close_at(&copy.to);
		statedir_clear(store->dir, STAGE);
		return fault_is_set(fault) ? r : stage_fault(r, "stage", fault);
	}
	*ret = (struct stage){ .store = store, .next = *store };
	ret->next.state = copy.to;
	return 0;
}

int stage_pin(const struct stage *stage, int fd, const char *name, struct fault *fault)
{
	int r = pin_put(stage->next.state, fd, name);

	return r < 0 ? stage_fault(r, name, fault) : 0;
}

static int pin_meta(const struct stage *stage, struct fault *fault)
{
	const struct meta *meta = &stage->next.meta;
	autoclose int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "netctl_meta", sizeof(uint32_t),
					  sizeof(*meta), 1, NULL);
	uint32_t key = 0;

	if (fd < 0 || bpf_map_update_elem(fd, &key, meta, BPF_ANY) < 0)
		return stage_fault(-errno, "meta", fault);
	return stage_pin(stage, fd, "meta", fault);
}

/* The stage and the state change places; the first time there is no state, and none is left when it goes back. */
static int change_places(int dir, bool first, bool back)
{
	int r;

	if (first)
		r = renameat(dir, back ? STATE : STAGE, dir, back ? STAGE : STATE);
	else
		r = renameat2(dir, STAGE, dir, STATE, RENAME_EXCHANGE);
	return r < 0 ? -errno : 0;
}

int stage_commit(struct stage *stage, struct fault *fault)
{
	struct store *store = stage->store;
	bool first = store->state < 0;
	int r = pin_meta(stage, fault);

	if (r < 0)
		return r;
	r = change_places(store->dir, first, false);
	if (r < 0)
		return stage_fault(r, "rename", fault);
	r = store_settle(&stage->next);
	if (r < 0) {
		change_places(store->dir, first, true);
		return fault_set(fault, r, EXIT_REFUSED, "cannot put the ruleset in force: %s",
				 strerror(-r));
	}
	close_at(&store->state);
	*store = stage->next;
	stage->next.state = -1;
	/*
	 * Now the former state. If it cannot go, it is collected by the next command that takes the
	 * lock.
	 */
	statedir_clear(store->dir, STAGE);
	return 0;
}

void stage_abort(struct stage *stage)
{
	if (stage->next.state < 0)
		return;
	close_at(&stage->next.state);
	stage->next.state = -1;
	statedir_clear(stage->store->dir, STAGE);
}

int store_remove(struct store *store, struct fault *fault)
{
	int r = statedir_clear(store->dir, STAGE);

	/* Out of its place by one rename, so that half a state is never in force; whether it could be opened or not. */
	if (!r && renameat(store->dir, STATE, store->dir, STAGE) < 0 && errno != ENOENT)
		r = -errno;
	if (r < 0)
		return stage_fault(r, "removal", fault);
	close_at(&store->state);
	store->state = -1;
	/* As in stage_commit(). store_close() removes the empty directories. */
	statedir_clear(store->dir, STAGE);
	return 0;
}
