/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd.h - a command as a value: how it is called, what help says of it, what it does. */
#ifndef NETCTL_CMD_H
#define NETCTL_CMD_H

#include <limits.h>

#include "options.h"

struct command;

/* What a command is run with. */
struct args {
	const struct command *command;
	void *options; /* as its rows have read them */
	int count;
	char **words; /* that are no options */
};

struct command {
	const char *name;	     /* "rule", "rule add"; "" of netctl itself */
	const char *usage;	     /* what follows the options, or NULL */
	const char *summary;	     /* one line */
	const char *help, *examples; /* for "netctl help NAME", or NULL; end in "\n" */
	void (*print_tables)(void);  /* what it prints between these, or NULL */

	/* See ROWS(). Without any only what precedes the first word can be meant as an option. */
	const struct option_row *rows;
	size_t row_count, options_size;

	const struct command *const *verbs; /* what the first word may be, up to NULL; or NULL */

	int least, most;     /* words, see WORDS() */
	const char *expects; /* "one FILE": what to say when there are more or fewer */

	/* An exit code, or a negative errno with a fault; the file that this names, if any, is there still. */
	int (*run)(const struct args *args, struct fault *fault);
};

#define COMMAND(called, words, line) .name = called, .usage = words, .summary = line
#define ROWS(array, type) \
	.rows = array, .row_count = ARRAY_SIZE(array), .options_size = sizeof(type)
#define WORDS(low, high, text) .least = low, .most = high, .expects = text
#define MANY INT_MAX

/* Each in its cmd_*.c. */
extern const struct command cmd_attach, cmd_detach, cmd_status, cmd_rule, cmd_set, cmd_policy;
extern const struct command cmd_check, cmd_diff, cmd_apply, cmd_save, cmd_import, cmd_stats;
/* Verbs of rule and set that have files of their own. */
extern const struct command verb_rule_list, verb_rule_del, verb_rule_move;
extern const struct command verb_rule_enable, verb_rule_disable;
extern const struct command verb_set_load, verb_set_list;

/* Read the options, count the words, run it and print its fault, or print help; the exit code. */
int command_run(const struct command *command, int argc, char **argv);

/* The verb of that name; NULL with a fault. */
const struct command *command_find(const struct command *parent, const char *word,
				   struct fault *fault);
/* Run the verb that the first word names. */
int run_verb(const struct args *args, struct fault *fault);

/* "netctl: rule add: ..." and the usage on stderr; returns EXIT_USAGE. */
int usage_error(const struct args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "COMMAND --help", or --help as the last word: asking changes nothing. */
bool asks_for_help(int argc, char **argv);

void print_usage(FILE *out, const struct command *command);
void print_verbs(const struct command *command);
void print_help(const struct command *command);

#endif
