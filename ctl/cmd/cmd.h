/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd.h - the commands: one table, from which help, usage errors and completion are printed. */
#ifndef NETCTL_CMD_H
#define NETCTL_CMD_H

#include <stdio.h>

#include "../base/util.h"

struct command {
	const char *name;
	const char *usage;   /* what follows the name; several forms are separated by "\n" */
	const char *summary; /* half a line */
	const char *help;    /* options and examples, for "netctl help NAME"; ends in "\n" */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an enum exit_code */
};

/* Each in its cmd_*.c. main() has entered the namespace -N names before it calls one. */
extern const struct command cmd_attach, cmd_detach, cmd_status, cmd_rule, cmd_set, cmd_policy;
extern const struct command cmd_stats;
extern const struct command cmd_check, cmd_apply, cmd_diff, cmd_save, cmd_import;

/* What the first word of a command may be. */
struct verb {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

/* The verb that argv[1] names, or a usage error; there is such a word. */
int run_verb(const struct command *command, const struct verb *verbs, size_t count, int argc,
	     char **argv);

/* Verbs of "rule" that have files of their own; argv[0] is the verb. */
int run_rule_list(int argc, char **argv);
int run_rule_del(int argc, char **argv);
int run_rule_move(int argc, char **argv);
int run_rule_switch(int argc, char **argv);

/* The same of "set". */
int run_set_load(int argc, char **argv);
int run_set_list(int argc, char **argv);

/* "Usage: netctl rule add RULE...", a line for each form. */
void print_usage(FILE *out, const struct command *command);

/* "netctl: rule add: unknown option '-x'" and the usage line on stderr; returns EXIT_USAGE. */
int usage_error(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
