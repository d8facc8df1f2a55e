/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_rule_list.c - "netctl rule list": the rules as text that can be typed back, or as JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_print.h"
#include "cmd.h"
#include "../rules/names.h"
#include "../base/out.h"
#include "../live/edit.h"
#include "../stats/snapshot_open.h"

enum column {
	ID,
	PACKETS,
	BYTES,
	DROPPED,
	DROPPED_BYTES,
	RULE,
	ACTION,
	DISABLED,
	LEFT,
	COMMENT,
	COLUMNS,
};

struct list_options {
	struct out_options out;
	bool counters;
};

/* What a limit dropped is part of what it matched. */
static void print_counts(struct out *out, const struct rule *rule, const struct count *counts)
{
	struct count all = counts[rule->slot], dropped = {};

	if (rule->action == ACTION_LIMIT) {
		dropped = counts[rule->limit.beyond];
		all.packets += dropped.packets;
		all.bytes += dropped.bytes;
		out_number(out, DROPPED, dropped.packets);
		out_number(out, DROPPED_BYTES, dropped.bytes);
	}
	out_number(out, PACKETS, all.packets);
	out_number(out, BYTES, all.bytes);
}

static int print_rule(struct out *out, const struct rule *rule, const struct count *counts)
{
	autofree char *text = NULL;
	int r = rule_print(rule, &text);

	if (r < 0)
		return r;
	out_row(out);
	out_number(out, ID, rule->id);
	if (counts)
		print_counts(out, rule, counts);
	out_text(out, RULE, text);
	out_text(out, ACTION, name_text(action_names, rule->action));
	out_json(out, DISABLED, json_boolean(rule->disabled));
	if (rule_is_timed(rule))
		out_json(out, LEFT, json_integer(rule_left(rule)));
	out_text(out, COMMENT, rule->comment);
	return 0;
}

/* Those at the positions from first up to end. counts: by slot, or NULL. */
static int print_rules(const struct list_options *options, const struct ruleset *rules,
		       size_t first, size_t end, const struct count *counts)
{
	const bool limits = ruleset_limits(rules);
	const struct out_column columns[COLUMNS] = {
		[ID] = {.title = counts ? "ID" : NULL, .key = "id", .right = true},
		[PACKETS] = {.title = counts ? "PACKETS" : NULL, .key = "packets", .right = true},
		[BYTES] = {.title = counts ? "BYTES" : NULL, .key = "bytes", .right = true},
		[DROPPED] = {.title = counts && limits ? "DROPPED" : NULL,
			     .key = "dropped_packets",
			     .right = true},
		[DROPPED_BYTES] = {.key = "dropped_bytes"},
		[RULE] = {.title = "RULE", .key = "rule"},
		[ACTION] = {.key = "action"},
		[DISABLED] = {.key = "disabled"},
		[LEFT] = {.key = "seconds_left"},
		[COMMENT] = {.key = "comment"},
	};
	struct out *out;
	int r = out_begin(&options->out, "rules", columns, COLUMNS, &out), ended;

	if (r < 0)
		return r;
	out_meta(out, json_pack("{s:I, s:s}", "generation", (json_int_t)rules->generation, "policy",
				name_text(verdict_names, rules->policy)));
	for (size_t i = first; i < end && !r; i++)
		r = print_rule(out, &rules->rules[i], counts);
	ended = out_end(out);
	return r ? r : ended;
}

static int run_list(const struct args *args, struct fault *fault)
{
	const char *id = args->count ? args->words[0] : NULL;
	struct list_options *options = args->options;
	autoedit struct edit edit = EDIT_CLOSED;
	autofree struct count *counts = NULL;
	int r, at = 0;

	if (id && !edit_is_id(id))
		return usage_error(args, "not a rule's id: '%s'", id);
	if (options->out.format == OUT_JSON)
		options->counters = true;
	else if (!options->counters)
		options->out.no_header = true; /* a list of rules needs no explanation */
	r = edit_open(STORE_READ, &edit, fault);
	if (!r && id)
		r = at = edit_find_id(&edit.rules, id, fault);
	if (r >= 0 && options->counters)
		r = store_counts(&edit.store, &counts, fault);
	if (r < 0)
		return r;
	return print_rules(options, &edit.rules, (size_t)at, id ? (size_t)at + 1 : edit.rules.count,
			   counts);
}

static const struct option_row rows[] = {
	{ "stats", 's', .help = "with packets and bytes", INTO(struct list_options, counters) },
	OPTION_JSON(struct list_options, out.format),
	OPTION_NO_HEADER(struct list_options, out.no_header),
};

const struct command verb_rule_list = {
	"rule list", "[ID]", "print the rules as they can be typed back",
	ROWS(rows, struct list_options), WORDS(0, 1, "one id"), .run = run_list,
};
