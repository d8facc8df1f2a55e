/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slots.c - a counter slot for a new rule once every slot has been given out: one that nothing
 * refers to.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "element.h"
#include "store.h"

struct view {
	void *at; /* NULL: not mapped */
	size_t size;
};

static int view_open(int fd, size_t size, bool write, struct view *ret)
{
	void *at = mmap(NULL, size, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	*ret = (struct view){ at, size };
	return 0;
}

static void view_close(struct view *view)
{
	if (view->at)
		munmap(view->at, view->size);
}

#define autoview __attribute__((cleanup(view_close)))

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
	size_t sets4 = (size_t)opts->cpus * opts->sets4, sets6 = (size_t)opts->cpus * opts->sets6;
	autoview struct view view4 = {};
	autoview struct view view6 = {};
	const struct flow4_set *flow4;
	const struct flow6_set *flow6;
	int r;

	r = view_open(maps[MAP_FLOW4], sets4 * sizeof(*flow4), false, &view4);
	if (!r)
		r = view_open(maps[MAP_FLOW6], sets6 * sizeof(*flow6), false, &view6);
	if (r < 0)
		return r;
	flow4 = view4.at;
	flow6 = view6.at;
	for (size_t set = 0; set < sets4; set++)
		for (size_t way = 0; way < WAYS; way++)
			mark(used, &flow4[set].way[way].state);
	for (size_t set = 0; set < sets6; set++)
		for (size_t way = 0; way < WAYS; way++)
			mark(used, &flow6[set].way[way].state);
	return 0;
}

/* One slot in "rows" rows of slots. */
static int zero(int map, size_t rows, uint32_t slot)
{
	autoview struct view view = {};
	struct count *closed;
	int r = view_open(map, rows * RULE_SLOTS * sizeof(*closed), true, &view);

	if (r < 0)
		return r;
	closed = view.at;
	for (size_t row = 0; row < rows; row++)
		closed[row * RULE_SLOTS + slot % RULE_SLOTS] = (struct count){};
	return 0;
}

/* Where there is no block for it yet, nothing has been counted. */
static int zero_block(const struct store *store, uint32_t slot)
{
	struct blocks blocks;
	int r = store_blocks(store, &blocks);

	if (!r && slot / RULE_SLOTS < blocks.count)
		r = zero(blocks.fd[slot / RULE_SLOTS], (size_t)HOOKS * store->meta.opts.cpus, slot);
	store_close_blocks(&blocks);
	return r;
}

/* The table of an unused hook is all -1. */
static int open_hooks(const struct store *store, int maps[HOOKS][HOOK_MAP_COUNT])
{
	int r = 0;

	for (int hook = 0; hook < HOOKS; hook++) {
		int opened = store_maps(store, hook, maps[hook]);

		if (opened < 0 && opened != -ENOENT)
			r = opened;
	}
	return r;
}

static void mark_listed(bool *used, const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++)
		used[set->rules[i].slot] = used[set->rules[i].limit.beyond] = true;
	for (size_t i = 0; i < set->set_count; i++)
		for (size_t n = 0; set->sets[i].counters && n < set_size(&set->sets[i]); n++) {
			struct element element = element_at(&set->sets[i], n);

			used[element_slot(&element)] = true;
		}
}

/* At every hook. */
static int zero_all(const struct store *store, int maps[HOOKS][HOOK_MAP_COUNT], uint32_t slot)
{
	int r = 0;

	if (slot >= RULE_SLOTS)
		return zero_block(store, slot);
	for (int hook = 0; hook < HOOKS && !r; hook++)
		if (maps[hook][0] >= 0)
			r = zero(maps[hook][MAP_CLOSED], store->meta.opts.cpus, slot);
	return r;
}

static int find_slots(const struct store *store, const struct ruleset *set, enum action action,
		      int maps[HOOKS][HOOK_MAP_COUNT], size_t count, uint32_t *ret)
{
	uint32_t end = action == ACTION_AUDIT ? RULE_SLOTS : MAX_SLOTS, slot = 1;
	autofree bool *used = calloc(MAX_SLOTS, sizeof(*used));
	int r = used ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	mark_listed(used, set);
	for (int hook = 0; hook < HOOKS && !r; hook++)
		if (maps[hook][0] >= 0)
			r = mark_live(maps[hook], &store->meta.opts, used);
	for (size_t i = 0; i < count && !r; i++) {
		while (slot < end && used[slot])
			slot++;
		if (slot == end)
			return -ENOSPC;
		r = zero_all(store, maps, slot);
		ret[i] = slot++;
	}
	return r;
}

int slots_reuse(const struct store *store, const struct ruleset *set, enum action action,
		size_t count, uint32_t *ret_slots, struct fault *fault)
{
	int maps[HOOKS][HOOK_MAP_COUNT];
	int r = open_hooks(store, maps);

	if (!r)
		r = find_slots(store, set, action, maps, count, ret_slots);
	for (int hook = 0; hook < HOOKS; hook++)
		store_close_maps(maps[hook], HOOK_MAP_COUNT);
	if (r == -ENOSPC)
		return fault_set(
			fault, r, EXIT_REFUSED,
			"the %d counters of rules and elements are taken, or live flows of "
			"the past still count there: detach and attach again",
			action == ACTION_AUDIT ? RULE_SLOTS - 1 : MAX_SLOTS - 1);
	if (r < 0)
		return store_fault(r, fault);
	return 0;
}
