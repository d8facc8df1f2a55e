/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_set_list.c - "netctl set list": the sets, or the elements of one as "set load" takes them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/element.h"
#include "../rules/names.h"
#include "../rules/rule_uses.h"
#include "../text/element_print.h"
#include "cmd.h"
#include "../base/duration.h"
#include "../base/out.h"
#include "../live/set_edit.h"
#include "../stats/snapshot_open.h"
#include "../../bpf/boottime.h"

struct list_options {
	struct out_options out;
	const char *name; /* NULL: all sets */
};

/* The ids of the rules that use a set. */
static json_t *users_json(const struct ruleset *rules, const char *name)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < rules->count; i++)
		if (rule_uses_set(&rules->rules[i], name))
			json_array_append_new(ids, json_integer(rules->rules[i].id));
	return ids;
}

static int list_sets(const struct list_options *options, const struct ruleset *rules)
{
	enum { NAME, TYPE, COUNTERS, ELEMENTS, RULES, COLUMNS };
	static const struct out_column columns[COLUMNS] = {
		[NAME] = { .title = "NAME", .key = "name" },
		[TYPE] = { .title = "TYPE", .key = "type" },
		[COUNTERS] = { .title = "COUNTERS", .key = "counters" },
		[ELEMENTS] = { .title = "ELEMENTS", .key = "elements", .right = true },
		[RULES] = { .title = "RULES", .key = "rules" },
	};
	struct out *out;
	int r = out_begin(&options->out, "sets", columns, COLUMNS, &out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < rules->set_count; i++) {
		const struct set *set = &rules->sets[i];
		char users[SET_USERS_SIZE];

		out_row(out);
		out_text(out, NAME, set->name);
		out_text(out, TYPE, name_text(set_type_names, (int)set->type));
		out_shown(out, COUNTERS, set->counters ? "yes" : "-");
		out_json(out, COUNTERS, json_boolean(set->counters));
		out_number(out, ELEMENTS, set_size(set));
		out_shown(out, RULES, set_users(rules, set->name, users) ? users : "-");
		out_json(out, RULES, users_json(rules, set->name));
	}
	return out_end(out);
}

/* One element a line; a million of them are no table. main() reports a write that failed. */
static void print_lines(const struct set *set, const struct count *counts)
{
	for (size_t n = 0; n < set_size(set); n++) {
		struct element element = element_at(set, n);
		uint32_t until = element_until(&element);
		char text[ELEMENT_SIZE + 1], left[DURATION_SIZE];
		size_t len = element_print(&element, text);

		if (!until && !counts) {
			text[len] = '\n';
			fwrite_unlocked(text, 1, len + 1, stdout);
			continue;
		}
		fputs(text, stdout);
		if (until)
			printf(" for %s", duration_print(MAX(boottime_left(until), 1), left));
		if (counts)
			printf(" packets %llu bytes %llu",
			       (unsigned long long)counts[element_slot(&element)].packets,
			       (unsigned long long)counts[element_slot(&element)].bytes);
		putchar('\n');
	}
}

static int print_json(const struct list_options *options, const struct ruleset *rules,
		      const struct set *set, const struct count *counts)
{
	enum { ELEMENT, LEFT, PACKETS, BYTES, COLUMNS };
	static const struct out_column columns[COLUMNS] = {
		[ELEMENT] = { .key = "element" },
		[LEFT] = { .key = "seconds_left" },
		[PACKETS] = { .key = "packets" },
		[BYTES] = { .key = "bytes" },
	};
	struct out *out;
	int r = out_begin(&options->out, "elements", columns, COLUMNS, &out);

	if (r < 0)
		return r;
	out_meta(out, json_pack("{s:s, s:s, s:b, s:o}", "name", set->name, "type",
				name_text(set_type_names, (int)set->type), "counters",
				set->counters, "rules", users_json(rules, set->name)));
	for (size_t n = 0; n < set_size(set); n++) {
		struct element element = element_at(set, n);
		uint32_t until = element_until(&element);
		char text[ELEMENT_SIZE];

		element_print(&element, text);
		out_row(out);
		out_text(out, ELEMENT, text);
		if (until)
			out_number(out, LEFT, MAX(boottime_left(until), 1));
		if (!counts)
			continue;
		out_number(out, PACKETS, counts[element_slot(&element)].packets);
		out_number(out, BYTES, counts[element_slot(&element)].bytes);
	}
	return out_end(out);
}

static int list_elements(const struct list_options *options, const struct edit *edit,
			 struct fault *fault)
{
	autofree struct count *counts = NULL;
	struct set *set;
	int r = edit_find_set(edit, options->name, &set, fault);

	if (!r && set->counters)
		r = store_counts(&edit->store, &counts, fault);
	if (r < 0)
		return r;
	if (options->out.format == OUT_JSON)
		return print_json(options, &edit->rules, set, counts);
	print_lines(set, counts);
	return 0;
}

static int run_list(const struct args *args, struct fault *fault)
{
	struct list_options *options = args->options;
	autoedit struct edit edit = EDIT_CLOSED;
	int r = edit_open(STORE_READ, &edit, fault);

	if (r < 0)
		return r;
	options->name = args->count ? args->words[0] : NULL;
	return options->name ? list_elements(options, &edit, fault)
			     : list_sets(options, &edit.rules);
}

static const struct option_row rows[] = {
	OPTION_JSON(struct list_options, out.format),
	OPTION_NO_HEADER(struct list_options, out.no_header),
};

const struct command verb_set_list = {
	"set list", "[NAME]", "the sets; with NAME its elements, as load takes them",
	ROWS(rows, struct list_options), WORDS(0, 1, "one name"), .run = run_list,
};
