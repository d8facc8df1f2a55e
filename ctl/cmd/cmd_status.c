/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_status.c - netctl status: what is attached, how full it is, and what went wrong. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "below_notes.h"
#include "cmd.h"
#include "stack_notes.h"
#include "../base/out.h"
#include "../attach/hooks.h"
#include "../attach/status.h"
#include "../rules/names.h"

#define FULL_PERCENT 80

static const struct status_fault_name {
	const char *name, *text;
} fault_names[STATUS_FAULTS_COUNT] = {
#define X(id, name, text) {name, text},
	STATUS_FAULTS(X)
#undef X
};

static const char *state_of(const struct hook_place *place)
{
	return place->gone ? "gone" : place->misread ? "misread" : "attached";
}

static const char *mode_of(const struct attached *attached)
{
	if (hook_of(attached->hook)->whole_namespace)
		return "netfilter";
	if (attached_by_clsact(attached))
		return attached->hook == HOOK_XDP ? "clsact-ingress" : "clsact";
	return xdp_mode_names[attached->mode].name;
}

static void print_rows(const struct status *status, struct out *out)
{
	char text[64];

	for (size_t i = 0; i < status->count; i++) {
		const struct status_row *row = &status->rows[i];

		out_row(out);
		out_text(out, 0, row->name);
		out_text(out, 1, hook_name(row->attached.hook));
		out_text(out, 2, state_of(&row->place));
		snprintf(text, sizeof(text), "%s%s", mode_of(&row->attached),
			 row->attached.mode == MODE_GENERIC ? ", counts after GRO" : "");
		out_text(out, 3, text);
		text[0] = '\0';
		if (hook_of(row->attached.hook)->whole_namespace)
			snprintf(text, sizeof(text), "priority %d", status->nf_priority);
		else if (row->place.position)
			snprintf(text, sizeof(text), "%u of %u", row->place.position,
				 row->place.programs);
		out_text(out, 4, text[0] ? text : "-");
		out_text(out, 5, out_time(row->attached.since, (char[OUT_TIME_SIZE]){}));
		if (!status_compares(row))
			out_text(out, 6, "-");
		else if (row->unseen.known)
			out_number(out, 6, row->unseen.frames);
		else
			out_text(out, 6, "unknown");
	}
}

static void print_misread(const struct status *status)
{
	for (size_t i = 0; i < status->count; i++) {
		const struct status_row *row = &status->rows[i];
		autofree char *name = text_escape(row->name, strlen(row->name));

		if (!row->place.gone && row->place.misread)
			printf("%s: packets at %s are misread: its link type has changed; detach it, then attach it "
			       "again\n",
			       name ? name : "?", hook_name(row->attached.hook));
	}
}

/* Frames that no hook has seen; where that is not known, why. */
static void print_unseen(const struct status *status)
{
	for (size_t i = 0; i < status->count; i++) {
		const struct status_row *row = &status->rows[i];
		autofree char *name = text_escape(row->name, strlen(row->name));

		if (!status_compares(row))
			continue;
		if (!row->unseen.known)
			printf("%s: unseen is not known: %s\n", name ? name : "?", row->unseen.why);
		else if (row->unseen.frames)
			printf("%s: %" PRIu64 " frame%s sent around TC egress (PACKET_QDISC_BYPASS, "
			       "AF_XDP, XDP redirect): neither counted nor judged there\n",
			       name ? name : "?", row->unseen.frames,
			       row->unseen.frames == 1 ? " was" : "s were");
	}
}

static void print_table(const struct status_table *table, const char *hook)
{
	uint64_t percent = table->capacity ? table->entries * 100 / table->capacity : 0;

	printf("%s: %" PRIu64 " flows, %" PRIu64 " %% of the table, %.1f MiB\n", hook,
	       table->entries, percent, (double)table->memory / (1 << 20));
	if (percent >= FULL_PERCENT)
		printf("%s: warning: the flow table is nearly full; --flows of attach makes a "
		       "larger one\n",
		       hook);
	if (table->evicted)
		printf("%s: %" PRIu64 " flows made room for others: totals hold their packets, the "
		       "flow list does not\n",
		       hook, table->evicted);
	if (table->unlisted.packets)
		printf("%s: %" PRIu64 " packets (%" PRIu64 " bytes) counted without a flow entry\n",
		       hook, (uint64_t)table->unlisted.packets, (uint64_t)table->unlisted.bytes);
	if (table->other.packets)
		printf("%s: %" PRIu64 " packets (%" PRIu64 " bytes) of more interfaces than have "
		       "counters of their own: (other) in totals\n",
		       hook, (uint64_t)table->other.packets, (uint64_t)table->other.bytes);
	for (size_t i = 0; i < STATUS_FAULTS_COUNT; i++)
		if (table->faults[i])
			printf("%s: fault %s (%" PRIu64 "): %s\n", hook, fault_names[i].name,
			       table->faults[i], fault_names[i].text);
}

static void print_buckets(const struct buckets *buckets)
{
	if (buckets->used)
		printf("limits: %" PRIu64 " of %" PRIu64 " buckets in use, %.1f MiB\n", buckets->used,
		       buckets->capacity, (double)buckets->memory / (1 << 20));
	if (buckets->full)
		printf("limits: warning: %" PRIu64 " packets found the buckets full and shared "
		       "others'; --buckets of attach makes more\n",
		       buckets->full);
}

/* Rules and hosts added in place come on top of what was compiled. */
static void print_cost(const struct cost *worst)
{
	if (worst->steps || worst->nodes || worst->boxes)
		printf("rules: a packet of a new flow is compared with at most %u nodes and %u "
		       "boxes, and an address with sets in %u steps\n",
		       worst->nodes, worst->boxes, worst->steps);
	if (worst->edits)
		printf("rules: this includes %u additions made in place\n", worst->edits);
}

static int print_attached(const struct status *status)
{
	static const struct out_column columns[] = {
		{.title = "IFACE", .key = "iface"},
		{.title = "HOOK", .key = "hook"},
		{.title = "STATE", .key = "state"},
		{.title = "MODE", .key = "mode"},
		{.title = "POSITION"},
		{.title = "SINCE", .key = "since"},
		{.title = "UNSEEN", .key = "unseen", .right = true},
	};
	const struct out_options options = {.format = OUT_TABLE};
	struct out *out;
	int r = out_begin(&options, "attached", columns, ARRAY_SIZE(columns), &out);

	if (r)
		return r;
	print_rows(status, out);
	return out_end(out);
}

static int print_text(const struct status *status)
{
	int r = 0;

	if (status->kept)
		puts("nothing is attached, so nothing is counted or filtered");
	else
		r = print_attached(status);
	if (r)
		return r;
	print_misread(status);
	print_unseen(status);
	printf("rules: %zu, policy %s, generation %u%s\n", status->rules,
	       name_text(verdict_names, status->policy), status->generation,
	       status->kept ? ", kept for the next attach" : "");
	print_cost(&status->worst);
	for (int hook = 0; hook < HOOKS; hook++)
		if (status->tables[hook].loaded)
			print_table(&status->tables[hook], hook_name(hook));
	print_buckets(&status->buckets);
	print_stacks(&status->below);
	print_belows(&status->below);
	return 0;
}

static json_t *json_row(const struct status *status, size_t i)
{
	const struct status_row *row = &status->rows[i];
	json_t *charges = i < status->below.count ? json_string(charges_name(status->below.list[i].charges))
						  : json_null(); /* the gate is closed */
	const struct hook_place *place = &row->place;
	json_t *json = json_pack("{s:o, s:I, s:s, s:s, s:s, s:s}", "iface", out_string(row->name),
				 "ifindex", (json_int_t)row->attached.ifindex, "hook",
				 hook_name(row->attached.hook), "state",
				 state_of(place), "mode", mode_of(&row->attached),
				 "since", out_time(row->attached.since, (char[OUT_TIME_SIZE]){}));

	json_object_set_new(json, "position",
			    place->position ? json_integer(place->position) : json_null());
	json_object_set_new(json, "programs",
			    place->programs ? json_integer(place->programs) : json_null());
	json_object_set_new(json, "charges", charges);
	if (hook_of(row->attached.hook)->whole_namespace)
		json_object_set_new(json, "priority", json_integer(status->nf_priority));
	if (!status_compares(row))
		return json;
	json_object_set_new(json, "unseen",
			    row->unseen.known ? json_integer((json_int_t)row->unseen.frames) : json_null());
	json_object_set_new(json, "unseen_why",
			    row->unseen.known ? json_null() : json_string(row->unseen.why));
	return json;
}

static json_t *json_table(const struct status_table *table, const char *hook)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "hook", hook, "entries",
			 (json_int_t)table->entries, "capacity", (json_int_t)table->capacity,
			 "evicted", (json_int_t)table->evicted, "unlisted_packets",
			 (json_int_t)table->unlisted.packets, "unlisted_bytes",
			 (json_int_t)table->unlisted.bytes, "other_packets",
			 (json_int_t)table->other.packets, "other_bytes",
			 (json_int_t)table->other.bytes, "memory", (json_int_t)table->memory);
}

static json_t *json_buckets(const struct buckets *buckets)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "used", (json_int_t)buckets->used, "capacity",
			 (json_int_t)buckets->capacity, "full_packets", (json_int_t)buckets->full,
			 "memory", (json_int_t)buckets->memory);
}

static json_t *json_rules(const struct status *status)
{
	const struct cost *worst = &status->worst;

	return json_pack("{s:I, s:I, s:s, s:b, s:I, s:I, s:I, s:I}", "generation",
			 (json_int_t)status->generation, "count", (json_int_t)status->rules,
			 "policy", name_text(verdict_names, status->policy), "kept", status->kept, "in_place",
			 (json_int_t)worst->edits, "set_steps", (json_int_t)worst->steps,
			 "worst_nodes", (json_int_t)worst->nodes, "longest_list",
			 (json_int_t)worst->boxes);
}

static int print_json(const struct status *status)
{
	json_t *attached = json_array(), *tables = json_array(), *faults = json_array(), *json;
	int r;

	for (size_t i = 0; i < status->count; i++)
		json_array_append_new(attached, json_row(status, i));
	for (int hook = 0; hook < HOOKS; hook++) {
		const struct status_table *table = &status->tables[hook];

		if (table->loaded)
			json_array_append_new(tables, json_table(table, hook_name(hook)));
		for (size_t i = 0; i < STATUS_FAULTS_COUNT; i++)
			if (table->faults[i])
				json_array_append_new(faults,
						      json_pack("{s:s, s:s, s:I}", "hook",
								hook_name(hook), "fault",
								fault_names[i].name, "count",
								(json_int_t)table->faults[i]));
	}
	json = json_pack("{s:o, s:o, s:o, s:o, s:o}", "attached", attached, "rules",
			 json_rules(status),
			 "tables", tables, "buckets", json_buckets(&status->buckets), "faults",
			 faults);
	r = json && !json_dumpf(json, stdout, JSON_INDENT(2)) && putchar('\n') != EOF ? 0 : -ENOMEM;
	json_decref(json);
	return r;
}

static int run(const struct args *args, struct fault *fault)
{
	const struct out_options *options = args->options;
	autofree struct status *status = calloc(1, sizeof(*status));
	int r = status ? status_read(status, fault) : -ENOMEM;

	if (r < 0)
		return r;
	r = options->format == OUT_JSON ? print_json(status) : print_text(status);
	free(status->below.list);
	return r;
}

static const struct option_row rows[] = { OPTION_JSON(struct out_options, format) };

const struct command cmd_status = {
	COMMAND("status", NULL, "what is attached, how full, and faults"),
	.help = "One line an interface and hook: attached, gone with its interface, or misread\n"
		"since its link type has changed; mode;\n"
		"position among the programs there; since when. Then the rules and what a packet\n"
		"of a new flow is compared with at worst, with what was added in place since; how\n"
		"full the flow tables and the buckets of limits are; which interfaces charge limits\n"
		"twice, as they stand on others; and every fault counter that is not zero.\n"
		"UNSEEN are frames that the device sent and TC egress did not see.\n"
		"Where nothing is attached: the rules kept for the next attach.\n",
	.examples = "  netctl status\n",
	ROWS(rows, struct out_options),
	.run = run,
};
