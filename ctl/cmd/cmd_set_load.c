/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_set_load.c - "netctl set load": the elements of a set from a file, all of them or none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../base/duration.h"
#include "../text/set_batch.h"
#include "../live/set_edit.h"
#include "../live/set_diff.h"

struct load_options {
	bool add; /* to what is there, instead of replacing it */
	uint32_t lifetime;
	const char *name, *path;
};

/* In place of the old elements; those that stay keep their counters. */
static int replace(struct edit *edit, struct set *set, struct set *batch, struct set_report *report,
		   struct fault *fault)
{
	struct set next = { .type = set->type, .counters = set->counters };
	struct set old = *set;
	int r = set_add(&next, batch, report);

	if (r < 0) {
		set_free(&next);
		return r;
	}
	memcpy(next.name, set->name, sizeof(next.name));
	if (set->counters)
		set_adopt(&old, &next, false);
	*set = next;
	r = edit_put_sets(edit, &old, fault);
	set_free(&old);
	return r;
}

static int load(struct edit *edit, const struct load_options *options, struct set *set,
		struct set *batch, struct fault *fault)
{
	struct set_report report;
	int r;

	if (!options->add) {
		r = replace(edit, set, batch, &report, fault);
	} else {
		r = set_add(set, batch, &report);
		if (!r && (report.added || report.renewed))
			r = edit_put_sets(edit, NULL, fault);
	}
	if (!r)
		report_added(options->add ? "added" : "loaded", &report, set, batch);
	return r;
}

/* Every bad line, as far as there is room; the exit code. */
static int fail_all(struct list_faults *faults, const char *path)
{
	int code = EXIT_USAGE;

	for (size_t i = 0; i < faults->count && i < MOST_FAULTS; i++)
		code = fail(-EINVAL, verb_set_load.name, &faults->fault[i]);
	if (faults->count > MOST_FAULTS)
		note("and %zu more lines of '%s' are wrong", faults->count - MOST_FAULTS, path);
	return code;
}

static int load_text(const struct load_options *options, const struct list_text *text,
		     struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	struct list_faults faults = {};
	struct set batch = {}, *set;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (!r)
		r = edit_find_set(&edit, options->name, &set, fault);
	if (r < 0)
		return r;
	batch.type = set->type;
	r = batch_list(text, options->lifetime, &batch, &faults);
	if (!r)
		r = load(&edit, options, set, &batch, fault);
	set_free(&batch);
	return faults.count ? fail_all(&faults, options->path) : r;
}

/* NAME FILE, and "for TIME" before or after them. */
static int run_load(const struct args *args, struct fault *fault)
{
	autolist struct list_text text = {};
	struct load_options *options = args->options;
	char **words = args->words;
	const char *time = NULL;
	int r;

	if (args->count == 4 && !strcmp(words[2], "for")) {
		time = words[3];
	} else if (args->count == 4 && !strcmp(words[0], "for")) {
		time = words[1];
		words += 2;
	} else if (args->count != 2) {
		return usage_error(args, "expected %s", args->command->expects);
	}
	options->name = words[0];
	options->path = words[1];
	if (time && !duration_read(time, &options->lifetime)) {
		fault_set(fault, -EINVAL, EXIT_USAGE, "not a time: '%s'", time);
		fault_hint(fault, DURATION_HINT);
		return -EINVAL;
	}
	/* Before the lock: it may wait for a terminal. */
	r = list_open(options->path, &text, fault);
	return r < 0 ? r : load_text(options, &text, fault);
}

static const struct option_row rows[] = {
	{ "add", 0, .help = "to the elements that are there", INTO(struct load_options, add) },
};

const struct command verb_set_load = {
	"set load", "NAME FILE|- [for TIME]",
	"all elements anew from a file: one a line, remarks begin with '#' or ';'",
	ROWS(rows, struct load_options),
	WORDS(2, 4, "the name of a set and one FILE, or - for standard input"), .run = run_load,
};
