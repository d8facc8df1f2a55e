/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * add_in_place.c - a rule, or a few hosts of a set, added to the blob in force: nothing is compiled anew, and a long
 * list not even read.
 */
#include <errno.h>
#include <sys/mman.h>

#include "../check/overlay_check.h"
#include "../compile/overlay.h"
#include "../state/blob_map.h"
#include "add_in_place.h"
#include "ifaces.h"
#include "counter_slots.h"

/* The rule of a list that has no other. */
static int add_alone(const struct store *store, enum where where, uint32_t beside,
		     const struct ruleset *alone, struct fault *fault)
{
	struct overlay_edit edit;
	struct blob *blob;
	int r = store_map_blob(store, PROT_READ | PROT_WRITE, &blob, fault);

	if (r < 0)
		return r;
	r = overlay_add(blob, where, beside, alone, &edit, fault);
	if (!r)
		r = overlay_check(blob, edit.before, edit.state, alone, edit.number, fault);
	if (!r)
		r = counter_slots_need_blocks(store, alone);
	if (!r)
		overlay_publish(blob, &edit);
	store_unmap_blob(blob);
	return r;
}

int rule_add_in_place(const struct store *store, enum where where, const char *id,
		      struct rule *rule, struct fault *fault)
{
	unsigned long long beside = id ? strtoull(id, NULL, 10) : 0; /* ULLONG_MAX: out of range */
	struct ruleset alone = { .count = 1, .rules = rule };	     /* borrowed */
	int r = -ENOENT;

	if (beside <= UINT32_MAX && !ifaces_find(&alone, false, NULL))
		r = add_alone(store, where, (uint32_t)beside, &alone, fault);
	free(alone.ifaces);
	return r == -ENOENT ? 1 : r; /* the list itself knows what is wrong then */
}

int hosts_add_in_place(const struct store *store, const char *set, const struct element *elements,
		       size_t count, struct fault *fault)
{
	struct overlay_edit edit;
	struct blob *blob;
	int r = store_map_blob(store, PROT_READ | PROT_WRITE, &blob, fault);

	if (r < 0)
		return r;
	r = overlay_add_hosts(blob, set, elements, count, &edit, fault);
	if (!r)
		overlay_publish(blob, &edit);
	store_unmap_blob(blob);
	return r;
}
