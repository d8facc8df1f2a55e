/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_attach.c - netctl attach: puts our programs to interfaces and says what became of it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../attach/attach.h"
#include "../state/load.h"
#include "cmd.h"

/* "xdp,tc" to bits; 0 when a word is no hook. */
static unsigned int parse_hooks(const char *text)
{
	unsigned int hooks = 0;

	for (;;) {
		size_t len = strcspn(text, ",");
		int hook = 0;

		while (hook < HOOKS &&
		       (strncmp(text, hook_name(hook), len) || hook_name(hook)[len]))
			hook++;
		if (hook == HOOKS)
			return 0;
		hooks |= 1U << hook;
		if (!text[len])
			return hooks;
		text += len + 1;
	}
}

static int parse_mode(const char *text, enum xdp_wish *ret)
{
	static const char *const names[] = {
		[WISH_AUTO] = "auto", [WISH_NATIVE] = "native", [WISH_GENERIC] = "generic"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i])) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

static int parse_number(const char *text, long min, long max, long *ret)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < min || number > max)
		return -EINVAL;
	*ret = number;
	return 0;
}

static uint32_t power_of_two(uint32_t number)
{
	uint32_t power = 1;

	while (power < number)
		power *= 2;
	return power;
}

static int parse_option(int c, const char *value, struct attach_options *ret)
{
	long number;

	switch (c) {
	case 'H':
		ret->hooks = parse_hooks(value);
		if (!ret->hooks)
			return usage_error(&cmd_attach, "not a list of xdp, tc and nf: '%s'",
					   value);
		return 0;
	case 'm':
		if (parse_mode(value, &ret->wish.mode))
			return usage_error(&cmd_attach, "not auto, native or generic: '%s'", value);
		return 0;
	case 'f':
		if (parse_number(value, 1, FLOWS_MAX, &number))
			return usage_error(&cmd_attach, "not a number of flows from %u to %u: '%s'",
					   FLOWS_MIN, FLOWS_MAX, value);
		ret->flows = power_of_two(MAX((uint32_t)number, FLOWS_MIN));
		return 0;
	case 'b':
		if (parse_number(value, 1, BUCKETS_MAX, &number))
			return usage_error(&cmd_attach,
					   "not a number of buckets from %u to %u: '%s'",
					   BUCKETS_MIN, BUCKETS_MAX, value);
		ret->buckets = power_of_two(MAX((uint32_t)number, BUCKETS_MIN));
		return 0;
	}
	if (parse_number(value, INT32_MIN, INT32_MAX, &number))
		return usage_error(&cmd_attach, "not a priority: '%s'", value);
	ret->wish.nf_priority = (int32_t)number;
	ret->wish.nf_priority_given = true;
	return 0;
}

static int parse(int argc, char **argv, struct attach_options *ret)
{
	static const struct option options[] = {
		{"hooks", required_argument, NULL, 'H'},
		{"mode", required_argument, NULL, 'm'},
		{"flows", required_argument, NULL, 'f'},
		{"buckets", required_argument, NULL, 'b'},
		{"nf-priority", required_argument, NULL, 'p'},
		{},
	};
	int c, r;

	optind = 0; /* main() has read options before */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == ':')
			return usage_error(&cmd_attach, "'%s' needs a value", argv[optind - 1]);
		if (c == '?')
			return usage_error(&cmd_attach, "unknown option '%s'", argv[optind - 1]);
		r = parse_option(c, optarg, ret);
		if (r)
			return r;
	}
	return optind < argc ? 0 : usage_error(&cmd_attach, "which interface?");
}

/* Interfaces by name; one named twice counts once. */
static int find_ifaces(char *const *names, size_t count, struct iface *ret, size_t *ret_count,
		       struct fault *fault)
{
	size_t found = 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		r = iface_by_name(names[i], &ret[found], fault);
		if (r)
			return r;
		while (j < found && ret[j].index != ret[found].index)
			j++;
		found += j == found;
	}
	*ret_count = found;
	return 0;
}

static void print_outcomes(const struct iface *iface, const struct attach_outcome outcomes[HOOKS])
{
	static const char *const modes[] = {[MODE_NONE] = "",
					    [MODE_NATIVE] = " native",
					    [MODE_GENERIC] = " generic",
					    [MODE_TCX] = " by TC ingress"};
	autofree char *name = text_escape(iface->name, strlen(iface->name));
	bool already = true;
	const char *comma = " ";

	printf("%s:", name ? name : "?");
	for (int hook = 0; hook < HOOKS; hook++) {
		const struct attach_outcome *o = &outcomes[hook];

		if (!o->wanted)
			continue;
		printf("%s%s%s%s", comma, hook_name(hook), modes[o->mode],
		       o->clsact ? " (clsact)" : "");
		if (o->note[0])
			printf(" (%s)", o->note);
		comma = ", ";
		already = already && o->already;
	}
	printf("%s\n", already ? ": already attached" : "");
}

static void print_tables(const struct attach_result *result)
{
	unsigned int hooks = 0;
	uint32_t flows = result->opts.sets4 * result->opts.cpus * WAYS;

	for (int hook = 0; hook < HOOKS; hook++)
		hooks += result->loaded >> hook & 1;
	if (!hooks)
		return;
	printf("flow tables: %u IPv4 and %u IPv6 flows at each of %u hook%s: %.1f MiB of kernel "
	       "memory\n",
	       flows, result->opts.sets6 * result->opts.cpus * WAYS, hooks, hooks == 1 ? "" : "s",
	       (double)(hooks * load_memory(&result->opts)) / (1 << 20));
}

static int run(int argc, char **argv)
{
	struct attach_options options = {.hooks = ALL_HOOKS};
	struct attach_result result = {};
	struct fault fault = {};
	autofree struct iface *ifaces = NULL;
	size_t count;
	int r = parse(argc, argv, &options);

	if (r)
		return r;
	ifaces = calloc((size_t)(argc - optind), sizeof(*ifaces));
	if (!ifaces)
		return fail(-ENOMEM, "attach", &fault);
	r = find_ifaces(argv + optind, (size_t)(argc - optind), ifaces, &count, &fault);
	if (!r)
		r = attach(ifaces, count, &options, &result, &fault);
	if (r)
		return fail(r, "attach", &fault);
	for (size_t i = 0; i < count; i++)
		print_outcomes(&ifaces[i], result.outcomes[i]);
	print_tables(&result);
	if (result.stale_rules)
		note("rules that name an interface may mean a former one: 'netctl rule list', and "
		     "add them "
		     "again");
	free(result.outcomes);
	return EXIT_DONE;
}

const struct command cmd_attach = {
	.name = "attach",
	.usage = "IFACE... [--hooks LIST] [--mode MODE] [--flows N] [--buckets N] [--nf-priority N]",
	.summary = "count and filter on interfaces",
	.help = "Puts programs to XDP (what comes in), TC egress (what goes out) and netfilter "
		"OUTPUT (what\n"
		"this host sends, of the whole network namespace). All that was asked for, or "
		"nothing.\n\n"
		"Options:\n"
		"  --hooks LIST     only these of xdp, tc and nf\n"
		"  --mode MODE      of xdp; auto: native, and TC ingress where the driver has "
		"none;\n"
		"                   native: that or nothing; generic: works everywhere, counts "
		"after GRO\n"
		"  --flows N        entries of the flow table, IPv4 and IPv6 each, at each hook: "
		"1024 to\n"
		"                   16777216, rounded up to a power of two (default 65536)\n"
		"  --buckets N      of rate limits 'per' something, for all hooks together: 64 to "
		"67108864,\n"
		"                   rounded up to a power of two (default 65536)\n"
		"  --nf-priority N  of netfilter OUTPUT; default -350: before connection "
		"tracking\n\n"
		"Examples:\n"
		"  netctl attach eth0\n"
		"  netctl attach eth0 eth1 --hooks xdp --mode native\n",
	.run = run,
};
