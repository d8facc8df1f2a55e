/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ruleset_sets.c - the sets of a ruleset: find, add, remove, counters for their elements. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "ruleset.h"
#include "set_items.h"

struct set *ruleset_find_set(const struct ruleset *rules, const char *name)
{
	for (size_t i = 0; i < rules->set_count; i++)
		if (!strcmp(rules->sets[i].name, name))
			return &rules->sets[i];
	return NULL;
}

int ruleset_add_set(struct ruleset *rules, const char *name, enum set_type type, struct set **ret)
{
	struct set *last;

	if (!name[0] || strlen(name) >= SET_NAME_SIZE || ruleset_find_set(rules, name))
		return -EINVAL;
	if (array_grow(rules->sets, rules->set_count) < 0)
		return -ENOMEM;
	last = &rules->sets[rules->set_count++];
	*last = (struct set){ .type = type };
	strcpy(last->name, name);
	*ret = last;
	return 0;
}

void ruleset_remove_set(struct ruleset *rules, const char *name)
{
	struct set *found = ruleset_find_set(rules, name);
	size_t at = found - rules->sets;

	if (!found)
		return;
	set_free(found);
	rules->set_count--;
	memmove(found, found + 1, (rules->set_count - at) * sizeof(*found));
}

static int give_slots(struct ruleset *rules, struct set *set)
{
	for (enum element_kind kind = 0; kind < ELEMENT_KINDS; kind++) {
		struct items items = items_of(set, kind);

		for (size_t i = 0; i < *items.count; i++) {
			struct item item = item_get(kind, *items.array, i);

			if (item.slot)
				continue;
			if (!ruleset_has_slot(rules, ACTION_PASS))
				return -ENOSPC;
			item.slot = ruleset_fresh_slot(rules, ACTION_PASS);
			item_put(kind, *items.array, i, &item);
		}
	}
	return 0;
}

int ruleset_give_slots(struct ruleset *rules, struct fault *fault)
{
	int r = 0;

	for (size_t i = 0; i < rules->set_count && !r; i++) {
		if (rules->sets[i].counters)
			r = give_slots(rules, &rules->sets[i]);
		if (r == -ENOSPC)
			return fault_set(fault, r, EXIT_REFUSED,
					 "set %s: all counters of rules and elements, past and "
					 "present, are taken",
					 rules->sets[i].name);
	}
	return r;
}
