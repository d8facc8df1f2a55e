/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_diff.c - "netctl diff": what apply of a file would change. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "edit.h"
#include "out.h"
#include "pair.h"
#include "script.h"

/* Exit codes as those of diff(1): what is no difference and no failure is 1, and a failure is never 1. */
#define EXIT_SAME EXIT_DONE
#define EXIT_DIFFERS EXIT_REFUSED

enum column { CHANGE, ID, RULE, COLUMNS };

struct difference {
	const struct ruleset *old, *next;
	const struct pairing *pairing;
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

		if (d->pairing->next_of[d->gone] == PAIR_NONE)
			r = print_rule(d, "-", "remove", rule, rule->id);
	}
	return r;
}

static int print_next(struct difference *d, size_t position)
{
	const struct rule *rule = &d->next->rules[position], *old;
	size_t from = d->pairing->old_of[position];
	int r = 0;

	if (from == PAIR_NONE)
		return print_rule(d, "+", "add", rule, 0);
	old = &d->old->rules[from];
	if (!d->pairing->moved[position])
		r = print_gone(d, from);
	if (!r && !rule_equal(old, rule)) {
		r = print_rule(d, "-", "remove", old, old->id);
		return r < 0 ? r : print_rule(d, "+", "add", rule, old->id);
	}
	if (!r && d->pairing->moved[position])
		r = print_rule(d, ">", "move", rule, old->id);
	return r;
}

static void print_policy(struct difference *d)
{
	static const char *const texts[VERDICTS] = {
#define X(id, name) [VERDICT_##id] = "policy " name,
		NETCTL_VERDICTS(X)
#undef X
	};

	if (d->old->policy == d->next->policy)
		return;
	print_change(d, "-", "remove", 0, texts[d->old->policy]);
	print_change(d, "+", "add", 0, texts[d->next->policy]);
}

/* 1 when there is a difference. */
static int print(const struct ruleset *old, const struct ruleset *next,
		 const struct pairing *pairing, const struct out_options *options)
{
	static const struct out_column columns[COLUMNS] = {
		[CHANGE] = { .key = "change", .title = "" },
		[ID] = { .key = "id", .title = "ID", .right = true },
		[RULE] = { .key = "rule", .title = "RULE" },
	};
	struct difference d = { .old = old, .next = next, .pairing = pairing };
	int r = out_begin(options, "changes", columns, COLUMNS, &d.out), ended;

	if (r < 0)
		return r;
	print_policy(&d);
	for (size_t i = 0; i < next->count && !r; i++)
		r = print_next(&d, i);
	if (!r)
		r = print_gone(&d, old->count);
	ended = out_end(d.out);
	return r < 0 ? r : ended < 0 ? ended : d.found;
}

static int diff(const char *path, const struct out_options *options)
{
	autoscript struct script script = {};
	struct pairing pairing = {};
	struct fault fault = {};
	struct edit edit;
	int r = script_read(path, &script, &fault);

	if (!r)
		r = edit_open(STORE_READ, &edit, &fault);
	if (r >= 0) {
		r = pair_rules(&edit.set, &script.set, &pairing);
		if (!r)
			r = print(&edit.set, &script.set, &pairing, options);
		pairing_free(&pairing);
		edit_close(&edit);
	}
	if (r >= 0)
		return r ? (int)EXIT_DIFFERS : (int)EXIT_SAME;
	r = fail(r, "diff", &fault);
	return r == EXIT_DIFFERS ? EXIT_USAGE : r;
}

static int run_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{},
	};
	struct out_options out = { .no_header = true };
	int option;

	while ((option = getopt_long(argc, argv, "j", options, NULL)) != -1) {
		if (option == '?')
			return usage_error(&cmd_diff, "unknown option '%s'", argv[optind - 1]);
		out.format = OUT_JSON;
	}
	if (argc - optind != 1)
		return usage_error(&cmd_diff, "wants one file, or - for standard input");
	return diff(argv[optind], &out);
}

const struct command cmd_diff = {
	.name = "diff",
	.usage = "[-j] FILE|-",
	.summary = "what apply of this file would change",
	.help = "One line a change: '-' goes, '+' comes, '>' moves; with the id of a rule that is "
		"in\n"
		"the list. A '-' and a '+' with the same id are one rule whose comment changes, "
		"or\n"
		"that is disabled or enabled: it keeps id and counters.\n"
		"\n"
		"Exit status, as of diff(1): 0 no difference, 1 there is one, 2 or more: it "
		"failed.\n"
		"\n"
		"  -j, --json       as JSON\n"
		"\n"
		"Examples:\n"
		"  netctl save | netctl diff -\n",
	.run = run_diff,
};
