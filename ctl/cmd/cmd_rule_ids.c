/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_rule_ids.c - "netctl rule del|move|enable|disable": what is done to rules that are named by their ids. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_print.h"
#include "cmd.h"
#include "../live/edit.h"

/* Marks for every rule of the list that one of the words names; the caller frees. */
static int mark(const struct ruleset *set, int count, char **words, bool **ret, struct fault *fault)
{
	autofree bool *marks = calloc(set->count + 1, sizeof(*marks));
	int r = 0;

	if (!marks)
		return -ENOMEM;
	for (int i = 0; i < count && !r; i++)
		r = edit_mark_ids(set, words[i], marks, fault);
	if (!r)
		*ret = take_ptr(marks);
	return r;
}

/* The first word that is no list of ids; NULL: all of them are. */
static const char *not_ids(int count, char **words)
{
	for (int i = 0; i < count; i++)
		if (!edit_is_id_list(words[i]))
			return words[i];
	return NULL;
}

static int del_marked(struct ruleset *set, int count, char **words, struct fault *fault)
{
	autofree bool *marks = NULL;
	int r = mark(set, count, words, &marks, fault);

	for (size_t i = set->count; i-- && !r;)
		if (marks[i])
			ruleset_remove(set, i);
	return r;
}

static int del_rule(struct ruleset *set, const struct rule *rule, struct fault *fault)
{
	ssize_t at = ruleset_find_rule(set, rule);
	autofree char *text = NULL;

	if (at >= 0) {
		ruleset_remove(set, at);
		return 0;
	}
	if (rule_print(rule, &text) < 0)
		return -ENOMEM;
	fault_set(fault, -ENOENT, EXIT_MISSING, "no such rule: '%s'", text);
	fault_hint(fault, "'netctl rule list -s' shows the rules and their ids");
	return -ENOENT;
}

int run_rule_del(int argc, char **argv)
{
	bool by_id = !not_ids(argc - 1, argv + 1);
	autorule struct rule rule = {};
	struct fault fault = {};
	struct edit edit;
	int r = 0;

	if (argc < 2)
		return usage_error(&cmd_rule, "del: which rule?");
	if (!by_id)
		r = edit_parse(argc - 1, argv + 1, &rule, &fault);
	if (!r)
		r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "rule del", &fault);
	r = by_id ? del_marked(&edit.set, argc - 1, argv + 1, &fault)
		  : del_rule(&edit.set, &rule, &fault);
	if (!r)
		r = rules_commit(&edit.store, &edit.set, &fault);
	edit_close(&edit);
	return r < 0 ? fail(r, "rule del", &fault) : EXIT_DONE;
}

/* 1 when the list has changed. */
static int move(struct ruleset *set, const char *id, const struct place *place, struct fault *fault)
{
	int from = edit_find_id(set, id, fault), to;

	if (from < 0)
		return from;
	to = edit_place(set, place, fault);
	if (to < 0)
		return to;
	if (to > from) /* the place was counted with the rule still before it */
		to--;
	ruleset_move(set, (size_t)from, (size_t)to);
	return from != to;
}

int run_rule_move(int argc, char **argv)
{
	struct place place = {};
	struct fault fault = {};
	struct edit edit;
	int r;

	if (argc < 3)
		return usage_error(&cmd_rule, "move: wants an id, then where to");
	if (!edit_is_id(argv[1]))
		return usage_error(&cmd_rule, "move: not a rule's id: '%s'", argv[1]);
	if (!(argc == 3 && !strcmp(argv[2], "last")) &&
	    place_read(argc - 2, argv + 2, &place) != argc - 2)
		return usage_error(&cmd_rule,
				   "move: say where to: first, last, before ID or after ID");
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "rule move", &fault);
	r = move(&edit.set, argv[1], &place, &fault);
	if (r > 0)
		r = rules_commit(&edit.store, &edit.set, &fault);
	edit_close(&edit);
	return r < 0 ? fail(r, "rule move", &fault) : EXIT_DONE;
}

/* 1 when the list has changed. */
static int switch_marked(struct ruleset *set, int count, char **words, bool disabled,
			 struct fault *fault)
{
	autofree bool *marks = NULL;
	int r = mark(set, count, words, &marks, fault), changed = 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < set->count; i++) {
		if (!marks[i] || set->rules[i].disabled == disabled)
			continue;
		set->rules[i].disabled = disabled;
		changed = 1;
	}
	return changed;
}

int run_rule_switch(int argc, char **argv)
{
	bool disabled = !strcmp(argv[0], "disable");
	const char *name = disabled ? "rule disable" : "rule enable", *wrong;
	struct fault fault = {};
	struct edit edit;
	int r;

	if (argc < 2)
		return usage_error(&cmd_rule, "%s: which rules?", argv[0]);
	wrong = not_ids(argc - 1, argv + 1);
	if (wrong)
		return usage_error(&cmd_rule, "%s: not ids, like 3-7,9: '%s'", argv[0], wrong);
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, name, &fault);
	r = switch_marked(&edit.set, argc - 1, argv + 1, disabled, &fault);
	if (r > 0)
		r = rules_commit(&edit.store, &edit.set, &fault);
	edit_close(&edit);
	return r < 0 ? fail(r, name, &fault) : EXIT_DONE;
}
