/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_stats.c - "netctl stats": options, which view, once or again and again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "../stats/stats.h"

#define SECOND_NS 1000000000ULL

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

/* "2", "0.5": a tenth of a second at least, a day at most. */
static int read_interval(const struct option_row *row, const char *value, void *options,
			 struct fault *fault)
{
	struct stats_options *o = options;
	const char *text = value ? value : "1";
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (strspn(text, "0123456789.") != strlen(text) || !*text || *end ||
	    !(seconds >= 0.1 && seconds <= 86400))
		return option_fault(row, "a number from 0.1 to 86400", text, fault);
	o->interval = (uint64_t)(seconds * (double)SECOND_NS);
	return 0;
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
	{ NULL, '4', .help = "IPv4 alone", INTO(struct stats_options, family), .number = 4 },
	{ NULL, '6', .help = "IPv6 alone", INTO(struct stats_options, family), .number = 6 },
	{ "sort", 's', "KEY,...",
	  "sort conversations, by bytes unless told; \"help\" lists the keys",
	  INTO(struct stats_options, sort), .read = read_sort },
	{ "reverse", 'r', .help = "in reverse order", INTO(struct stats_options, sort.reverse) },
	{ "top", 't', "N", "at most N rows; 0: all; default: what fits the terminal",
	  INTO(struct stats_options, top), .read = read_top, .max = 999999999 },
	{ "watch", 0, "[=SECONDS]",
	  "again every SECONDS (1); rates are then over the interval,\n"
	  "else over a conversation's life (a second at least)",
	  INTO(struct stats_options, interval), .read = read_interval },
	{ "count", 'c', "N", "stop after N screens of --watch", INTO(struct stats_options, count),
	  .read = option_number, .min = 1, .max = 999999999 },
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
	return EXIT_DONE;
}

/*
 * A table that is looked at is as large as the terminal, which may have changed since the last
 * picture.
 */
static void fit_terminal(struct stats_options *o)
{
	unsigned int height = out_height();
	unsigned int around =
		2 + !o->out.no_header; /* the prompt or a spare line, the footer, the header */

	o->out.width = out_width();
	if (!o->top_given && o->out.format == OUT_TABLE && isatty(STDOUT_FILENO))
		o->top = height > around + 1 ? height - around : 0;
}

/* main() reports what could not be written. */
static int shown(int error)
{
	return error < 0 && ferror(stdout) ? EXIT_REFUSED : error;
}

static int picture(struct stats *stats, struct fault *fault)
{
	int r = stats_read(stats, fault);

	if (r < 0)
		return r;
	fit_terminal(&stats->options);
	if (stats->options.interval && stats->options.out.format == OUT_TABLE &&
	    isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	return shown(stats->options.view->print(stats));
}

static void nap_until(const struct timespec *when)
{
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, when, NULL) == EINTR)
		;
}

static int watch(struct stats *stats, struct fault *fault)
{
	const uint64_t interval = stats->options.interval;
	struct timespec next;
	int r = stats_read(stats, fault);

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned long i = 0; !r && (!stats->options.count || i < stats->options.count); i++) {
		next.tv_nsec += (long)(interval % SECOND_NS);
		next.tv_sec += (time_t)(interval / SECOND_NS) + next.tv_nsec / (long)SECOND_NS;
		next.tv_nsec %= (long)SECOND_NS;
		nap_until(&next);
		r = picture(stats, fault);
	}
	return r;
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
	snapshot_init(&stats->snapshot);
	r = options->interval ? watch(stats, fault) : picture(stats, fault);
	stats_free(stats);
	return r;
}

const struct command cmd_stats = {
	.name = "stats",
	.usage = "[totals|rules|drops]",
	.summary = "who talks to whom, how much, and what was dropped",
	.help = "Views:\n"
		"  (none)   one row a conversation, both directions: what was received is counted\n"
		"           at XDP, what was sent at TC egress or, where that is not attached, at\n"
		"           OUTPUT. Traffic that is forwarded is shown once, on the interface its\n"
		"           first packet left by; with -i on the one named.\n"
		"  totals   packets and bytes by hook, interface and verdict\n"
		"  rules    by rule, and what no rule decided\n"
		"  drops    by reason of the drop; -a: every reason, passed packets too\n"
		"\n"
		"Verdicts: pass, pass#4 and drop#7 (by rule 4, 7), limit#5 (passed within the\n"
		"rate of rule 5; drop#5: nothing of it), drop policy, drop hidden (its headers\n"
		"hide what a drop rule looks at), audit#3 (rule 3 would drop it), drop#gone\n"
		"(dropped by a rule deleted since). \"buckets full\" counts the packets of limits\n"
		"that found no bucket of their own.\n"
		"Below the table: rates of all rows, packets dropped at any hook; entries and\n"
		"room in the flow tables; overflow: packets counted without a row of their own,\n"
		"as those of a flood that is dropped when there is no room; evicted: rows closed\n"
		"to make room, their counts are kept. Totals and rules have all of them.\n"
		"Bytes: xdp and tc whole frames as on the wire, nf from the IP header on.\n"
		"netctl(8) names the members of the JSON.\n",
	.examples = "  netctl stats -s rate -t 10\n"
		    "  netctl stats --watch=2 -i eth0\n"
		    "  netctl stats --raw -j | jq '.flows[] | select(.verdict == \"drop\")'\n",
	ROWS(rows, struct stats_options),
	WORDS(0, 1, "one view"),
	.run = run,
};
