/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_detach.c - netctl detach: takes our programs away from interfaces. */
#include <stdio.h>
#include <string.h>

#include "../attach/detach.h"
#include "cmd.h"

struct detach_options {
	bool all;
};

static const struct option_row rows[] = {
	{ "all", 'a', .help = "from all interfaces; and forget kept rules", INTO(struct detach_options, all) },
};

static int run(const struct args *args, struct fault *fault)
{
	const struct detach_options *options = args->options;
	struct detach_result result = {};
	int r;

	if (options->all && args->count)
		return usage_error(args, "--all and interface names exclude each other");
	if (!options->all && !args->count)
		return usage_error(args, "expected an interface, or --all");
	r = detach(args->words, (size_t)args->count, &result, fault);
	if (r < 0)
		return r;
	for (size_t i = 0; i < result.count; i++) {
		autofree char *name = text_escape(result.names[i], strlen(result.names[i]));

		printf("%s: detached\n", name ? name : "?");
	}
	if (result.kept)
		printf("the rules kept for the next attach are gone\n");
	else if (result.last)
		printf("nothing is left attached: rules, flows and counters are gone\n");
	free(result.names);
	return EXIT_DONE;
}

const struct command cmd_detach = {
	COMMAND("detach", "[IFACE...]", "stop counting and filtering"),
	.help = "Takes away our own programs, nobody else's. An interface that no longer exists\n"
		"is called by the name it had; IFACE may be a pattern, as 'eth*'. When the last\n"
		"one is detached, nothing is left of netctl in this network namespace: no\n"
		"program, table or rule ('netctl save' first prints the rules).\n",
	.examples = "  netctl detach eth0\n"
		    "  netctl detach --all\n",
	ROWS(rows, struct detach_options),
	WORDS(0, MANY, NULL),
	.run = run,
};
