/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - the options of a command, a row each: the row reads it, checks it and explains it. */
#ifndef NETCTL_OPTIONS_H
#define NETCTL_OPTIONS_H

#include "../base/out.h"
#include "../rules/names.h"

struct option_row {
	const char *name; /* "json" for --json; NULL: there is the letter alone */
	char letter;	  /* 'j' for -j; 0: there is none */
	const char *
		value; /* what help calls the value, "[=SECONDS]" where it may be left out; NULL: it takes none */
	const char *help; /* may be several lines */

	/* The member that it sets in the command's struct of options: see INTO(). */
	size_t at, size;
	long long number; /* what an option without a value sets it to; 0: to 1, as of a bool */

	/* How a value is read; NULL: kept as text. Where it may be left out and was, it is NULL. */
	int (*read)(const struct option_row *row, const char *value, void *options,
		    struct fault *fault);
	long long min, max;	  /* of option_number() */
	const struct name *names; /* of option_choice() */
};

#define INTO(type, member) .at = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* What many commands share; member: the format of its struct out_options, or whether that has no header. */
#define OPTION_JSON(type, member)                                                      \
	{                                                                              \
		"json", 'j', .help = "as JSON", INTO(type, member), .number = OUT_JSON \
	}
#define OPTION_NO_HEADER(type, member)                                                  \
	{                                                                               \
		"no-header", 'H', .help = "without the header line", INTO(type, member) \
	}

int option_number(const struct option_row *row, const char *value, void *options,
		  struct fault *fault);
int option_choice(const struct option_row *row, const char *value, void *options,
		  struct fault *fault);

/* "--flows: not a number from 1 to 9: 'x'"; returns -EINVAL. */
int option_fault(const struct option_row *row, const char *expected, const char *value,
		 struct fault *fault);

/*
 * Fill *options, which is zeroed, from the words after argv[0], and move what is no option to the end. The index of
 * the first of these, or -EINVAL. leading: only options before the first other word are options.
 */
int options_read(const struct option_row *rows, size_t count, bool leading, int argc, char **argv,
		 void *options, struct fault *fault);

/* " [-j] [--add]", as they stand in a line of usage. */
void options_print_usage(FILE *out, const struct option_row *rows, size_t count);
/* A line each, or more. */
void options_print_help(const struct option_row *rows, size_t count);

#endif
