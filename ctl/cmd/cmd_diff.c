/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_diff.c - "netctl diff": what apply of a file would change. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/element.h"
#include "../rules/names.h"
#include "../text/element_print.h"
#include "../text/rule_print.h"
#include "cmd.h"
#include "../base/duration.h"
#include "../live/edit.h"
#include "../base/out.h"
#include "../live/rule_diff.h"
#include "../text/script.h"
#include "../live/set_diff.h"
#include "../live/dry_run.h"
#include "../../bpf/boottime.h"

/* Exit codes as those of diff(1): what is no difference and no failure is 1, and a failure is never 1. */
#define EXIT_SAME EXIT_DONE
#define EXIT_DIFFERS EXIT_REFUSED

#define MOST_ELEMENTS 10 /* of one set, shown as going, and as coming */

enum column { CHANGE, ID, RULE, COLUMNS };

struct difference {
	const struct ruleset *old, *next;
	const struct rule_diff *diff;
	struct out *out;
	bool found;
	size_t gone; /* rules of the old list so far */
};

/* id 0: none yet. */
static void print_change(struct difference *d, const char *sign, const char *change, uint32_t id,
			 const char *text)
{
	d->found = true;
	out_row(d->out);
	out_shown(d->out, CHANGE, sign);
	out_json(d->out, CHANGE, out_string(change));
	if (id)
		out_number(d->out, ID, id);
	out_text(d->out, RULE, text);
}

static int print_rule(struct difference *d, const char *sign, const char *change,
		      const struct rule *rule, uint32_t id)
{
	autofree char *text = NULL;
	int r = rule_print(rule, &text);

	if (!r)
		print_change(d, sign, change, id, text);
	return r;
}

/* The rules of the old list up to a position that do not live on. */
static int print_gone(struct difference *d, size_t end)
{
	int r = 0;

	for (; d->gone < end && !r; d->gone++) {
		const struct rule *rule = &d->old->rules[d->gone];

		if (d->diff->next_of[d->gone] == NO_PARTNER)
			r = print_rule(d, "-", "remove", rule, rule->id);
	}
	return r;
}

static int print_next(struct difference *d, size_t position)
{
	const struct rule *rule = &d->next->rules[position], *old;
	size_t from = d->diff->old_of[position];
	int r = 0;

	if (from == NO_PARTNER)
		return print_rule(d, "+", "add", rule, 0);
	old = &d->old->rules[from];
	if (!d->diff->moved[position])
		r = print_gone(d, from);
	if (!r && !rule_equal(old, rule)) {
		r = print_rule(d, "-", "remove", old, old->id);
		return r < 0 ? r : print_rule(d, "+", "add", rule, old->id);
	}
	if (!r && d->diff->moved[position])
		r = print_rule(d, ">", "move", rule, old->id);
	return r;
}

static void print_policy(struct difference *d)
{
	char text[32];

	if (d->old->policy == d->next->policy)
		return;
	snprintf(text, sizeof(text), "policy %s", name_text(verdict_names, d->old->policy));
	print_change(d, "-", "remove", 0, text);
	snprintf(text, sizeof(text), "policy %s", name_text(verdict_names, d->next->policy));
	print_change(d, "+", "add", 0, text);
}

/* The line that makes or removes a set; false: there is none, for both have it. */
static int print_head(struct difference *d, bool add, const struct set *set)
{
	autofree char *text = NULL;
	const char *type = name_text(set_type_names, (int)set->type);

	text = text_printf("set %s%s%s%s", set->name, set->type ? " " : "", set->type ? type : "",
			   set->counters ? " counters" : "");
	if (!text)
		return -ENOMEM;
	print_change(d, add ? "+" : "-", add ? "add" : "remove", 0, text);
	return 0;
}

/* One element, or how many more there are. */
static int print_element(struct difference *d, bool add, const struct set *set, size_t more,
			 const struct element *element)
{
	uint32_t until = element ? element_until(element) : 0;
	char what[ELEMENT_SIZE], left[DURATION_SIZE] = "";
	autofree char *text = NULL;

	if (element)
		element_print(element, what);
	else
		snprintf(what, sizeof(what), "and %zu more", more);
	if (until)
		duration_print(MAX(boottime_left(until), 1), left);
	text = text_printf("set %s %s%s%s", set->name, what, until ? " for " : "", left);
	if (!text)
		return -ENOMEM;
	print_change(d, add ? "+" : "-", add ? "add" : "remove", 0, text);
	return 0;
}

/* The elements that go, or those that come. */
static int print_elements(struct difference *d, bool add, const struct set *old,
			  const struct set *next)
{
	struct set_diff diff = { .old = old, .next = next };
	const struct set *set = add ? next : old;
	struct set_diff_step step;
	size_t count = 0;
	int r = 0;

	while (!r && set && set_diff_next(&diff, &step)) {
		struct element element;

		if (!(add ? step.in_next : step.in_old) || !set_diff_is_change(&diff, &step) ||
		    ++count > MOST_ELEMENTS)
			continue;
		element = element_of(set, (enum element_kind)step.kind, add ? step.next : step.old);
		r = print_element(d, add, set, 0, &element);
	}
	if (!r && count > MOST_ELEMENTS)
		r = print_element(d, add, set, count - MOST_ELEMENTS, NULL);
	return r;
}

/* old or next may be NULL. */
static int print_set(struct difference *d, const struct set *old, const struct set *next)
{
	bool heads = !old || !next || old->counters != next->counters;
	int r = 0;

	if (heads && old)
		r = print_head(d, false, old);
	if (!r)
		r = next || !old ? print_elements(d, false, old, next) : 0;
	if (!r && heads && next)
		r = print_head(d, true, next);
	return r < 0 ? r : print_elements(d, true, old, next);
}

static int print_sets(struct difference *d)
{
	int r = 0;

	for (size_t i = 0; i < d->old->set_count && !r; i++)
		if (!set_partner(d->next, &d->old->sets[i]))
			r = print_set(d, &d->old->sets[i], NULL);
	for (size_t i = 0; i < d->next->set_count && !r; i++)
		r = print_set(d, set_partner(d->old, &d->next->sets[i]), &d->next->sets[i]);
	return r;
}

/* 1 when there is a difference. */
static int print(const struct ruleset *old, const struct ruleset *next,
		 const struct rule_diff *diff, const struct out_options *options)
{
	static const struct out_column columns[COLUMNS] = {
		[CHANGE] = { .key = "change", .title = "" },
		[ID] = { .key = "id", .title = "ID", .right = true },
		[RULE] = { .key = "rule", .title = "RULE" },
	};
	struct difference d = { .old = old, .next = next, .diff = diff };
	int r = out_begin(options, "changes", columns, COLUMNS, &d.out), ended;

	if (r < 0)
		return r;
	print_policy(&d);
	r = print_sets(&d);
	for (size_t i = 0; i < next->count && !r; i++)
		r = print_next(&d, i);
	if (!r)
		r = print_gone(&d, old->count);
	ended = out_end(d.out);
	return r < 0 ? r : ended < 0 ? ended : d.found;
}

/* Whether apply would take it, but for interfaces, which come and go. */
static int try(struct ruleset *rules, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);

	return blob ? dry_run_compile(rules, blob, fault) : -ENOMEM;
}

/* The rules in force or kept; if there are none, apply begins with nothing. */
static int open_rules(struct edit *edit, struct fault *fault)
{
	int r = edit_open(STORE_READ, edit, fault);

	if (r != -ENOENT || edit->store.state >= 0)
		return r;
	fault_clear(fault);
	return edit_load(edit, fault);
}

static int run_diff(const struct args *args, struct fault *fault)
{
	autoscript struct script script = {};
	autoedit struct edit edit = EDIT_CLOSED;
	struct out_options *out = args->options;
	struct rule_diff diff = {};
	int r;

	out->no_header = true;
	/* One moment for all of it: what the file says "for 1h" of is not printed as 59m59s. */
	boottime_seconds_hold(boottime_seconds());
	r = script_read(args->words[0], &script, fault);
	if (!r)
		r = try(&script.rules, fault);
	if (!r)
		r = open_rules(&edit, fault);
	if (!r)
		r = rule_diff_make(&edit.rules, &script.rules, &diff);
	if (!r)
		r = print(&edit.rules, &script.rules, &diff, out);
	rule_diff_free(&diff);
	if (r >= 0)
		return r ? EXIT_DIFFERS : EXIT_SAME;
	r = fail(r, args->command->name, fault); /* may name the file that the script holds */
	return r == EXIT_DIFFERS ? EXIT_USAGE : r;
}

static const struct option_row rows[] = { OPTION_JSON(struct out_options, format) };

const struct command cmd_diff = {
	COMMAND("diff", "FILE|-", "what apply of this file would change"),
	.help = "One line a change: '-' is removed, '+' is added, '>' is moved; with the id of a\n"
		"rule that is in the list. A '-' and a '+' with the same id are one rule whose\n"
		"comment changes, or that is disabled or enabled: it keeps id and counters.\n"
		"Elements of sets are lines, too, ten of each set at most. Remaining lifetimes\n"
		"are ignored.\n"
		"\n"
		"Exit status, as of diff(1): 0 no difference, 1 there is one, 2 or more: it\n"
		"failed.\n",
	.examples = "  netctl save | netctl diff -\n",
	ROWS(rows, struct out_options),
	WORDS(1, 1, "one FILE, or - for standard input"),
	.run = run_diff,
};
