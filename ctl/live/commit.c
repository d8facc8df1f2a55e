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

int rules_commit(const struct store *store, struct ruleset *rules, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	int r;

	if (!blob)
		return -ENOMEM;
	r = check_generation(store, rules, fault);
	if (!r)
		r = ifaces_find(rules, false, fault);
	if (!r)
		r = ruleset_compile(rules, blob, fault);
	if (!r)
		r = ruleset_check(rules, blob, fault);
	if (r < 0)
		return r;
	r = counter_slots_need_blocks(store, rules);
	if (!r)
		r = store_put_parts(store, blob);
	if (!r)
		r = store_swap(store, blob);
	/* Of the two places of parts one is empty now: where this one failed, or the former blob's. */
	if (r < 0)
		store_drop_parts(store, blob->parts_slot ? 0 : MAX_PARTS, MAX_PARTS);
	else
		store_drop_parts(store, blob->parts_slot, blob->parts);
	if (r == -EPERM || r == -EACCES)
		return privilege_fault(fault, r, "changing the rules");
	if (r < 0)
		return fault_set(fault, r, EXIT_REFUSED, "the kernel refused the new rules: %s",
				 strerror(-r));
	rules->generation = blob->generation;
	return 0;
}

int rules_first(int *ret_map, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	struct ruleset rules;
	int r;

	if (!blob)
		return -ENOMEM;
	ruleset_init(&rules);
	r = ruleset_compile(&rules, blob, fault);
	ruleset_free(&rules);
	if (r)
		return r;
	r = load_blob(blob);
	if (r < 0)
		return fault_set(fault, r, 0, "cannot make the first ruleset: %s", strerror(-r));
	*ret_map = r;
	return 0;
}
