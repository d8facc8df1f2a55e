/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counter_slots.c - counter slots for new rules and elements once every slot has been given out: such as
 * nothing refers to.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/element.h"
#include "../state/blocks.h"
#include "../state/load.h"
#include "../state/view.h"
#include "counter_slots.h"

struct counter_slots {
	bool used[MAX_SLOTS];
	uint32_t next[2]; /* where the search goes on: audit rules' slots, others */
	size_t cpus;
	struct view closed[HOOKS], block[SLOT_BLOCKS];
};

static void mark(bool *used, const struct flow_state *state)
{
	/*
	 * The data path writes while we read; what is out of range is a torn read of a later one.
	 */
	used[state->rule % MAX_SLOTS] = true;
	used[state->audit] = true;
}

/* A flow keeps the slot of the rule that judged it last, also after that rule is gone. */
static int mark_live(const int *maps, const struct load_opts *opts, bool *used)
{
	size_t groups4 = (size_t)opts->cpus * opts->groups4, groups6 = (size_t)opts->cpus * opts->groups6;
	autoview struct view view4 = {};
	autoview struct view view6 = {};
	const struct flow4_group *flow4;
	const struct flow6_group *flow6;
	int r;

	r = view_open(maps[MAP_FLOW4], load_map_size(MAP_FLOW4, opts), false, &view4);
	if (!r)
		r = view_open(maps[MAP_FLOW6], load_map_size(MAP_FLOW6, opts), false, &view6);
	if (r < 0)
		return r;
	flow4 = view4.at;
	flow6 = view6.at;
	for (size_t set = 0; set < groups4; set++)
		for (size_t way = 0; way < WAYS; way++)
			mark(used, &flow4[set].way[way].state);
	for (size_t set = 0; set < groups6; set++)
		for (size_t way = 0; way < WAYS; way++)
			mark(used, &flow6[set].way[way].state);
	return 0;
}

static void mark_listed(bool *used, const struct ruleset *rules)
{
	uint32_t *slots[RULE_MOST_SLOTS];

	for (size_t i = 0; i < rules->count; i++)
		for (size_t n = rule_slots(&rules->rules[i], slots); n--;)
			used[*slots[n]] = true;
	for (size_t i = 0; i < rules->set_count; i++)
		for (size_t n = 0; rules->sets[i].counters && n < set_size(&rules->sets[i]); n++) {
			struct element element = element_at(&rules->sets[i], n);

			used[element_slot(&element)] = true;
		}
}

/* What a hook counts; nothing when it is not used. */
static int open_hook(const struct store *store, enum hook_id hook, struct counter_slots *slots)
{
	const struct load_opts *opts = &store->meta.opts;
	int maps[HOOK_MAP_COUNT];
	int r = store_maps(store, hook, maps);

	if (r == -ENOENT)
		r = 0;
	if (!r && maps[0] >= 0)
		r = mark_live(maps, opts, slots->used);
	if (!r && maps[0] >= 0)
		r = view_open(maps[MAP_CLOSED], load_map_size(MAP_CLOSED, opts), true,
			      &slots->closed[hook]);
	store_close_maps(maps, HOOK_MAP_COUNT);
	return r;
}

/* Where there is no block yet, nothing has been counted. */
static int open_blocks(const struct store *store, struct counter_slots *slots)
{
	size_t size = load_block_size(&store->meta.opts);
	struct blocks blocks;
	int r = store_blocks(store, &blocks);

	for (unsigned int i = 1; i < blocks.count && !r; i++)
		r = view_open(blocks.fd[i], size, true, &slots->block[i]);
	store_close_blocks(&blocks);
	return r;
}

int counter_slots_open(const struct store *store, const struct ruleset *rules,
		       struct counter_slots **ret, struct fault *fault)
{
	struct counter_slots *slots = calloc(1, sizeof(*slots));
	int r = slots ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	slots->next[0] = slots->next[1] = 1;
	slots->cpus = store->meta.opts.cpus;
	mark_listed(slots->used, rules);
	for (int hook = 0; hook < HOOKS && !r; hook++)
		r = open_hook(store, hook, slots);
	if (!r)
		r = open_blocks(store, slots);
	if (r < 0) {
		counter_slots_close(slots);
		return store_fault(r, fault);
	}
	*ret = slots;
	return 0;
}

void counter_slots_close(struct counter_slots *slots)
{
	for (int hook = 0; slots && hook < HOOKS; hook++)
		view_close(&slots->closed[hook]);
	for (int i = 0; slots && i < SLOT_BLOCKS; i++)
		view_close(&slots->block[i]);
	free(slots);
}

static void zero(const struct view *view, size_t rows, uint32_t slot)
{
	struct halves *counts = view->at;

	for (size_t row = 0; counts && row < rows; row++)
		counts[row * RULE_SLOTS + slot % RULE_SLOTS] = (struct halves){};
}

/* Fresh slots of audit rules, which may not be used up yet, are left alone. */
static bool is_free(const struct counter_slots *slots, uint32_t slot, bool audit)
{
	return !slots->used[slot] && (audit || slot < FIRST_AUDIT_SLOT || slot >= RULE_SLOTS);
}

int counter_slots_take(struct counter_slots *slots, enum action action, uint32_t *ret,
		       struct fault *fault)
{
	bool audit = action == ACTION_AUDIT;
	uint32_t end = audit ? RULE_SLOTS : MAX_SLOTS, *next = &slots->next[!audit];

	while (*next < end && !is_free(slots, *next, audit))
		++*next;
	if (*next == end)
		return fault_set(fault, -ENOSPC, EXIT_REFUSED,
				 "the %d counters of rules and elements are taken, or live flows "
				 "of the past still count there: detach and attach again",
				 end - 1);
	*ret = *next;
	slots->used[*next] = true;
	for (int hook = 0; hook < HOOKS && *next < RULE_SLOTS; hook++)
		zero(&slots->closed[hook], slots->cpus, *next);
	if (*next >= RULE_SLOTS)
		zero(&slots->block[*next / RULE_SLOTS], HOOKS * slots->cpus, *next);
	return 0;
}

static uint32_t highest_slot(const struct ruleset *rules)
{
	uint32_t *slots[RULE_MOST_SLOTS], most = 0;

	for (size_t i = 0; i < rules->count; i++)
		for (size_t n = rule_slots(&rules->rules[i], slots); n--;)
			most = MAX(most, *slots[n]);
	for (size_t i = 0; i < rules->set_count; i++)
		for (size_t n = 0; rules->sets[i].counters && n < set_size(&rules->sets[i]); n++) {
			struct element element = element_at(&rules->sets[i], n);

			most = MAX(most, element_slot(&element));
		}
	return most;
}

int counter_slots_need_blocks(const struct store *store, const struct ruleset *rules)
{
	return store_need_blocks(store, highest_slot(rules));
}
