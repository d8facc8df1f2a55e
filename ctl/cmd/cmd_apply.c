/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_apply.c - "netctl apply" and "netctl save": the rules in force from a file, and to one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../live/edit.h"
#include "../live/rule_diff.h"
#include "../text/script.h"
#include "../live/set_diff.h"
#include "rule_notes.h"

/* Ids, slots and numbering of the list in force for those that live on; new ones for the rest. */
static int adopt(struct edit *edit, struct ruleset *next, const struct rule_diff *diff,
		 struct fault *fault)
{
	int r = 0;

	next->generation = edit->rules.generation;
	next->next_id = edit->rules.next_id;
	next->next_slot = edit->rules.next_slot;
	next->next_audit = edit->rules.next_audit;
	for (size_t i = 0; i < next->count; i++) {
		size_t from = diff->old_of[i];

		if (from == NO_PARTNER)
			continue;
		rule_succeed(&next->rules[i], &edit->rules.rules[from]);
	}
	for (size_t i = 0; i < next->count && !r; i++) {
		rule_start(&next->rules[i]);
		if (diff->old_of[i] != NO_PARTNER)
			continue;
		next->rules[i].id = next->next_id++;
		r = edit_take_slots(edit, next, &next->rules[i], fault);
	}
	for (size_t i = 0; i < next->set_count && !r; i++) {
		const struct set *was = set_partner(&edit->rules, &next->sets[i]);

		if (was)
			set_adopt(was, &next->sets[i], true);
	}
	if (!r)
		r = edit_give_slots(edit, next, NULL, fault);
	if (!r)
		edit_take_spares(edit, next);
	return r;
}

/* What apply has done. */
struct outcome {
	struct rule_diff_counts rules;
	struct sets_diff_counts sets;
};

static bool changes(const struct outcome *outcome)
{
	const struct rule_diff_counts *rules = &outcome->rules;
	const struct sets_diff_counts *sets = &outcome->sets;

	return rules->added || rules->removed || rules->changed || rules->moved || sets->added ||
	       sets->removed || sets->changed;
}

static int put_in_force(struct ruleset *next, struct outcome *ret, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	struct rule_diff diff;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (!r)
		r = rule_diff_make(&edit.rules, next, &diff);
	if (r < 0)
		return r;
	ret->rules = rule_diff_count(&edit.rules, next, &diff);
	ret->sets = sets_diff_count(&edit.rules, next);
	if (changes(ret) || edit.rules.policy != next->policy) {
		r = adopt(&edit, next, &diff, fault);
		if (!r)
			r = rules_commit(&edit.store, next, fault);
	}
	rule_diff_free(&diff);
	return r;
}

static void print_outcome(const struct outcome *outcome)
{
	const struct rule_diff_counts *rules = &outcome->rules;
	const struct sets_diff_counts *sets = &outcome->sets;

	printf("%zu added, %zu removed, %zu changed, %zu moved, %zu unchanged\n", rules->added,
	       rules->removed, rules->changed, rules->moved, rules->same);
	if (!sets->added && !sets->removed && !sets->changed && !sets->same)
		return;
	printf("sets: %zu added, %zu removed, %zu changed, %zu unchanged; elements: %zu added, "
	       "%zu removed, %zu changed, %zu unchanged\n",
	       sets->added, sets->removed, sets->changed, sets->same, sets->elements.added,
	       sets->elements.removed, sets->elements.changed, sets->elements.same);
}

static int run_apply(const struct args *args, struct fault *fault)
{
	autoscript struct script script = {};
	struct outcome outcome = {};
	int r;

	/* Before the lock: it may wait for a terminal. */
	r = script_read(args->words[0], &script, fault);
	if (!r)
		r = put_in_force(&script.rules, &outcome, fault);
	if (r < 0) /* may name the file that the script holds */
		return fail(r, args->command->name, fault);
	rules_notes(&script.rules);
	print_outcome(&outcome);
	return EXIT_DONE;
}

const struct command cmd_apply = {
	COMMAND("apply", "FILE|-", "put the rules and the policy of a file in force, as a whole"),
	.help = "All of it is in force at every hook in the same instant, or nothing is changed.\n"
		"What the file does not say is gone: no policy line means policy pass.\n"
		"\n"
		"A rule that the file and the list in force both have keeps id and counters,\n"
		"wherever it is; so does one whose comment changed, or that is disabled now.\n"
		"Of a set that both have, the elements that both have keep counters, and what is\n"
		"left of their time if both have one: 'netctl set add' renews it.\n"
		"'netctl help check' says what a file may hold, 'netctl diff' what would change.\n",
	.examples = "  netctl save | netctl apply -\n"
		    "  printf 'policy pass\\ndrop dst 10.0.0.5\\n' | netctl apply -\n",
	WORDS(1, 1, "one FILE, or - for standard input"),
	.run = run_apply,
};

static int run_save(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	int r = edit_open(STORE_READ, &edit, fault);

	return r < 0 ? r : script_print(&edit.rules, stdout);
}

const struct command cmd_save = {
	COMMAND("save", NULL, "print the policy and the rules in force as a file for apply"),
	.help = "After 'netctl apply' of what it prints, 'netctl diff'\n"
		"of the same finds nothing.\n",
	.examples = "  netctl save >/tmp/netctl.rules\n",
	.run = run_save,
};
