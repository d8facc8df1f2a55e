/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c - the command table: options that stand before a command, help, and which command runs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../base/netns.h"

#define NETCTL_VERSION "0.1"

struct main_options {
	const char *netns;
	bool version, help;
};

static const struct option_row rows[] = {
	{ "netns", 'N', "NAME|PATH|PID", "work in that network namespace",
	  INTO(struct main_options, netns) },
	{ "version", 'V', .help = "print the version", INTO(struct main_options, version) },
	{ "help", 'h', .help = "print this page", INTO(struct main_options, help) },
};

static int run_netctl(const struct args *args, struct fault *fault);
static int run_help(const struct args *args, struct fault *fault);

static const struct command cmd_help = {
	COMMAND("help", "[COMMAND]", "this page, or all about a command"),
	.examples = "  netctl help rule\n"
		    "  man netctl\n",
	WORDS(0, 1, "one command"),
	.run = run_help,
};

static const struct command *const commands[] = {
	&cmd_attach, &cmd_detach, &cmd_status, &cmd_rule,   &cmd_set,	&cmd_policy, &cmd_check,
	&cmd_diff,   &cmd_apply,  &cmd_save,   &cmd_import, &cmd_stats, &cmd_help,   NULL,
};

static const struct command netctl = {
	.name = "",
	.usage = "COMMAND [ARGUMENT...]",
	ROWS(rows, struct main_options),
	.verbs = commands,
	WORDS(0, MANY, NULL),
	.run = run_netctl,
};

static int print_overview(void)
{
	print_usage(stdout, &netctl);
	printf("Counts every packet into flows at XDP, TC egress and netfilter OUTPUT, and drops\n"
	       "what the rules say. 'netctl help COMMAND' says more, netctl(8) everything.\n"
	       "Commands:\n");
	print_verbs(&netctl);
	printf("Options:\n");
	options_print_help(rows, ARRAY_SIZE(rows));
	printf("Examples:\n"
	       "  netctl attach eth0; netctl rule add drop dst 10.0.0.5; netctl stats\n");
	return EXIT_DONE;
}

static int run_help(const struct args *args, struct fault *fault)
{
	const struct command *command;

	if (!args->count)
		return print_overview();
	command = command_find(&netctl, args->words[0], fault);
	if (!command)
		return -EINVAL;
	print_help(command);
	return EXIT_DONE;
}

static int run_netctl(const struct args *args, struct fault *fault)
{
	const struct main_options *options = args->options;
	const struct command *command;
	int r = 0;

	if (options->version) {
		puts("netctl " NETCTL_VERSION);
		return EXIT_DONE;
	}
	if (options->help || !args->count)
		return print_overview();
	command = command_find(&netctl, args->words[0], fault);
	if (!command)
		return -EINVAL;
	if (options->netns && command != &cmd_help && !asks_for_help(args->count, args->words))
		r = netns_enter(options->netns, fault);
	return r < 0 ? r : command_run(command, args->count, args->words);
}

/*
 * A closed standard descriptor would be given to the next map or socket, and be written to. What is opened in its place
 * fails: no input is not an empty file.
 */
static void keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
			_exit(EXIT_REFUSED);
}

/* Standard output is a pipe that nobody reads from any more, as after "| head". */
static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

int main(int argc, char **argv)
{
	struct fault fault = {};
	bool lost;
	int code;

	keep_standard_descriptors();
	signal(SIGPIPE, SIG_IGN); /* no change stops halfway because a reader went away */
	code = command_run(&netctl, argc, argv);
	lost = fflush(stdout) || ferror(stdout);
	if (lost && reader_is_gone()) { /* as others end then, without a word */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (fclose(stdout) || lost) {
		fault_set(&fault, -EIO, EXIT_REFUSED, "cannot write the output");
		fail(-EIO, NULL, &fault);
		return code ? code : EXIT_REFUSED;
	}
	return code;
}
