/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_check.c - "netctl check": what a file of rules would become, without touching what is in force. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../base/out.h"
#include "../rules/names.h"
#include "../text/script.h"
#include "../live/dry_run.h"
#include "../live/cost.h"
#include "rule_notes.h"

enum column {
	RULES,
	DISABLED,
	POLICY,
	SETS,
	ELEMENTS,
	RANGES,
	STEPS,
	IP4,
	IP6,
	OTHER,
	NODES,
	LONGEST,
	USED,
	MEMORY,
	COLUMNS
};

/* Interfaces come and go, so here they are worth a note; apply refuses them. */
static void note_absent(const struct ruleset *rules)
{
	struct absent absent = {};

	while (dry_run_absent(rules, &absent))
		note("%s:%u: no interface '%s' here now", rules->rules[absent.rule].file,
		     rules->rules[absent.rule].line, absent.iface);
}

/* Elements that are listed for nothing. */
static void note_merged(const struct script *script)
{
	for (size_t i = 0; i < script->rules.set_count; i++) {
		const struct set *set = &script->rules.sets[i];
		const struct set_report *report = &script->reports[i];

		if (report->same || report->covered)
			note("%s:%u: set %s: %zu listed twice, %zu within others", set->file,
			     set->line, set->name, report->same, report->covered);
	}
}

static int print(const struct out_options *options, const struct ruleset *rules,
		 const struct blob *blob)
{
	const struct out_column columns[COLUMNS] = {
		[RULES] = { .title = "RULES", .key = "rules", .right = true },
		[DISABLED] = { .title = "DISABLED", .key = "disabled", .right = true },
		[POLICY] = { .title = "POLICY", .key = "policy" },
		[SETS] = { .title = "SETS", .key = "sets", .right = true },
		[ELEMENTS] = { .title = "ELEMENTS", .key = "elements", .right = true },
		[RANGES] = { .title = "RANGES", .key = "set_ranges", .right = true },
		[STEPS] = { .title = "STEPS", .key = "set_steps", .right = true },
		[IP4] = { .title = "IPV4", .key = "boxes_ipv4", .right = true },
		[IP6] = { .title = "IPV6", .key = "boxes_ipv6", .right = true },
		[OTHER] = { .title = "OTHER", .key = "boxes_other", .right = true },
		[NODES] = { .title = "NODES", .key = "worst_nodes", .right = true },
		[LONGEST] = { .title = "LONGEST", .key = "longest_list", .right = true },
		[USED] = { .title = "USED", .key = "bytes_used", .right = true },
		[MEMORY] = { .title = "MEMORY", .key = "bytes", .right = true },
	};
	const struct family_rules *f = blob->family;
	const struct cost worst = cost_of_all(blob);
	struct out *out;
	size_t disabled = 0, elements = 0, ranges = blob->lookup.pages.count;
	int r = out_begin(options, "check", columns, COLUMNS, &out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < rules->count; i++)
		disabled += rules->rules[i].disabled;
	for (size_t i = 0; i < rules->set_count; i++)
		elements += set_size(&rules->sets[i]);
	for (int i = 0; i < 2; i++)
		ranges += blob->lookup.directory[i].ranges;
	out_row(out);
	out_number(out, RULES, rules->count);
	out_number(out, DISABLED, disabled);
	out_text(out, POLICY, name_text(verdict_names, rules->policy));
	out_number(out, SETS, rules->set_count);
	out_number(out, ELEMENTS, elements);
	out_number(out, RANGES, ranges);
	out_number(out, STEPS, worst.steps);
	out_number(out, IP4, f[FAMILY_IP4].total);
	out_number(out, IP6, f[FAMILY_IP6].total);
	out_number(out, OTHER, f[FAMILY_OTHER].total);
	out_number(out, NODES, worst.nodes);
	out_number(out, LONGEST, worst.boxes);
	out_number(out, USED, MAX(blob->text + blob->text_len, blob->sets + blob->sets_len));
	out_number(out, MEMORY, blob_size(blob));
	return out_end(out);
}

static int run_check(const struct args *args, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	autoscript struct script script = {};
	int r = blob ? script_read(args->words[0], &script, fault) : -ENOMEM;

	if (!r)
		note_absent(&script.rules);
	if (!r)
		note_merged(&script);
	if (!r)
		r = dry_run_compile(&script.rules, blob, fault);
	if (!r)
		rules_notes(&script.rules, ALL_NOTES);
	if (!r)
		r = print(args->options, &script.rules, blob);
	/* Here, for it may name the file that the script holds. */
	return r < 0 ? fail(r, args->command->name, fault) : r;
}

static const struct option_row rows[] = {
	OPTION_JSON(struct out_options, format),
	OPTION_NO_HEADER(struct out_options, no_header),
};

const struct command cmd_check = {
	COMMAND("check", "FILE|-", "would this file of rules be accepted, and what would it cost"),
	.help = "Reads and compiles the file as apply does, and touches nothing. It prints the\n"
		"rules, how many of them are disabled, the policy; the sets, their elements, the\n"
		"ranges they cut the addresses into where rules use them, the steps it takes at\n"
		"worst to look an address up there; the boxes that IPv4, IPv6 and other packets\n"
		"are compared with; the nodes of the trees and the boxes that a packet of a new\n"
		"flow is compared with at worst, and the bytes used of the memory taken.\n"
		"What is added to these rules in place later comes on top: see 'netctl status'.\n"
		"An interface that is not there is a note here, and an error for apply.\n"
		"\n"
		"A file holds one rule a line, as in 'netctl help rule', and:\n"
		"  # a remark                       ; ends a rule, too\n"
		"  policy pass|drop                 pass unless it is there\n"
		"  define lan = 10.0.0.0/8, fd00::/8\n"
		"  drop not src $lan                $lan means the words above\n"
		"  set bad { 10.0.0.1, 10.9.0.0/16 } for rules like: drop src @bad\n"
		"  include \"FILE\"                   found from where this file is; it must be a\n"
		"                                   plain file that nobody else may write\n",
	.examples = "  netctl save | netctl check -\n",
	ROWS(rows, struct out_options),
	WORDS(1, 1, "one FILE, or - for standard input"),
	.run = run_check,
};
