/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ruleset.c - the ordered list of rules: insert, remove, find. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "ruleset.h"

void ruleset_init(struct ruleset *set)
{
	*set = (struct ruleset){.policy = VERDICT_PASS, .next_id = 1, .next_slot = 1, .next_audit = FIRST_AUDIT_SLOT};
}

void ruleset_free(struct ruleset *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		rule_free(&set->rules[i]);
	for (i = 0; i < set->set_count; i++)
		set_free(&set->sets[i]);
	free(set->rules);
	free(set->sets);
	free(set->ifaces);
	ruleset_init(set);
}

int ruleset_make_room(struct ruleset *set, size_t position)
{
	int r = array_grow(set->rules, set->count);
	struct rule *at = set->rules + position;

	if (r < 0)
		return r;
	memmove(at + 1, at, (set->count++ - position) * sizeof(*at));
	return 0;
}

bool ruleset_has_slot(const struct ruleset *set, enum action action)
{
	if (action == ACTION_AUDIT && set->next_slot >= FIRST_AUDIT_SLOT)
		return set->next_audit < RULE_SLOTS;
	return set->next_slot < MAX_SLOTS;
}

uint32_t ruleset_fresh_slot(struct ruleset *set, enum action action)
{
	uint32_t slot;

	if (action == ACTION_AUDIT && set->next_slot >= FIRST_AUDIT_SLOT)
		return set->next_audit++;
	slot = set->next_slot++;
	if (set->next_slot == FIRST_AUDIT_SLOT)
		set->next_slot = RULE_SLOTS;
	return slot;
}

int ruleset_fresh_slots(struct ruleset *set, struct rule *rule, struct fault *fault)
{
	uint32_t *slots[RULE_MOST_SLOTS];
	size_t count = rule_slots(rule, slots);

	for (size_t i = 0; i < count; i++) {
		if (*slots[i])
			continue;
		if (!ruleset_has_slot(set, rule->action))
			return fault_set(fault, -ENOSPC, EXIT_REFUSED,
					 "all counters of rules, past and present, are taken");
		*slots[i] = ruleset_fresh_slot(set, rule->action);
	}
	return 0;
}

/* An id or slot that the rule brings along (it replaces another, or takes over a free slot) is
 * kept. */
int ruleset_insert(struct ruleset *set, size_t position, struct rule *rule, struct fault *fault)
{
	int r;

	if (position > set->count)
		return -EINVAL;
	if (set->count >= MAX_RULES)
		return fault_set(fault, -E2BIG, EXIT_REFUSED,
				 "%d rules is the limit of this version", MAX_RULES);
	r = ruleset_fresh_slots(set, rule, fault);
	if (!r)
		r = ruleset_make_room(set, position);
	if (r < 0)
		return r;
	if (!rule->id)
		rule->id = set->next_id++;
	rule_start(rule);
	set->rules[position] = *rule;
	*rule = (struct rule){};
	return 0;
}

void ruleset_remove(struct ruleset *set, size_t position)
{
	if (position >= set->count)
		return;
	rule_free(&set->rules[position]);
	set->count--;
	memmove(&set->rules[position], &set->rules[position + 1],
		(set->count - position) * sizeof(*set->rules));
}

void ruleset_move(struct ruleset *set, size_t from, size_t to)
{
	struct rule rule = set->rules[from];

	if (from < to)
		memmove(&set->rules[from], &set->rules[from + 1], (to - from) * sizeof(rule));
	else
		memmove(&set->rules[to + 1], &set->rules[to], (from - to) * sizeof(rule));
	set->rules[to] = rule;
}

ssize_t ruleset_find_id(const struct ruleset *set, uint32_t id)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->rules[i].id == id)
			return i;
	return -ENOENT;
}

ssize_t ruleset_find_rule(const struct ruleset *set, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (rule_equal(&set->rules[i], rule))
			return i;
	return -ENOENT;
}

size_t ruleset_limits(const struct ruleset *set)
{
	size_t limits = 0;

	for (size_t i = 0; i < set->count; i++)
		limits += set->rules[i].action == ACTION_LIMIT;
	return limits;
}

uint32_t ruleset_ifindex(const struct ruleset *set, const char *name)
{
	for (size_t i = 0; i < set->iface_count; i++)
		if (!strcmp(set->ifaces[i].name, name))
			return set->ifaces[i].index;
	return 0;
}
