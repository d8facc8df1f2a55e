/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * commit.c - how a list of rules gets in force. rules_commit() is the whole way, and a good place to
 * begin reading: the list is compiled to a blob, the blob is checked against the list, counters and
 * parts are made, and one update of a map puts the blob in the place of the former one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../check/check.h"
#include "../compile/compile.h"
#include "../base/privilege.h"
#include "../state/blob_map.h"
#include "../state/load.h"
#include "../state/parts.h"
#include "../state/swap.h"
#include "commit.h"
#include "counter_slots.h"
#include "ifaces.h"

/* Always so under the lock. Should the lock ever fail, this keeps two lists from becoming one. */
static int check_generation(const struct store *store, const struct ruleset *rules,
			    struct fault *fault)
{
	struct blob *blob;
	uint32_t running;
	int r;

	if (store->state < 0)
		return 0;
	r = store_map_blob(store, PROT_READ, &blob, fault);
	if (r < 0)
		return r;
	running = blob->generation;
	store_unmap_blob(blob);
	if (running != rules->generation)
		return fault_set(fault, -ESTALE, EXIT_REFUSED,
				 "the rules changed meanwhile: try again");
	return 0;
}

int rules_build(struct ruleset *rules, struct blob *blob, struct fault *fault)
{
	int r = ifaces_find(rules, false, fault);

	if (!r)
		r = ruleset_compile(rules, blob, fault);
	return r < 0 ? r : ruleset_check(rules, blob, fault);
}

static int refused(int error, struct fault *fault)
{
	if (error == -EPERM || error == -EACCES)
		return privilege_fault(fault, error, "changing the rules");
	return fault_set(fault, error, EXIT_REFUSED, "the kernel refused the new rules: %s",
			 strerror(-error));
}

/* What is in force by means of a blob, besides itself: counters and parts. */
static int put_means(const struct store *store, const struct ruleset *rules,
		     const struct blob *blob)
{
	int r = counter_slots_need_blocks(store, rules);

	return r < 0 ? r : store_put_parts(store, blob);
}

void rules_settle(const struct store *store, const struct blob *blob, bool in_force)
{
	if (in_force)
		store_drop_parts(store, blob->parts_slot, blob->parts);
	else
		store_drop_parts(store, blob->parts_slot ? 0 : MAX_PARTS, MAX_PARTS);
}

int rules_stage(const struct stage *stage, const struct ruleset *rules, const struct blob *blob,
		struct fault *fault)
{
	autoclose int map = load_blob(blob);
	int r = map < 0 ? map : put_means(&stage->next, rules, blob);

	return r < 0 ? refused(r, fault) : stage_pin(stage, map, "blob", fault);
}

static bool skip_all(const char *name, void *data)
{
	return true;
}

/* A state of its own takes the place of the one that has the rules kept so far, if there is one. */
static int keep(struct store *store, const struct ruleset *rules, const struct blob *blob,
		struct fault *fault)
{
	struct stage stage;
	int r = stage_begin(store, skip_all, NULL, &stage, fault);

	if (r < 0)
		return r;
	stage.next.meta = (struct meta){ .magic = BLOB_MAGIC, .layout = NETCTL_LAYOUT };
	r = rules_stage(&stage, rules, blob, fault);
	if (!r)
		r = stage_commit(&stage, fault);
	stage_abort(&stage);
	return r;
}

static int put_in_force(const struct store *store, const struct ruleset *rules,
			const struct blob *blob, struct fault *fault)
{
	int r = put_means(store, rules, blob);

	if (!r)
		r = store_swap(store, blob);
	rules_settle(store, blob, !r);
	return r < 0 ? refused(r, fault) : 0;
}

int rules_commit(struct store *store, struct ruleset *rules, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	int r;

	if (!blob)
		return -ENOMEM;
	r = check_generation(store, rules, fault);
	if (!r)
		r = rules_build(rules, blob, fault);
	if (!r)
		r = store_is_live(store) ? put_in_force(store, rules, blob, fault)
					 : keep(store, rules, blob, fault);
	if (!r)
		rules->generation = blob->generation;
	return r;
}
