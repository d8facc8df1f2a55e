/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c - the command table: options that stand before a command, help, and which command runs. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../rules/names.h"
#include "../base/netns.h"

#define NETCTL_VERSION "0.1"

static int run_help(int argc, char **argv);

static const struct command cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "this page, or all about a command",
	.help = "Examples:\n"
		"  netctl help rule\n"
		"  man netctl\n",
	.run = run_help,
};

static const struct command *const commands[] = {
	&cmd_attach, &cmd_detach, &cmd_status, &cmd_rule,  &cmd_set, &cmd_policy, &cmd_check,
	&cmd_diff,   &cmd_apply,  &cmd_save,   &cmd_import, &cmd_stats, &cmd_help,
};

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static const char *command_nearest(const char *word)
{
	struct name names[ARRAY_SIZE(commands) + 1] = {};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i].name = commands[i]->name;
	return name_nearest(names, word);
}

static int unknown_command(const char *name)
{
	const char *nearest = command_nearest(name);
	struct fault fault = {};

	fault_set(&fault, -EINVAL, EXIT_USAGE, "no such command: '%s'", name);
	if (nearest)
		fault_hint(&fault, "did you mean '%s'?", nearest);
	else
		fault_hint(&fault, "'netctl help' lists the commands");
	return fail(-EINVAL, NULL, &fault);
}

static void print_command_help(const struct command *command)
{
	print_usage(stdout, command);
	printf("\n%s: %s\n\n%s", command->name, command->summary, command->help);
}

static void print_overview(void)
{
	printf("Usage: netctl [-N NETNS] COMMAND [ARGUMENT...]\n"
	       "Counts every packet into flows at XDP, TC egress and netfilter OUTPUT, and drops\n"
	       "what the rules say. 'netctl help COMMAND' tells more, netctl(8) everything.\n\n"
	       "Commands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	printf("Options:\n"
	       "  -N, --netns NAME|PATH|PID  in that namespace    -V, --version    -h, --help\n"
	       "Examples:\n"
	       "  netctl attach eth0\n"
	       "  netctl rule add drop dst 10.0.0.5\n"
	       "  netctl stats\n");
}

static int run_help(int argc, char **argv)
{
	const struct command *command;

	if (argc > 2)
		return usage_error(&cmd_help, "one command at a time");
	if (argc < 2) {
		print_overview();
		return EXIT_DONE;
	}
	command = command_find(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	print_command_help(command);
	return EXIT_DONE;
}

static int unknown_option(char **argv)
{
	struct fault fault = {};
	const char *word = argv[optind - 1];

	/* getopt steps past a long option only; within "-xy" optopt alone knows which it was. */
	if (optopt && strncmp(word, "--", 2))
		fault_set(&fault, -EINVAL, EXIT_USAGE, "unknown option '-%c'", optopt);
	else
		fault_set(&fault, -EINVAL, EXIT_USAGE, "unknown option '%s'", word);
	fault_hint(&fault, "options of a command stand after it: 'netctl help' shows how");
	return fail(-EINVAL, NULL, &fault);
}

/* "netctl COMMAND --help" wherever --help stands last, so that nothing is changed by asking. */
static bool asks_for_help(int argc, char **argv)
{
	return argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			    !strcmp(argv[argc - 1], "--help"));
}

static int run_command(int argc, char **argv, const char *netns)
{
	const struct command *command = command_find(argv[0]);
	struct fault fault = {};
	int r;

	if (!command)
		return unknown_command(argv[0]);
	if (asks_for_help(argc, argv)) {
		print_command_help(command);
		return EXIT_DONE;
	}
	if (netns && command != &cmd_help) {
		r = netns_enter(netns, &fault);
		if (r < 0)
			return fail(r, NULL, &fault);
	}
	optind = 0; /* glibc: the command scans its own words anew */
	return command->run(argc, argv);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{"netns", required_argument, NULL, 'N'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	const char *netns = NULL;
	struct fault fault = {};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:N:Vh", options, NULL)) != -1) {
		switch (option) {
		case 'N':
			netns = optarg;
			break;
		case 'V':
			puts("netctl " NETCTL_VERSION);
			return EXIT_DONE;
		case 'h':
			print_overview();
			return EXIT_DONE;
		case ':':
			fault_set(&fault, -EINVAL, EXIT_USAGE,
				  "-N needs a namespace: NAME, PATH or PID");
			return fail(-EINVAL, NULL, &fault);
		default:
			return unknown_option(argv);
		}
	}
	if (optind >= argc) {
		print_overview();
		return EXIT_DONE;
	}
	return run_command(argc - optind, argv + optind, netns);
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
	code = run(argc, argv);
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
