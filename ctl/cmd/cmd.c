/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd.c - what the commands share: usage and its errors, and the verb that the first word names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

void print_usage(FILE *out, const struct command *command)
{
	const char *form = command->usage, *lead = "Usage:";

	do {
		size_t len = strcspn(form, "\n");

		fprintf(out, "%-6s netctl %s %.*s\n", lead, command->name, (int)len, form);
		form += len;
		lead = "";
	} while (*form++ == '\n');
}

int run_verb(const struct command *command, const struct verb *verbs, size_t count, int argc,
	     char **argv)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return usage_error(command,
			   argv[1][0] == '-' ? "unknown option '%s'" : "unknown word '%s'",
			   argv[1]);
}

int usage_error(const struct command *command, const char *format, ...)
{
	autofree char *message = NULL;
	struct fault fault = {};
	va_list args;
	int code;

	va_start(args, format);
	message = text_format(format, args);
	va_end(args);
	fault_set(&fault, -EINVAL, EXIT_USAGE, "%s", message ? message : "wrong usage");
	code = fail(-EINVAL, command->name, &fault);
	print_usage(stderr, command);
	return code;
}
