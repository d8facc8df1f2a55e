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
	int r = store_map_blob(store, PROT_READ, &blob, fault);

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

int rules_commit(const struct store *store, struct ruleset *rules, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	int r;

	if (!blob)
		return -ENOMEM;
	r = check_generation(store, rules, fault);
	if (!r)
		r = rules_build(rules, blob, fault);
	if (r < 0)
		return r;
	r = put_means(store, rules, blob);
	if (!r)
		r = store_swap(store, blob);
	rules_settle(store, blob, !r);
	if (r < 0)
		return refused(r, fault);
	rules->generation = blob->generation;
	return 0;
}

int rules_stage(const struct stage *stage, const struct ruleset *rules, const struct blob *blob,
		struct fault *fault)
{
	autoclose int map = load_blob(blob);
	int r = map < 0 ? map : put_means(&stage->next, rules, blob);

	return r < 0 ? refused(r, fault) : stage_pin(stage, map, "blob", fault);
}
