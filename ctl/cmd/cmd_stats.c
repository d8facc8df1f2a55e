/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_stats.c - "netctl stats": options, which view, once or again and again. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "../stats/stats.h"

#define SECOND_NS 1000000000ULL

static const char help[] =
	"Views:\n"
	"  (none)   one row a conversation, both directions: what was received is counted\n"
	"           at XDP, what was sent at TC egress or, where that is not attached, at\n"
	"           OUTPUT. Traffic that is forwarded is shown once, on the interface its\n"
	"           first packet left by; with -i on the one named.\n"
	"  --raw    one row a flow as each hook and interface holds it\n"
	"  totals   packets and bytes by hook, interface and verdict\n"
	"  rules    by rule, and what no rule decided\n"
	"  drops    by reason of the drop; -a: every reason, passed packets too\n"
	"\n"
	"Options:\n"
	"  -j, --json          one document {\"meta\":{...},\"VIEW\":[...]}\n"
	"      --ndjson        one object a line, no meta\n"
	"  -i, --interface IFACE\n"
	"  -4, -6              IPv4 or IPv6 alone\n"
	"  -s, --sort KEY[,KEY...]  conversations; default bytes; \"help\" lists the keys\n"
	"  -r, --reverse\n"
	"  -t, --top N         rows; 0: all; default: what fits the terminal\n"
	"      --watch[=SEC]   again every SEC seconds (1); rates are then over the interval,\n"
	"                      else over a conversation's life (a second at least)\n"
	"  -c, --count N       stop after N pictures\n"
	"  -n, --numeric       no names for protocols and ports\n"
	"  -B                  rates in bytes, not bits, a second\n"
	"  -H, --no-header     --no-trunc (cut nothing)\n"
	"\n"
	"Verdicts: pass, pass#4 and drop#7 (by rule 4, 7), limit#5 (passed within the rate\n"
	"of rule 5; drop#5: nothing of it), drop policy, drop hidden (its headers hide what a\n"
	"drop rule looks at), audit#3 (rule 3 would drop it), drop#gone (dropped by a rule\n"
	"deleted since). Of limits that are full, buckets full tells the packets.\n"
	"Below the table: rates of all rows, packets dropped at any hook; entries and room\n"
	"in the flow tables; overflow: packets counted without a row of their own, as those\n"
	"of a flood that is dropped when there is no room; evicted: rows closed to make room,\n"
	"their counts are kept. Totals and rules have all of them.\n"
	"Bytes: xdp and tc whole frames as on the wire, nf from the IP header on.\n"
	"\n"
	"JSON (numbers are exact integers, times RFC 3339 in UTC):\n"
	"  meta: time, generation (of the rules), policy, exact (false: counts moved while\n"
	"    they were read), flows, tick_ms (resolution of times), tables: a list of hook,\n"
	"    entries, capacity, overflow_packets, overflow_bytes, evicted\n"
	"  conversations: proto, family (ipv4, ipv6, other), vlan, vlan_inner (0: none),\n"
	"    local, local_port, peer, peer_port (addresses null and ports 0 where there are\n"
	"    none), icmp (type, or null), tx_bits_per_second, rx_bits_per_second,\n"
	"    tx_packets, tx_bytes, rx_packets, rx_bytes, packets, bytes, tx_hook (where tx\n"
	"    was counted: tc, nf or null), verdict (pass, drop), iface, rule, audit (ids or\n"
	"    null), tcp_flags (of FSRPAUEW), first_seen, last_seen\n"
	"  flows (--raw): hook, iface, vlan, vlan_inner, family, proto, src, sport, dst,\n"
	"    dport (ICMP: identifier; type * 256 + code), packets, bytes, verdict, rule,\n"
	"    audit, tcp_flags, first_seen, last_seen\n"
	"  totals: hook, iface, verdict, packets, bytes, and of these live_packets,\n"
	"    live_bytes in flows, closed_packets, closed_bytes in none any more\n"
	"  rules: id (null: the policy), packets, bytes, text\n"
	"  drops: hook, iface, reason, verdict, packets, bytes, text\n"
	"\n"
	"Examples:\n"
	"  netctl stats -s rate -t 10\n"
	"  netctl stats --watch=2 -i eth0\n"
	"  netctl stats --raw -j | jq '.flows[] | select(.verdict == \"drop\")'\n";

static int run(int argc, char **argv);

const struct command cmd_stats = {
	.name = "stats",
	.usage = "[--raw] [OPTION...]\ntotals|rules|drops [OPTION...]",
	.summary = "who talks to whom, how much, and what was dropped",
	.help = help,
	.run = run,
};

static const struct view conversations = { "conversations", stats_print_conversations, true, true };
static const struct view raw = { "flows", stats_print_raw, true, false };
static const struct view views[] = {
	{ "totals", stats_print_totals, true, false },
	{ "rules", stats_print_rules, false, false },
	{ "drops", stats_print_drops, true, false },
};

enum { OPTION_NDJSON = 256, OPTION_NO_TRUNC, OPTION_RAW, OPTION_WATCH };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "ndjson", no_argument, NULL, OPTION_NDJSON },
	{ "raw", no_argument, NULL, OPTION_RAW },
	{ "interface", required_argument, NULL, 'i' },
	{ "sort", required_argument, NULL, 's' },
	{ "reverse", no_argument, NULL, 'r' },
	{ "top", required_argument, NULL, 't' },
	{ "watch", optional_argument, NULL, OPTION_WATCH },
	{ "count", required_argument, NULL, 'c' },
	{ "numeric", no_argument, NULL, 'n' },
	{ "no-header", no_argument, NULL, 'H' },
	{ "no-trunc", no_argument, NULL, OPTION_NO_TRUNC },
	{ "all", no_argument, NULL, 'a' },
	{},
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

/* Digits alone: strtoul() takes signs and blanks, too. */
static bool parse_number(const char *text, unsigned long limit, unsigned long *ret)
{
	unsigned long n = 0;

	if (!*text || strlen(text) > 9)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (unsigned long)(*text - '0');
	}
	if (n > limit)
		return false;
	*ret = n;
	return true;
}

/* "2", "0.5": a tenth of a second at least, a day at most. */
static bool parse_interval(const char *text, uint64_t *ret)
{
	double seconds;
	char *end;

	if (strspn(text, "0123456789.") != strlen(text) || !*text)
		return false;
	seconds = strtod(text, &end);
	if (*end || !(seconds >= 0.1 && seconds <= 86400))
		return false;
	*ret = (uint64_t)(seconds * (double)SECOND_NS);
	return true;
}

/* 0, or the exit code of the error that was printed. */
static int take_value(int option, struct stats_options *o)
{
	struct fault fault = {};

	switch (option) {
	case 's':
		o->sorted = true;
		if (sort_parse(optarg, &o->sort, &fault) < 0)
			return fail(-EINVAL, cmd_stats.name, &fault);
		return 0;
	case 't':
		o->top_given = true;
		if (!parse_number(optarg, 999999999, &o->top))
			return usage_error(&cmd_stats, "not a number of rows: '%s'", optarg);
		return 0;
	case 'c':
		if (!parse_number(optarg, 999999999, &o->count) || !o->count)
			return usage_error(&cmd_stats, "not a number of pictures: '%s'", optarg);
		return 0;
	default: /* OPTION_WATCH */
		if (!parse_interval(optarg ? optarg : "1", &o->interval))
			return usage_error(&cmd_stats, "not 0.1 to 86400 seconds: '%s'", optarg);
		return 0;
	}
}

static void take_flag(int option, struct stats_options *o)
{
	switch (option) {
	case 'j':
		o->out.format = OUT_JSON;
		break;
	case OPTION_NDJSON:
		o->out.format = OUT_NDJSON;
		break;
	case OPTION_RAW:
		o->raw = true;
		break;
	case OPTION_NO_TRUNC:
		o->out.no_trunc = true;
		break;
	case 'H':
		o->out.no_header = true;
		break;
	case 'r':
		o->sort.reverse = true;
		break;
	case 'n':
		o->numeric = true;
		break;
	case 'B':
		o->bytes = true;
		break;
	case 'a':
		o->all = true;
		break;
	case '4':
	case '6':
		o->family = option - '0';
		break;
	}
}

static int choose_view(int argc, char **argv, struct stats_options *o)
{
	o->view = o->raw ? &raw : &conversations;
	if (optind < argc) {
		o->view = NULL;
		for (size_t i = 0; i < ARRAY_SIZE(views); i++)
			if (!strcmp(views[i].name, argv[optind]))
				o->view = &views[i];
		if (!o->view)
			return usage_error(&cmd_stats, "unknown word '%s'", argv[optind]);
		if (++optind < argc)
			return usage_error(&cmd_stats, "unknown word '%s'", argv[optind]);
		if (o->raw)
			return usage_error(&cmd_stats, "--raw shows flows, not %s", o->view->name);
	}
	if (o->iface && !o->view->filters)
		return usage_error(&cmd_stats, "%s count all interfaces: -i can't choose",
				   o->view->name);
	if ((o->sorted || o->sort.reverse || o->bytes) && o->view != &conversations)
		return usage_error(&cmd_stats, "-s, -r and -B are for conversations");
	if (o->count && !o->interval)
		return usage_error(&cmd_stats, "-c counts what --watch shows");
	return 0;
}

static int unknown_option(char **argv)
{
	const char *word = argv[optind - 1];

	if (optopt && optopt < 256 && strncmp(word, "--", 2))
		return usage_error(&cmd_stats, "unknown option '-%c'", optopt);
	return usage_error(&cmd_stats, "unknown option '%s'", word);
}

/* 0, or the exit code of the error that was printed; -1: done. */
static int parse_options(int argc, char **argv, struct stats_options *o)
{
	int option, code = 0;

	while (!code &&
	       (option = getopt_long(argc, argv, ":ji:46s:rt:c:nBHa", long_options, NULL)) != -1) {
		if (option == ':')
			code = usage_error(&cmd_stats, "'%s' needs a value", argv[optind - 1]);
		else if (option == '?')
			code = unknown_option(argv);
		else if (option == 'i')
			o->iface = optarg;
		else if (option == 's' && !strcmp(optarg, "help"))
			return -1;
		else if (option == 's' || option == 't' || option == 'c' || option == OPTION_WATCH)
			code = take_value(option, o);
		else
			take_flag(option, o);
	}
	return code ? code : choose_view(argc, argv, o);
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
	if (error < 0 && ferror(stdout))
		return EXIT_REFUSED;
	return error < 0 ? fail(error, cmd_stats.name, NULL) : EXIT_DONE;
}

static int picture(struct stats *stats)
{
	struct fault fault = {};
	int r = stats_read(stats, &fault);

	if (r < 0)
		return fail(r, cmd_stats.name, &fault);
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

static int watch(struct stats *stats)
{
	const uint64_t interval = stats->options.interval;
	struct timespec next;
	struct fault fault = {};
	int code = 0, r = stats_read(stats, &fault);

	if (r < 0)
		return fail(r, cmd_stats.name, &fault);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (unsigned long i = 0; !code && (!stats->options.count || i < stats->options.count);
	     i++) {
		next.tv_nsec += (long)(interval % SECOND_NS);
		next.tv_sec += (time_t)(interval / SECOND_NS) + next.tv_nsec / (long)SECOND_NS;
		next.tv_nsec %= (long)SECOND_NS;
		nap_until(&next);
		code = picture(stats);
	}
	return code;
}

static int run(int argc, char **argv)
{
	autofree struct stats *stats = calloc(1, sizeof(*stats));
	int code;

	if (!stats)
		return fail(-ENOMEM, cmd_stats.name, NULL);
	opterr = 0;
	ruleset_init(&stats->rules);
	snapshot_init(&stats->snapshot);
	code = parse_options(argc, argv, &stats->options);
	if (code)
		return code < 0 ? list_sort_keys() : code;
	code = stats->options.interval ? watch(stats) : picture(stats);
	stats_free(stats);
	return code;
}
