/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd.c - what all commands go through: options, words and verbs of a command line, usage, help and faults. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

#define MOST_VERBS 16

/* The word that chooses it. */
static const char *last_name(const struct command *command)
{
	const char *blank = strrchr(command->name, ' ');

	return blank ? blank + 1 : command->name;
}

static void print_form(FILE *out, const char *lead, const struct command *command)
{
	fprintf(out, "%-6s netctl%s%s", lead, command->name[0] ? " " : "", command->name);
	options_print_usage(out, command->rows, command->row_count);
	fprintf(out, "%s%s\n", command->usage ? " " : "", command->usage ? command->usage : "");
}

void print_usage(FILE *out, const struct command *command)
{
	if (command->usage || !command->verbs)
		print_form(out, "Usage:", command);
	else
		for (size_t i = 0; command->verbs[i]; i++)
			print_form(out, i ? "" : "Usage:", command->verbs[i]);
}

void print_verbs(const struct command *command)
{
	for (size_t i = 0; command->verbs[i]; i++)
		printf("  %-8s %s\n", last_name(command->verbs[i]), command->verbs[i]->summary);
}

static void print_options(const struct command *command)
{
	if (command->row_count && strchr(command->name, ' '))
		printf("\nOptions of %s:\n", last_name(command));
	else if (command->row_count)
		printf("\nOptions:\n");
	options_print_help(command->rows, command->row_count);
}

void print_help(const struct command *command)
{
	print_usage(stdout, command);
	printf("\n%s: %s\n", command->name, command->summary);
	if (command->verbs) {
		putchar('\n');
		print_verbs(command);
	}
	print_options(command);
	for (size_t i = 0; command->verbs && command->verbs[i]; i++)
		print_options(command->verbs[i]);
	if (command->help)
		printf("\n%s", command->help);
	if (command->print_tables)
		command->print_tables();
	if (command->examples)
		printf("\nExamples:\n%s", command->examples);
}

bool asks_for_help(int argc, char **argv)
{
	return argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			    !strcmp(argv[argc - 1], "--help"));
}

const struct command *command_find(const struct command *parent, const char *word,
				   struct fault *fault)
{
	struct name names[MOST_VERBS + 1] = {};
	const char *nearest;

	for (size_t i = 0; parent->verbs[i]; i++) {
		names[i].name = last_name(parent->verbs[i]);
		if (!strcmp(names[i].name, word))
			return parent->verbs[i];
	}
	fault_set(fault, -EINVAL, EXIT_USAGE, "no such %s: '%s'",
		  parent->name[0] ? "verb" : "command", word);
	nearest = name_nearest(names, word);
	if (nearest)
		fault_hint(fault, "did you mean '%s'?", nearest);
	else
		fault_hint(fault, "'netctl help%s%s' lists them", parent->name[0] ? " " : "",
			   parent->name);
	return NULL;
}

static int usage_fault(const struct command *command, struct fault *fault)
{
	int code = fail(-EINVAL, command->name, fault);

	print_usage(stderr, command);
	return code;
}

int usage_error(const struct args *args, const char *format, ...)
{
	autofree char *message = NULL;
	struct fault fault = {};
	va_list rest;

	va_start(rest, format);
	message = text_format(format, rest);
	va_end(rest);
	fault_set(&fault, -EINVAL, EXIT_USAGE, "%s", message ? message : "wrong usage");
	return usage_fault(args->command, &fault);
}

int run_verb(const struct args *args, struct fault *fault)
{
	const struct command *verb;

	if (!args->count)
		return usage_error(args, "missing verb; use one of:");
	verb = command_find(args->command, args->words[0], fault);
	return verb ? command_run(verb, args->count, args->words) : -EINVAL;
}

int command_run(const struct command *command, int argc, char **argv)
{
	autofree void *options = calloc(1, MAX(command->options_size, 1));
	struct args args = { .command = command, .options = options };
	struct fault fault = {};
	int r;

	if (!options)
		return fail(-ENOMEM, command->name, NULL);
	if (command->name[0] && asks_for_help(argc, argv)) {
		print_help(command);
		return EXIT_DONE;
	}
	r = options_read(command->rows, command->row_count, command->verbs || !command->row_count,
			 argc, argv, options, &fault);
	if (r < 0)
		return usage_fault(command, &fault);
	args.count = argc - r;
	args.words = argv + r;
	if (args.count && !command->most)
		return usage_error(&args, "takes no arguments: '%s'", args.words[0]);
	if (args.count < command->least || args.count > command->most)
		return usage_error(&args, "expected %s", command->expects);
	r = command->run(&args, &fault);
	if (r < 0 && ferror(stdout)) /* main() reports what could not be written */
		return EXIT_REFUSED;
	return r < 0 ? fail(r, command->name, &fault) : r;
}
