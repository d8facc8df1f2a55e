/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ruleset.c - the ordered list of rules: insert, remove, find. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "ruleset.h"

void ruleset_init(struct ruleset *rules)
{
	*rules = (struct ruleset){
		.policy = VERDICT_PASS, .next_id = 1, .next_slot = 1, .next_audit = FIRST_AUDIT_SLOT
	};
}

void ruleset_free(struct ruleset *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++)
		rule_free(&rules->rules[i]);
	for (i = 0; i < rules->set_count; i++)
		set_free(&rules->sets[i]);
	free(rules->rules);
	free(rules->sets);
	free(rules->ifaces);
	ruleset_init(rules);
}

int ruleset_make_room(struct ruleset *rules, size_t position)
{
	int r = array_grow(rules->rules, rules->count);
	struct rule *at = rules->rules + position;

	if (r < 0)
		return r;
	memmove(at + 1, at, (rules->count++ - position) * sizeof(*at));
	return 0;
}

bool ruleset_has_slot(const struct ruleset *rules, enum action action)
{
	if (action == ACTION_AUDIT && rules->next_slot >= FIRST_AUDIT_SLOT)
		return rules->next_audit < RULE_SLOTS;
	return rules->next_slot < MAX_SLOTS;
}

uint32_t ruleset_fresh_slot(struct ruleset *rules, enum action action)
{
	uint32_t slot;

	if (action == ACTION_AUDIT && rules->next_slot >= FIRST_AUDIT_SLOT)
		return rules->next_audit++;
	slot = rules->next_slot++;
	if (rules->next_slot == FIRST_AUDIT_SLOT)
		rules->next_slot = RULE_SLOTS;
	return slot;
}

int ruleset_fresh_slots(struct ruleset *rules, struct rule *rule, struct fault *fault)
{
	uint32_t *slots[RULE_MOST_SLOTS];
	size_t count = rule_slots(rule, slots);

	for (size_t i = 0; i < count; i++) {
		if (*slots[i])
			continue;
		if (!ruleset_has_slot(rules, rule->action))
			return fault_set(fault, -ENOSPC, EXIT_REFUSED,
					 "all counters of rules, past and present, are taken");
		*slots[i] = ruleset_fresh_slot(rules, rule->action);
	}
	return 0;
}

/* An id or slot that the rule brings along (it replaces another, or takes over a free slot) is
 * kept. */
int ruleset_insert(struct ruleset *rules, size_t position, struct rule *rule, struct fault *fault)
{
	int r;

	if (position > rules->count)
		return -EINVAL;
	if (rules->count >= MAX_RULES)
		return fault_set(fault, -E2BIG, EXIT_REFUSED,
				 "%d rules is the limit of this version", MAX_RULES);
	r = ruleset_fresh_slots(rules, rule, fault);
	if (!r)
		r = ruleset_make_room(rules, position);
	if (r < 0)
		return r;
	if (!rule->id)
		rule->id = rules->next_id++;
	rule_start(rule);
	rules->rules[position] = *rule;
	*rule = (struct rule){};
	return 0;
}

void ruleset_remove(struct ruleset *rules, size_t position)
{
	if (position >= rules->count)
		return;
	rule_free(&rules->rules[position]);
	rules->count--;
	memmove(&rules->rules[position], &rules->rules[position + 1],
		(rules->count - position) * sizeof(*rules->rules));
}

void ruleset_move(struct ruleset *rules, size_t from, size_t to)
{
	struct rule rule = rules->rules[from];

	if (from < to)
		memmove(&rules->rules[from], &rules->rules[from + 1], (to - from) * sizeof(rule));
	else
		memmove(&rules->rules[to + 1], &rules->rules[to], (from - to) * sizeof(rule));
	rules->rules[to] = rule;
}

ssize_t ruleset_find_id(const struct ruleset *rules, uint32_t id)
{
	size_t i;

	for (i = 0; i < rules->count; i++)
		if (rules->rules[i].id == id)
			return i;
	return -ENOENT;
}

ssize_t ruleset_find_rule(const struct ruleset *rules, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < rules->count; i++)
		if (rule_equal(&rules->rules[i], rule))
			return i;
	return -ENOENT;
}

size_t ruleset_limits(const struct ruleset *rules)
{
	size_t limits = 0;

	for (size_t i = 0; i < rules->count; i++)
		limits += rules->rules[i].action == ACTION_LIMIT;
	return limits;
}

uint32_t ruleset_ifindex(const struct ruleset *rules, const char *name)
{
	for (size_t i = 0; i < rules->iface_count; i++)
		if (!strcmp(rules->ifaces[i].name, name))
			return rules->ifaces[i].index;
	return 0;
}
