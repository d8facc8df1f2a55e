/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ruleset_sets.c - the sets of a ruleset: find, add, remove, counters for their elements. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "ruleset.h"

struct set *ruleset_find_set(const struct ruleset *set, const char *name)
{
	for (size_t i = 0; i < set->set_count; i++)
		if (!strcmp(set->sets[i].name, name))
			return &set->sets[i];
	return NULL;
}

int ruleset_add_set(struct ruleset *set, const char *name, enum set_type type, struct set **ret)
{
	struct set *last;

	if (!name[0] || strlen(name) >= SET_NAME_SIZE || ruleset_find_set(set, name))
		return -EINVAL;
	if (array_grow(set->sets, set->set_count) < 0)
		return -ENOMEM;
	last = &set->sets[set->set_count++];
	*last = (struct set){ .type = type };
	strcpy(last->name, name);
	*ret = last;
	return 0;
}

void ruleset_remove_set(struct ruleset *set, const char *name)
{
	struct set *found = ruleset_find_set(set, name);
	size_t at = found - set->sets;

	if (!found)
		return;
	set_free(found);
	set->set_count--;
	memmove(found, found + 1, (set->set_count - at) * sizeof(*found));
}

static int give_slot(struct ruleset *set, uint32_t *slot)
{
	if (*slot)
		return 0;
	if (!ruleset_has_slot(set, ACTION_PASS))
		return -ENOSPC;
	*slot = ruleset_fresh_slot(set, ACTION_PASS);
	return 0;
}

static int give_slots(struct ruleset *rules, struct set *set)
{
	int r = 0;

	for (size_t i = 0; i < set->count4 && !r; i++)
		r = give_slot(rules, &set->ip4[i].slot);
	for (size_t i = 0; i < set->count6 && !r; i++)
		r = give_slot(rules, &set->ip6[i].slot);
	for (size_t i = 0; i < set->port_count && !r; i++)
		r = give_slot(rules, &set->ports[i].slot);
	for (size_t i = 0; i < set->service_count && !r; i++)
		r = give_slot(rules, &set->services[i].slot);
	return r;
}

int ruleset_give_slots(struct ruleset *set, struct fault *fault)
{
	int r = 0;

	for (size_t i = 0; i < set->set_count && !r; i++) {
		if (set->sets[i].counters)
			r = give_slots(set, &set->sets[i]);
		if (r == -ENOSPC)
			return fault_set(fault, r, EXIT_REFUSED,
					 "set %s: all counters of rules and elements, past and "
					 "present, are taken",
					 set->sets[i].name);
	}
	return r;
}
