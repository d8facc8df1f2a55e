/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_stats.c - "netctl stats": options, which view, once or again and again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "watch.h"
#include "../stats/stats.h"

static const struct view conversations = { "conversations", stats_print_conversations, true, true };
static const struct view raw = { "flows", stats_print_raw, true, false };
static const struct view views[] = {
	{ "totals", stats_print_totals, true, false },
	{ "rules", stats_print_rules, false, false },
	{ "drops", stats_print_drops, true, false },
};

static int list_sort_keys(void)
{
	static const struct {
		const char *name, *text;
	} keys[] = {
#define X(id, name, text) { name, text },
		SORT_KEYS(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		printf("%-8s %s\n", keys[i].name, keys[i].text);
	return EXIT_DONE;
}

static int read_sort(const struct option_row *row, const char *value, void *options,
		     struct fault *fault)
{
	struct stats_options *o = options;

	o->sorted = true;
	o->sort_help = o->sort_help || !strcmp(value, "help");
	return o->sort_help ? 0 : conversation_sort_parse(value, &o->sort, fault);
}

static int read_top(const struct option_row *row, const char *value, void *options,
		    struct fault *fault)
{
	((struct stats_options *)options)->top_given = true;
	return option_number(row, value, options, fault);
}

static const struct option_row rows[] = {
	{ "raw", 0, .help = "one row a flow, as each hook and interface holds it",
	  INTO(struct stats_options, raw) },
	OPTION_JSON(struct stats_options, out.format),
	{ "ndjson", 0, .help = "as JSON, one object a line and no meta",
	  INTO(struct stats_options, out.format), .number = OUT_NDJSON },
	{ "interface", 'i', "IFACE", "that interface alone", INTO(struct stats_options, iface) },
	{ NULL, '4', .help = "conversations, --raw: IPv4 alone", INTO(struct stats_options, ipv4) },
	{ NULL, '6', .help = "conversations, --raw: IPv6 alone", INTO(struct stats_options, ipv6) },
	{ "sort", 's', "KEY,...",
	  "sort conversations; default bytes; \"help\" lists the keys",
	  INTO(struct stats_options, sort), .read = read_sort },
	{ "reverse", 'r', .help = "in reverse order", INTO(struct stats_options, sort.reverse) },
	{ "top", 't', "N", "at most N rows; 0: all; default: what fits the terminal",
	  INTO(struct stats_options, top), .read = read_top, .max = 999999999 },
	WATCH_ROWS(struct stats_options, interval, count),
	{ "all", 'a', .help = "drops: every reason, passed packets too",
	  INTO(struct stats_options, all) },
	{ "numeric", 'n', .help = "no names for protocols and ports",
	  INTO(struct stats_options, numeric) },
	{ NULL, 'B', .help = "rates in bytes, not bits, a second",
	  INTO(struct stats_options, bytes) },
	OPTION_NO_HEADER(struct stats_options, out.no_header),
	{ "no-trunc", 0, .help = "cut nothing to the width of the terminal",
	  INTO(struct stats_options, out.no_trunc) },
};

static int choose_family(const struct args *args, struct stats_options *o)
{
	const char option = o->ipv4 ? '4' : '6';

	if (!o->ipv4 && !o->ipv6)
		return EXIT_DONE;
	if (o->ipv4 && o->ipv6)
		return usage_error(args, "-4 and -6 exclude each other: without them all families are shown");
	if (o->view != &conversations && o->view != &raw)
		return usage_error(args, "%s count all families: -%c is for conversations and --raw",
				   o->view->name, option);
	o->family = o->ipv4 ? 4 : 6;
	return EXIT_DONE;
}

static int choose_view(const struct args *args, struct stats_options *o)
{
	const char *word = args->count ? args->words[0] : NULL;

	o->view = o->raw ? &raw : &conversations;
	if (word) {
		o->view = NULL;
		for (size_t i = 0; i < ARRAY_SIZE(views); i++)
			if (!strcmp(views[i].name, word))
				o->view = &views[i];
		if (!o->view)
			return usage_error(args, "no such view: '%s'", word);
		if (o->raw)
			return usage_error(args, "--raw shows flows, not %s", word);
	}
	if (o->iface && !o->view->filters)
		return usage_error(args, "%s count all interfaces: -i can't choose", o->view->name);
	if ((o->sorted || o->sort.reverse || o->bytes) && o->view != &conversations)
		return usage_error(args, "-s, -r and -B are for conversations");
	if (o->count && !o->interval)
		return usage_error(args, "-c needs --watch");
	return choose_family(args, o);
}

/* A table that is looked at is as large as the terminal, which may have changed since the last screen. */
static void fit_terminal(struct stats_options *o)
{
	unsigned int height = out_height();
	/* The prompt or a spare line, the footer, the header. */
	unsigned int around = 2 + !o->out.no_header;

	o->out.width = out_width();
	if (!o->top_given && o->out.format == OUT_TABLE && isatty(STDOUT_FILENO))
		o->top = height > around + 1 ? height - around : 0;
}

static int screen(void *arg, struct fault *fault)
{
	struct stats *stats = arg;
	int r = stats_read(stats, fault);

	if (r < 0)
		return r;
	fit_terminal(&stats->options);
	if (stats->options.interval && stats->options.out.format == OUT_TABLE &&
	    isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	return stats->options.view->print(stats);
}

static int run(const struct args *args, struct fault *fault)
{
	struct stats_options *options = args->options;
	autofree struct stats *stats = NULL;
	int r;

	if (options->sort_help)
		return list_sort_keys();
	r = choose_view(args, options);
	if (r)
		return r;
	stats = calloc(1, sizeof(*stats));
	if (!stats)
		return -ENOMEM;
	stats->options = *options;
	ruleset_init(&stats->rules);
	if (!options->interval)
		r = screen(stats, fault);
	else if (!(r = stats_read(stats, fault))) /* what rates are counted from */
		r = watch(options->interval, options->count, screen, stats, fault);
	stats_free(stats);
	return r;
}

const struct command cmd_stats = {
	COMMAND("stats", "[totals|rules|drops]",
		"who talks to whom, how much, and what was dropped"),
	.help = "Views:\n"
		"  (none)   one row a conversation, both directions: what was received is counted\n"
		"           at XDP, what was sent at TC egress or, where that is not attached, at\n"
		"           OUTPUT. Interfaces that stand on each other show a packet once, on the\n"
		"           lowest; IFACE has them all (eth0/br0). Traffic that is forwarded is\n"
		"           shown once, on the interface its first packet left by (eth1<eth0).\n"
		"           With -i: what the one named saw.\n"
		"  totals   packets and bytes by hook, interface and verdict\n"
		"  rules    by rule, and what no rule decided; a packet counts at each hook and\n"
		"           interface that judges it\n"
		"  drops    by reason of the drop; -a: every reason, passed packets too\n"
		"\n"
		"Verdicts: pass, pass#4 and drop#7 (by rule 4, 7), limit#5 (passed within the\n"
		"rate of rule 5; drop#5: nothing of it), drop policy, audit#3 (rule 3 would drop\n"
		"it), drop#gone (by a rule deleted since, or that --raw no longer knows of a flow\n"
		"that passes). It is the last packet's; \"-3p\" or DROP: packets that were dropped\n"
		"while others passed. A protocol with a * carries an attached tunnel, whose own\n"
		"rows count; sums leave it out. \"buckets full\" counts the packets of limits that\n"
		"found no bucket of their own.\n"
		"Below the table: rates of all rows; packets dropped at any hook, not with -4 or\n"
		"-6; entries and room in the flow tables; overflow: packets counted without a row\n"
		"of their own, as those of a flood that is dropped when there is no room;\n"
		"evicted: rows closed to make room, their counts are kept. Totals and rules have\n"
		"all of them.\n"
		"Bytes: xdp and tc whole frames as on the wire, nf from the IP header on.\n"
		"Rates are over the interval of --watch, else over a conversation's life (a\n"
		"second at least). netctl(8) names the members of the JSON.\n",
	.examples = "  netctl stats -s rate -t 10\n"
		    "  netctl stats --watch=2 -i eth0\n"
		    "  netctl stats --raw -j | jq '.flows[] | select(.verdict == \"drop\")'\n",
	ROWS(rows, struct stats_options),
	WORDS(0, 1, "one view"),
	.run = run,
};
