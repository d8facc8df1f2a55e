/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* edit.c - a change of the rules in force: opened, closed; ids, lists of ids and places found. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edit.h"
#include "rules_read.h"
#include "../rules/set_items.h"
#include "../../bpf/boottime.h"

void edit_note_kept(const struct store *store)
{
	if (!store_is_live(store))
		note("nothing is attached: rules are kept for the next 'netctl attach', and nothing "
		     "is filtered yet");
}

int edit_load(struct edit *edit, struct fault *fault)
{
	int r;

	if (edit->store.state < 0) {
		ruleset_init(&edit->rules);
		return 0;
	}
	r = rules_read(&edit->store, &edit->rules, fault);
	/* To packets these are gone already; what is next put in force leaves them out. */
	for (size_t i = 0; i < edit->rules.set_count && !r; i++)
		set_sweep(&edit->rules.sets[i], boottime_seconds());
	return r;
}

int edit_open(enum store_mode mode, struct edit *ret, struct fault *fault)
{
	int r = store_open(mode, &ret->store, fault);

	ret->slots = NULL;
	if (r < 0)
		return r;
	r = edit_load(ret, fault);
	if (r < 0)
		store_close(&ret->store);
	else
		edit_note_kept(&ret->store);
	return r;
}

void edit_close(struct edit *edit)
{
	ruleset_free(&edit->rules);
	counter_slots_close(edit->slots);
	store_close(&edit->store);
}

int edit_commit(struct edit *edit, struct fault *fault)
{
	return rules_commit(&edit->store, &edit->rules, fault);
}

static void borrow(struct ruleset *all, const struct ruleset *from)
{
	if (from->count)
		memcpy(all->rules + all->count, from->rules, from->count * sizeof(*all->rules));
	all->count += from->count;
	if (from->set_count)
		memcpy(all->sets + all->set_count, from->sets,
		       from->set_count * sizeof(*all->sets));
	all->set_count += from->set_count;
}

/*
 * From here on slots are those that neither list uses, nor the one rule or set more; of all these
 * only the slots are looked at.
 */
static int need_slots(struct edit *edit, const struct ruleset *next, const struct rule *rule,
		      const struct set *set, struct fault *fault)
{
	autofree struct rule *rules = NULL;
	autofree struct set *sets = NULL;
	struct ruleset all = {};

	if (edit->slots)
		return 0;
	rules = calloc(edit->rules.count + next->count + 1, sizeof(*rules));
	sets = calloc(edit->rules.set_count + next->set_count + 1, sizeof(*sets));
	if (!rules || !sets)
		return -ENOMEM;
	all.rules = rules;
	all.sets = sets;
	borrow(&all, &edit->rules);
	borrow(&all, next);
	if (rule)
		rules[all.count++] = *rule;
	if (set)
		sets[all.set_count++] = *set;
	return counter_slots_open(&edit->store, &all, &edit->slots, fault);
}

void edit_take_spares(struct edit *edit, struct ruleset *next)
{
	while (edit->slots && next->spares < OVERLAY_RULES &&
	       !counter_slots_take(edit->slots, ACTION_PASS, &next->spare[next->spares], NULL))
		next->spares++;
}

static int take_slot(struct edit *edit, struct ruleset *next, const struct rule *rule,
		     uint32_t *slot, struct fault *fault)
{
	int r;

	if (*slot)
		return 0;
	if (ruleset_has_slot(next, rule->action)) {
		*slot = ruleset_fresh_slot(next, rule->action);
		return 0;
	}
	r = need_slots(edit, next, rule, NULL, fault);
	return r < 0 ? r : counter_slots_take(edit->slots, rule->action, slot, fault);
}

int edit_take_slots(struct edit *edit, struct ruleset *next, struct rule *rule, struct fault *fault)
{
	uint32_t *slots[RULE_MOST_SLOTS];
	size_t count = rule_slots(rule, slots);
	int r = 0;

	for (size_t i = 0; i < count && !r; i++)
		r = take_slot(edit, next, rule, slots[i], fault);
	return r;
}

/* One kind of a set's elements. */
static int give_items(struct edit *edit, struct set *set, enum element_kind kind, struct fault *fault)
{
	struct items items = items_of(set, kind);
	int r = 0;

	for (size_t n = 0; n < *items.count && !r; n++) {
		struct item item = item_get(kind, *items.array, n);

		if (item.slot)
			continue;
		r = counter_slots_take(edit->slots, ACTION_PASS, &item.slot, fault);
		item_put(kind, *items.array, n, &item);
	}
	return r;
}

int edit_give_slots(struct edit *edit, struct ruleset *next, const struct set *replaced,
		    struct fault *fault)
{
	int r = ruleset_give_slots(next, NULL);

	if (r != -ENOSPC)
		return r;
	r = need_slots(edit, next, NULL, replaced, fault);
	for (size_t i = 0; i < next->set_count && !r; i++)
		for (enum element_kind kind = 0; kind < ELEMENT_KINDS && next->sets[i].counters && !r;
		     kind++)
			r = give_items(edit, &next->sets[i], kind, fault);
	if (r == -ENOSPC)
		fault_hint(fault, "a set without counters may hold any number of elements");
	return r;
}

bool edit_is_id(const char *word)
{
	return word[0] && !word[strspn(word, "0123456789")];
}

static int no_such_id(const char *word, struct fault *fault)
{
	fault_set(fault, -ENOENT, EXIT_MISSING, "no rule has the id %s", word);
	fault_hint(fault, "'netctl rule list -s' shows the rules and their ids");
	return -ENOENT;
}

int edit_find_id(const struct ruleset *rules, const char *word, struct fault *fault)
{
	unsigned long long id = strtoull(word, NULL, 10); /* ULLONG_MAX when out of range */
	ssize_t at = id <= UINT32_MAX ? ruleset_find_id(rules, id) : -ENOENT;

	return at >= 0 ? at : no_such_id(word, fault);
}

bool edit_is_id_list(const char *word)
{
	return word[0] >= '0' && word[0] <= '9' && !word[strspn(word, "0123456789-,")];
}

/* One element, "N" or "N-M". */
static int mark_range(const struct ruleset *rules, const char *word, bool *marks,
		      struct fault *fault)
{
	const char *dash = strchr(word, '-');
	unsigned long long lo = strtoull(word, NULL, 10);
	unsigned long long hi = dash ? strtoull(dash + 1, NULL, 10) : lo;
	bool found = false;

	if (word[0] < '0' || word[0] > '9' || (dash && !edit_is_id(dash + 1)))
		return fault_set(fault, -EINVAL, EXIT_USAGE, "not a list of ids: '%s'", word);
	if (lo > hi)
		return fault_set(fault, -EINVAL, EXIT_USAGE, "range is backwards: '%s'", word);
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->rules[i].id < lo || rules->rules[i].id > hi)
			continue;
		found = marks[i] = true;
	}
	return found ? 0 : no_such_id(word, fault);
}

int edit_mark_ids(const struct ruleset *rules, const char *word, bool *marks, struct fault *fault)
{
	autofree char *copy = strdup(word);
	char *next = copy, *element;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	while (!r && (element = strsep(&next, ",")))
		r = mark_range(rules, element, marks, fault);
	return r;
}

int place_read(int count, char **words, struct place *ret)
{
	if (count >= 1 && (!strcmp(words[0], "first") || !strcmp(words[0], "last"))) {
		ret->where = words[0][0] == 'f' ? FIRST : LAST;
		return 1;
	}
	if (count < 2 || !edit_is_id(words[1]))
		return 0;
	if (strcmp(words[0], "before") && strcmp(words[0], "after"))
		return 0;
	ret->where = words[0][0] == 'b' ? BEFORE : AFTER;
	ret->id = words[1];
	return 2;
}

int edit_place(const struct ruleset *rules, const struct place *place, struct fault *fault)
{
	int at;

	if (place->where == LAST)
		return rules->count;
	if (place->where == FIRST)
		return 0;
	at = edit_find_id(rules, place->id, fault);
	return at < 0 || place->where == BEFORE ? at : at + 1;
}
