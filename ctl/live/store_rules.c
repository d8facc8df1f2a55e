/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store_rules.c - the ruleset in force: read, replaced, and added to in place.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../check/check.h"
#include "../check/overlay_check.h"
#include "../compile/blob_read.h"
#include "../compile/compile.h"
#include "../compile/overlay.h"
#include "../base/privilege.h"
#include "../state/blob_map.h"
#include "../state/blocks.h"
#include "../state/load_blob.h"
#include "../state/parts.h"
#include "../state/swap.h"
#include "store_rules.h"

static uint32_t highest_slot(const struct ruleset *set)
{
	uint32_t *slots[RULE_MOST_SLOTS], most = 0;

	for (size_t i = 0; i < set->count; i++)
		for (size_t n = rule_slots(&set->rules[i], slots); n--;)
			most = MAX(most, *slots[n]);
	for (size_t i = 0; i < set->set_count; i++)
		for (size_t n = 0; set->sets[i].counters && n < set_size(&set->sets[i]); n++) {
			struct element element = element_at(&set->sets[i], n);

			most = MAX(most, element_slot(&element));
		}
	return most;
}

int store_rules_worst(const struct store *store, struct ruleset *ret, struct worst *ret_worst,
		      struct fault *fault)
{
	struct blob *blob;
	int r = store_map_blob(store, PROT_READ, &blob, fault);

	if (r < 0)
		return r;
	r = ruleset_load(blob, ret, fault);
	if (!r)
		*ret_worst = worst_of_all(blob);
	store_unmap_blob(blob);
	return r;
}

int store_rules(const struct store *store, struct ruleset *ret, struct fault *fault)
{
	struct worst worst;

	return store_rules_worst(store, ret, &worst, fault);
}

/*
 * The lock makes this always so; it is what stops two lists from becoming one should it ever not.
 */
static int check_generation(const struct store *store, const struct ruleset *set,
			    struct fault *fault)
{
	struct blob *blob;
	uint32_t running;
	int r = store_map_blob(store, PROT_READ, &blob, fault);

	if (r < 0)
		return r;
	running = blob->generation;
	store_unmap_blob(blob);
	if (running != set->generation)
		return fault_set(fault, -ESTALE, EXIT_REFUSED,
				 "the rules changed meanwhile: try again");
	return 0;
}

int store_set_rules(const struct store *store, struct ruleset *set, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	int r;

	if (!blob)
		return -ENOMEM;
	r = check_generation(store, set, fault);
	if (!r)
		r = ruleset_compile(set, blob, fault);
	if (!r)
		r = ruleset_check(set, blob, fault);
	if (r < 0)
		return r;
	r = store_need_blocks(store, highest_slot(set));
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
	set->generation = blob->generation;
	return 0;
}

int store_add_rule(const struct store *store, enum where where, const char *id, struct rule *rule,
		   struct fault *fault)
{
	unsigned long long beside = id ? strtoull(id, NULL, 10) : 0; /* ULLONG_MAX: out of range */
	const struct ruleset alone = { .count = 1, .rules = rule };  /* borrowed */
	struct overlay_edit edit;
	struct blob *blob;
	int r;

	if (beside > UINT32_MAX)
		return 1;
	r = store_map_blob(store, PROT_READ | PROT_WRITE, &blob, fault);
	if (r < 0)
		return r;
	r = overlay_add(blob, where, (uint32_t)beside, rule, &edit, fault);
	if (!r)
		r = overlay_check(blob, edit.before, edit.state, rule, edit.number, fault);
	if (!r)
		r = store_need_blocks(store, highest_slot(&alone));
	if (!r)
		overlay_publish(blob, &edit);
	store_unmap_blob(blob);
	return r == -ENOENT ? 1 : r; /* the list itself knows what is wrong then */
}

int store_add_hosts(const struct store *store, const char *set, const struct element *elements,
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

int empty_ruleset(int *ret_map, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	struct ruleset set;
	int r;

	if (!blob)
		return -ENOMEM;
	ruleset_init(&set);
	r = ruleset_compile(&set, blob, fault);
	ruleset_free(&set);
	if (r)
		return r;
	r = load_blob(blob);
	if (r < 0)
		return fault_set(fault, r, 0, "cannot make the first ruleset: %s", strerror(-r));
	*ret_map = r;
	return 0;
}
