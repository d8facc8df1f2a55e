/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_rule_ids.c - "netctl rule del|move|enable|disable": what is done to rules that are named by their ids. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_print.h"
#include "cmd.h"
#include "../live/edit.h"
#include "../text/rule_parse.h"

/* Marks for every rule of the list that one of the words names; the caller frees. */
static int mark(const struct ruleset *rules, int count, char **words, bool **ret,
		struct fault *fault)
{
	autofree bool *marks = calloc(rules->count + 1, sizeof(*marks));
	int r = 0;

	if (!marks)
		return -ENOMEM;
	for (int i = 0; i < count && !r; i++)
		r = edit_mark_ids(rules, words[i], marks, fault);
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

static int del_marked(struct ruleset *rules, int count, char **words, struct fault *fault)
{
	autofree bool *marks = NULL;
	int r = mark(rules, count, words, &marks, fault);

	for (size_t i = rules->count; i-- && !r;)
		if (marks[i])
			ruleset_remove(rules, i);
	return r;
}

static int del_rule(struct ruleset *rules, const struct rule *rule, struct fault *fault)
{
	ssize_t at = ruleset_find_rule(rules, rule);
	autofree char *text = NULL;

	if (at >= 0) {
		ruleset_remove(rules, at);
		return 0;
	}
	if (rule_print(rule, &text) < 0)
		return -ENOMEM;
	fault_set(fault, -ENOENT, EXIT_MISSING, "no such rule: '%s'", text);
	fault_hint(fault, "'netctl rule list -s' shows the rules and their ids");
	return -ENOENT;
}

static int run_del(const struct args *args, struct fault *fault)
{
	bool by_id = !not_ids(args->count, args->words);
	autoedit struct edit edit = EDIT_CLOSED;
	autorule struct rule rule = {};
	int r = by_id ? 0 : rule_parse_words(args->count, args->words, &rule, fault);

	if (!r)
		r = edit_open(STORE_CHANGE, &edit, fault);
	if (!r)
		r = by_id ? del_marked(&edit.rules, args->count, args->words, fault)
			  : del_rule(&edit.rules, &rule, fault);
	return r < 0 ? r : edit_commit(&edit, fault);
}

const struct command verb_rule_del = {
	"rule del", "ID[-ID][,...]|RULE...", "remove rules by ids (3-7,9), or one as list shows it",
	WORDS(1, MANY, "ids or a rule"), .run = run_del,
};

/* 1 when the list has changed. */
static int move(struct ruleset *rules, const char *id, const struct place *place,
		struct fault *fault)
{
	int from = edit_find_id(rules, id, fault), to;

	if (from < 0)
		return from;
	to = edit_place(rules, place, fault);
	if (to < 0)
		return to;
	if (to > from) /* the place was counted with the rule still before it */
		to--;
	ruleset_move(rules, (size_t)from, (size_t)to);
	return from != to;
}

static int run_move(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	struct place place = {};
	int count = args->count - 1, r;
	char **words = args->words + 1;

	if (!edit_is_id(args->words[0]))
		return usage_error(args, "not a rule's id: '%s'", args->words[0]);
	if (place_read(count, words, &place) != count)
		return usage_error(args, "expected a place: " PLACES);
	r = edit_open(STORE_CHANGE, &edit, fault);
	if (!r)
		r = move(&edit.rules, args->words[0], &place, fault);
	return r <= 0 ? r : edit_commit(&edit, fault);
}

const struct command verb_rule_move = {
	"rule move", "ID first|last|before ID|after ID",
	"put a rule elsewhere; it keeps id and counters",
	WORDS(2, 3, "an id and a place"), .run = run_move,
};

/* 1 when the list has changed. */
static int switch_marked(struct ruleset *rules, int count, char **words, bool disabled,
			 struct fault *fault)
{
	autofree bool *marks = NULL;
	int r = mark(rules, count, words, &marks, fault), changed = 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < rules->count; i++) {
		if (!marks[i] || rules->rules[i].disabled == disabled)
			continue;
		rules->rules[i].disabled = disabled;
		changed = 1;
	}
	return changed;
}

static int run_switch(const struct args *args, struct fault *fault)
{
	const char *wrong = not_ids(args->count, args->words);
	autoedit struct edit edit = EDIT_CLOSED;
	int r;

	if (wrong)
		return usage_error(args, "not ids, like 3-7,9: '%s'", wrong);
	r = edit_open(STORE_CHANGE, &edit, fault);
	if (!r)
		r = switch_marked(&edit.rules, args->count, args->words,
				  args->command == &verb_rule_disable, fault);
	return r <= 0 ? r : edit_commit(&edit, fault);
}

const struct command verb_rule_enable = {
	"rule enable", "ID[-ID][,...]", "let disabled rules judge again",
	WORDS(1, MANY, "ids"), .run = run_switch,
};

const struct command verb_rule_disable = {
	"rule disable", "ID[-ID][,...]",
	"leave rules in the list, with id and counters, and let them judge nothing",
	WORDS(1, MANY, "ids"), .run = run_switch,
};
