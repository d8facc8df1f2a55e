/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* below.c - finds out which interfaces' packets are charged to limits below them. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "../base/stack.h"
#include "../live/ifaces.h"
#include "../rules/alike.h"
#include "../rules/rule_match.h"
#include "../state/pin.h"
#include "attached.h"
#include "below.h"

#define DEEPEST 16 /* interfaces on each other; read while they change they may even be a ring */

struct reading {
	const struct store *store;
	const struct meta *meta;
	struct stack stack;
	int map; /* netctl_below */
};

static void reading_end(struct reading *r)
{
	stack_free(&r->stack);
	close_at(&r->map);
}

static int reading_begin(const struct store *store, const struct meta *meta, struct reading *ret)
{
	int r;

	*ret = (struct reading){ .store = store, .meta = meta };
	ret->map = store_pin(store, "below");
	r = ret->map < 0 ? ret->map : stack_read(&ret->stack);
	if (r)
		reading_end(ret);
	return r;
}

static const struct attached *find(const struct reading *r, enum hook_id hook, uint32_t ifindex)
{
	return attached_find((struct meta *)r->meta, hook, ifindex);
}

/* Attached, and still there: whoever is in doubt charges. */
static bool charges_there(const struct reading *r, enum hook_id hook, uint32_t ifindex)
{
	const struct attached *a = find(r, hook, ifindex);
	struct hook_place place;

	return a && !attached_place(r->store, a, &place) && !place.gone;
}

static enum charges charges_at(const struct reading *r, enum hook_id hook, uint32_t ifindex, int depth,
			       char ret_open[16]);

/* Whether what comes by a lower interface is charged there or below: CHARGES_NONE then for who stands on it. */
static enum charges charges_above(const struct reading *r, enum hook_id hook, uint32_t ifindex, int depth,
				  char ret_open[16])
{
	enum charges below;

	if (charges_there(r, hook, ifindex))
		return CHARGES_NONE;
	below = depth ? charges_at(r, hook, ifindex, depth - 1, ret_open) : CHARGES_ALL;
	if (below == CHARGES_ALL)
		memcpy(ret_open, stack_find(&r->stack, ifindex)->name, 16);
	return below;
}

/* What is left for the interface itself to charge, be it attached or not. */
static enum charges charges_at(const struct reading *r, enum hook_id hook, uint32_t ifindex, int depth,
			       char ret_open[16])
{
	const struct stack_iface *iface = stack_find(&r->stack, ifindex);
	const struct stack_pair *pairs;
	size_t count = stack_lowers(&r->stack, ifindex, &pairs);
	bool some = false, all = true;

	ret_open[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char open[16] = "";
		enum charges below;

		if (!pairs[i].direct)
			continue;
		below = charges_above(r, hook, pairs[i].lower, depth, open);
		some = some || below != CHARGES_ALL;
		all = all && below == CHARGES_NONE;
		if (open[0])
			memcpy(ret_open, open, sizeof(open));
	}
	if (!some)
		return CHARGES_ALL;
	return all && !iface->apart ? CHARGES_NONE : CHARGES_TWICE;
}

static bool stands_on_something(const struct reading *r, uint32_t ifindex)
{
	const struct stack_pair *pairs;

	return stack_lowers(&r->stack, ifindex, &pairs);
}

static enum charges charges_of(const struct reading *r, const struct attached *a, char ret_open[16])
{
	/* OUTPUT sees each packet once, whatever it leaves by. */
	if (a->hook == HOOK_NF || !stands_on_something(r, a->ifindex) ||
	    !charges_there(r, a->hook, a->ifindex))
		return CHARGES_ALL;
	return charges_at(r, a->hook, a->ifindex, DEEPEST, ret_open);
}

static uint32_t written(const struct reading *r, uint32_t ifindex)
{
	uint32_t hooks = 0;

	return bpf_map_lookup_elem(r->map, &ifindex, &hooks) ? 0 : hooks;
}

/* The hooks where the interface charges nothing. */
static uint32_t hooks_below(const struct reading *r, uint32_t ifindex)
{
	uint32_t hooks = 0;
	char open[16];

	for (enum hook_id hook = 0; hook < HOOKS && stands_on_something(r, ifindex); hook++) {
		const struct attached *a = find(r, hook, ifindex);

		if (a && charges_of(r, a, open) == CHARGES_NONE)
			hooks |= 1U << hook;
	}
	return hooks;
}

static int write_one(const struct reading *r, uint32_t ifindex)
{
	uint32_t hooks = hooks_below(r, ifindex);

	if (hooks == written(r, ifindex))
		return 0;
	if (hooks)
		return bpf_map_update_elem(r->map, &ifindex, &hooks, BPF_ANY) ? -errno : 0;
	return bpf_map_delete_elem(r->map, &ifindex) && errno != ENOENT ? -errno : 0;
}

/* What is not attached any more: its index may be another interface's some day. */
static int forget_others(const struct reading *r)
{
	uint32_t ifindex, next;
	int more = bpf_map_get_next_key(r->map, NULL, &next);

	while (!more) {
		bool stays = false;

		ifindex = next;
		more = bpf_map_get_next_key(r->map, &ifindex, &next);
		for (enum hook_id hook = 0; hook < HOOKS; hook++)
			stays = stays || find(r, hook, ifindex);
		if (!stays && bpf_map_delete_elem(r->map, &ifindex) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int below_write(const struct store *store, const struct meta *meta)
{
	struct reading reading;
	int r = reading_begin(store, meta, &reading);

	if (r)
		return r;
	for (uint32_t i = 0; i < meta->attached_count && !r; i++)
		r = write_one(&reading, meta->attached[i].ifindex);
	if (!r)
		r = forget_others(&reading);
	reading_end(&reading);
	return r;
}

/* The packet path does as it was told last. */
static void compare(const struct reading *r, struct below *below)
{
	bool none = written(r, below->attached.ifindex) & 1U << below->attached.hook;

	if (none && below->charges != CHARGES_NONE)
		below->charges = CHARGES_LESS;
	if (!none && below->charges == CHARGES_NONE)
		below->charges = CHARGES_LATE;
}

static uint32_t first_everywhere(const struct ruleset *rules, enum hook_id hook)
{
	unsigned int alike = ON_ALL;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		alike = rule_alike_after(rules, rule, alike);
		if (rule->action == ACTION_LIMIT && !rule->disabled && !(alike & 1U << hook) &&
		    rule_hooks(rule) & 1U << hook)
			return rule->id;
	}
	return 0;
}

static int find_everywhere(struct ruleset *rules, struct belows *belows)
{
	int r = ifaces_find(rules, true, NULL);

	for (size_t i = 0; i < belows->count && !r; i++) {
		enum hook_id hook = belows->list[i].attached.hook;

		if (belows->list[i].charges == CHARGES_NONE && !belows->everywhere[hook])
			belows->everywhere[hook] = first_everywhere(rules, hook);
	}
	return r;
}

int below_read(const struct store *store, struct ruleset *rules, struct belows *ret)
{
	const struct meta *meta = &store->meta;
	struct belows belows = { .list = calloc(meta->attached_count + 1, sizeof(*belows.list)) };
	struct reading reading;
	int r = belows.list ? reading_begin(store, meta, &reading) : -ENOMEM;

	if (r) {
		free(belows.list);
		return r;
	}
	for (uint32_t i = 0; i < meta->attached_count; i++) {
		struct below *below = &belows.list[belows.count++];

		below->attached = meta->attached[i];
		below->charges = charges_of(&reading, &below->attached, below->open);
		if (below->attached.hook != HOOK_NF)
			compare(&reading, below);
	}
	reading_end(&reading);
	r = find_everywhere(rules, &belows);
	if (r)
		free(belows.list);
	else
		*ret = belows;
	return r;
}
