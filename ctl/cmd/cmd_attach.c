/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_attach.c - netctl attach: puts our programs to interfaces and says what became of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../attach/attach.h"
#include "../attach/select.h"
#include "../state/load.h"
#include "../text/script.h"
#include "applied.h"
#include "attach_notes.h"
#include "below_notes.h"
#include "cmd.h"
#include "stack_notes.h"

struct wanted {
	struct attach_options attach;
	const char *rules; /* a file's name, or NULL */
	bool all, mode_given;
};

static int read_hooks(const struct option_row *row, const char *value, void *options,
		      struct fault *fault)
{
	struct attach_options *o = &((struct wanted *)options)->attach;
	autofree char *copy = strdup(value);
	char *next = copy, *word;
	int hook;

	if (!copy)
		return -ENOMEM;
	o->hooks = 0;
	while ((word = strsep(&next, ","))) {
		hook = name_number(hook_names, word);
		if (hook < 0)
			return option_fault(row, "a list of xdp, tc and nf", value, fault);
		o->hooks |= 1U << hook;
	}
	return 0;
}

static int read_priority(const struct option_row *row, const char *value, void *options,
			 struct fault *fault)
{
	((struct wanted *)options)->attach.wish.nf_priority_given = true;
	return option_number(row, value, options, fault);
}

static int read_mode(const struct option_row *row, const char *value, void *options,
		     struct fault *fault)
{
	((struct wanted *)options)->mode_given = true;
	return option_choice(row, value, options, fault);
}

static const struct name mode_names[] = {
	{ WISH_AUTO, "auto" }, { WISH_NATIVE, "native" }, { WISH_GENERIC, "generic" }, { WISH_TC, "tc" }, {}
};

static const struct option_row rows[] = {
	{ "all", 'a', NULL,
	  "all interfaces but lo; without --mode by TC\n"
	  "ingress where the default route is",
	  INTO(struct wanted, all) },
	{ "rules", 0, "FILE",
	  "judge the first packet by this file (-: standard\n"
	  "input); rules in force give way when all is\n"
	  "attached, as to 'netctl apply'",
	  INTO(struct wanted, rules) },
	{ "hooks", 0, "HOOK,...", "only these of xdp, tc and nf",
	  INTO(struct wanted, attach.hooks), .read = read_hooks },
	{ "mode", 0, NULL,
	  "of xdp; auto: native, or TC ingress where the\n"
	  "driver has none; native: that or nothing;\n"
	  "generic: works everywhere, counts after GRO;\n"
	  "tc: TC ingress, beside any XDP program",
	  INTO(struct wanted, attach.wish.mode), .read = read_mode, .names = mode_names },
	{ "flows", 0, "N",
	  "entries of the flow table, for IPv4 and for\n"
	  "IPv6, at each hook: 1024 to 16777216, rounded\n"
	  "up to a power of two (default 65536)",
	  INTO(struct wanted, attach.flows), .read = option_number, .min = 1, .max = FLOWS_MAX },
	{ "buckets", 0, "N",
	  "of rate limits 'per' something, for all hooks\n"
	  "together: 64 to 67108864, rounded up to a\n"
	  "power of two (default 65536)",
	  INTO(struct wanted, attach.buckets), .read = option_number, .min = 1,
	  .max = BUCKETS_MAX },
	{ "nf-priority", 0, "N",
	  "of netfilter OUTPUT; default -350: before\n"
	  "connection tracking",
	  INTO(struct wanted, attach.wish.nf_priority), .read = read_priority, .min = INT32_MIN,
	  .max = INT32_MAX },
};

static uint32_t power_of_two(uint32_t number)
{
	uint32_t power = 1;

	while (power < number)
		power *= 2;
	return power;
}

static void print_skipped(const struct attach_target *target)
{
	autofree char *name = text_escape(target->iface.name, strlen(target->iface.name));
	autofree char *why = text_escape(target->skipped, strlen(target->skipped));

	printf("%s: skipped: %s\n", name ? name : "?", why ? why : "?");
}

static void print_outcomes(const struct iface *iface, const struct attach_outcome outcomes[HOOKS])
{
	autofree char *name = text_escape(iface->name, strlen(iface->name));
	bool already = true;
	const char *comma = " ";

	printf("%s:", name ? name : "?");
	for (int hook = 0; hook < HOOKS; hook++) {
		const struct attach_outcome *o = &outcomes[hook];

		if (!o->wanted)
			continue;
		printf("%s%s%s%s", comma, hook_name(hook),
		       xdp_mode_names[o->mode].phrase, o->clsact ? " (clsact)" : "");
		if (o->former)
			printf(" (%s until now%s%s)", xdp_mode_names[o->former].phrase + 1, o->note[0] ? "; " : "",
			       o->note);
		else if (o->note[0])
			printf(" (%s)", o->note);
		comma = ", ";
		already = already && o->already;
	}
	printf("%s\n", already ? ": already attached" : "");
}

static void print_tables(const struct attach_result *result)
{
	unsigned int hooks = 0;
	uint32_t flows = result->opts.groups4 * result->opts.cpus * WAYS;

	for (int hook = 0; hook < HOOKS; hook++)
		hooks += result->loaded >> hook & 1;
	if (!hooks)
		return;
	printf("flow tables: %u IPv4 and %u IPv6 flows at each of %u hook%s: %.1f MiB of kernel "
	       "memory\n",
	       flows, result->opts.groups6 * result->opts.cpus * WAYS, hooks, hooks == 1 ? "" : "s",
	       (double)(hooks * load_memory(&result->opts)) / (1 << 20));
}

/* Half full, the counters have room for practically every interface. */
static void note_crowd(const struct attach_result *result)
{
	uint32_t slots = result->opts.iface_slots;

	if (result->attached <= slots / 2)
		return;
	note("%zu interfaces are attached, and a hook counts at most %u apart: what is beyond shares the row '(other)' "
	     "of 'netctl stats totals'%s",
	     result->attached, slots - 1,
	     slots < IFACE_SLOTS_MAX ?
		     "; 'netctl detach --all', and attaching all of them again, makes room" :
		     "");
}

/* Was anything attached now, that was not before? */
static bool any_new(const struct attach_result *result, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int hook = 0; hook < HOOKS; hook++) {
			const struct attach_outcome *o = &result->outcomes[i][hook];

			if (o->wanted && !o->already && !o->former)
				return true;
		}
	return false;
}

static void print_result(const struct wanted *wanted, const struct attach_target *targets, size_t count,
			 const struct attach_result *result)
{
	for (size_t i = 0; i < count; i++)
		if (targets[i].skipped[0])
			print_skipped(&targets[i]);
		else
			print_outcomes(&targets[i].iface, result->outcomes[i]);
	print_tables(result);
	if (any_new(result, count))
		print_stacks(&result->below);
	print_belows(&result->below);
	if (wanted->rules)
		print_applied(wanted->attach.rules, &result->applied);
	if (result->kept)
		printf("rules: %zu, policy %s, as kept for this attach\n", result->rules,
		       name_text(verdict_names, result->policy));
	note_prices(targets, count, result);
	note_unseen_masters(targets, count);
	note_crowd(result);
	if (result->renewed)
		note("the counters or offloads of %zu device%s had changed: UNSEEN of "
		     "'netctl status' is counted from now on",
		     result->renewed, result->renewed == 1 ? "" : "s");
	if (result->stale_rules)
		note("rules that name an interface may mean a former one: 'netctl rule list', and "
		     "add them again");
}

static int attach_wanted(struct wanted *wanted, struct attach_target *targets, size_t count,
			 struct fault *fault)
{
	struct attach_options *options = &wanted->attach;
	struct attach_result result = {};
	int r;

	if (!options->hooks)
		options->hooks = ALL_HOOKS;
	if (options->flows)
		options->flows = power_of_two(MAX(options->flows, FLOWS_MIN));
	if (options->buckets)
		options->buckets = power_of_two(MAX(options->buckets, BUCKETS_MIN));
	r = attach(targets, count, options, &result, fault);
	if (r < 0)
		return r;
	print_result(wanted, targets, count, &result);
	free(result.outcomes);
	free(result.below.list);
	return EXIT_DONE;
}

static int run(const struct args *args, struct fault *fault)
{
	struct wanted *wanted = args->options;
	autofree struct attach_target *targets = NULL;
	autoscript struct script script = {};
	size_t count = 0;
	int r;

	if (wanted->all && args->count)
		return usage_error(args, "--all and interface names exclude each other");
	if (!wanted->all && !args->count)
		return usage_error(args, "expected an interface, or --all");
	r = select_targets(args->words, (size_t)args->count, wanted->all, !wanted->mode_given, &targets, &count,
			   fault);
	/* Before the lock: it may wait for a terminal. */
	if (!r && wanted->rules)
		r = script_read(wanted->rules, &script, fault);
	if (!r && wanted->rules)
		wanted->attach.rules = &script.rules;
	if (!r)
		r = attach_wanted(wanted, targets, count, fault);
	/* Here, for it may name the file that the script holds. */
	return r < 0 ? fail(r, args->command->name, fault) : r;
}

const struct command cmd_attach = {
	COMMAND("attach", "[IFACE...]", "count and filter on interfaces"),
	.help = "Puts programs to XDP (what comes in), TC egress (what goes out) and netfilter\n"
		"OUTPUT (what this host sends, of the whole network namespace). All that was\n"
		"asked for, with its rules, or nothing. Once a packet is counted, none is missed.\n"
		"Devices with an Ethernet header, or with none before IP (tun, wireguard, ...).\n"
		"IFACE may be a pattern, as 'eth*': of what it matches, and of --all, is skipped\n"
		"what cannot be attached, with the reason.\n"
		"Without --rules a first attach takes the rules that 'netctl apply' has kept.\n"
		"Mode native drops cheapest, but for it some drivers switch offloads off, which\n"
		"is said, or restart; tc costs nothing like it, sees every VLAN tag and stands\n"
		"beside other XDP programs; generic is for tests. Attach again with another mode\n"
		"to change it: to tc and from there, without a gap; auto changes nothing.\n",
	.examples = "  netctl attach eth0\n"
		    "  netctl attach eth0 eth1 --hooks xdp --mode native\n"
		    "  netctl attach 'eth*'\n"
		    "  netctl attach eth0 --mode tc\n"
		    "  printf 'drop dst 10.0.0.5\\n' | netctl attach eth0 --rules -\n",
	ROWS(rows, struct wanted),
	WORDS(0, MANY, NULL),
	.run = run,
};
