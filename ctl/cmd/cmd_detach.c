/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_detach.c - netctl detach: takes our programs away from interfaces. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../attach/detach.h"
#include "cmd.h"

static int print_result(const struct detach_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		autofree char *name = text_escape(result->names[i], strlen(result->names[i]));

		printf("%s: detached\n", name ? name : "?");
	}
	if (result->last)
		printf("nothing is left attached: rules, flows and counters are gone\n");
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"all", no_argument, NULL, 'a'},
		{},
	};
	struct detach_result result = {};
	struct fault fault = {};
	bool all = false;
	int c, r;

	optind = 0; /* main() has read options before */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":a", options, NULL)) != -1) {
		if (c != 'a')
			return usage_error(&cmd_detach, "unknown option '%s'", argv[optind - 1]);
		all = true;
	}
	if (all && optind < argc)
		return usage_error(&cmd_detach, "--all and interface names exclude each other");
	if (!all && optind == argc)
		return usage_error(&cmd_detach, "which interface? (--all: all of them)");
	r = detach(argv + optind, (size_t)(argc - optind), &result, &fault);
	if (r)
		return fail(r, "detach", &fault);
	r = print_result(&result);
	free(result.names);
	return r;
}

const struct command cmd_detach = {
	.name = "detach",
	.usage = "IFACE...\n--all",
	.summary = "stop counting and filtering",
	.help = "Takes away our own programs, nobody else's. An interface that no longer exists "
		"goes by\n"
		"the name it had. When the last one is detached, nothing is left of netctl in "
		"this\n"
		"network namespace: no program, table or rule.\n\n"
		"Examples:\n"
		"  netctl detach eth0\n"
		"  netctl detach --all\n",
	.run = run,
};
