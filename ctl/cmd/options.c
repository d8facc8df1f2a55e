/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c - options of a command by their rows: read and checked by getopt, and printed for help. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

#define MOST_ROWS 24
#define LONG_OPTION 256 /* of the first row; no letter is as large */
#define FEW_ROWS 3	/* that a line of usage names one by one */

static bool takes_value(const struct option_row *row)
{
	return row->value || row->names;
}

static bool value_is_optional(const struct option_row *row)
{
	return row->value && row->value[0] == '[';
}

static void set_number(const struct option_row *row, void *options, long long number)
{
	void *member = (char *)options + row->at;

	if (row->size == sizeof(uint8_t))
		*(uint8_t *)member = (uint8_t)number;
	else if (row->size == sizeof(uint32_t))
		*(uint32_t *)member = (uint32_t)number;
	else
		*(uint64_t *)member = (uint64_t)number;
}

int option_fault(const struct option_row *row, const char *expected, const char *value,
		 struct fault *fault)
{
	return fault_set(fault, -EINVAL, EXIT_USAGE, "--%s: not %s: '%s'", row->name, expected,
			 value);
}

int option_number(const struct option_row *row, const char *value, void *options,
		  struct fault *fault)
{
	char expected[64], *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	/* strtoll() takes blanks and a plus, too. */
	if (errno || *end || !value[0] || !strchr("-0123456789", value[0]) || number < row->min ||
	    number > row->max) {
		snprintf(expected, sizeof(expected), "a number from %lld to %lld", row->min,
			 row->max);
		return option_fault(row, expected, value, fault);
	}
	set_number(row, options, number);
	return 0;
}

/* "auto|native|generic" */
static void name_choices(const struct name *names, char *buf, size_t size)
{
	size_t len = 0;

	for (; names->name && len < size; names++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "|" : "", names->name);
}

int option_choice(const struct option_row *row, const char *value, void *options,
		  struct fault *fault)
{
	int number = name_number(row->names, value);
	char choices[64];

	if (number >= 0) {
		set_number(row, options, number);
		return 0;
	}
	name_choices(row->names, choices, sizeof(choices));
	return option_fault(row, choices, value, fault);
}

static int take(const struct option_row *row, const char *value, void *options, struct fault *fault)
{
	if (!takes_value(row))
		set_number(row, options, row->number ? row->number : 1);
	else if (row->read)
		return row->read(row, value, options, fault);
	else
		*(const char **)((char *)options + row->at) = value;
	return 0;
}

/* What getopt_long() refused: '?' or ':'. */
static int refuse(int why, char **argv, struct fault *fault)
{
	const char *word = argv[optind - 1];

	if (why == ':')
		return fault_set(fault, -EINVAL, EXIT_USAGE, "'%s' needs a value", word);
	if (optopt >= LONG_OPTION)
		return fault_set(fault, -EINVAL, EXIT_USAGE, "'%s' takes no value", word);
	/* getopt steps past a long option only; within "-xy" the word may be the one before. */
	if (optopt)
		return fault_set(fault, -EINVAL, EXIT_USAGE, "unknown option '-%c'", optopt);
	return fault_set(fault, -EINVAL, EXIT_USAGE, "unknown option '%s'", word);
}

static const struct option_row *find_row(const struct option_row *rows, int option)
{
	if (option >= LONG_OPTION)
		return rows + (option - LONG_OPTION);
	while (rows->letter != option)
		rows++;
	return rows;
}

int options_read(const struct option_row *rows, size_t count, bool leading, int argc, char **argv,
		 void *options, struct fault *fault)
{
	struct option longs[MOST_ROWS + 1] = {};
	char letters[2 * MOST_ROWS + 3] = "", *letter = stpcpy(letters, leading ? "+:" : ":");
	size_t long_count = 0;
	int option, r = 0;

	for (size_t i = 0; i < count; i++) {
		int has = !takes_value(&rows[i])	? no_argument
			  : value_is_optional(&rows[i]) ? optional_argument
							: required_argument;

		if (rows[i].name)
			longs[long_count++] =
				(struct option){ rows[i].name, has, NULL, LONG_OPTION + (int)i };
		if (rows[i].letter)
			*letter++ = rows[i].letter;
		if (rows[i].letter && has == required_argument)
			*letter++ = ':';
	}
	opterr = 0;
	optind = 0; /* glibc: the words are scanned anew */
	while (!r && (option = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		r = option == '?' || option == ':'
			    ? refuse(option, argv, fault)
			    : take(find_row(rows, option), optarg, options, fault);
	return r < 0 ? r : optind;
}

/* " NAME", "[=SECONDS]", "" */
static void value_of(const struct option_row *row, char *buf, size_t size)
{
	buf[0] = '\0';
	if (row->value)
		snprintf(buf, size, "%s%s", value_is_optional(row) ? "" : " ", row->value);
	else if (row->names) {
		buf[0] = ' ';
		name_choices(row->names, buf + 1, size - 1);
	}
}

void options_print_usage(FILE *out, const struct option_row *rows, size_t count)
{
	char value[64];

	if (count > FEW_ROWS) {
		fputs(" [OPTION...]", out);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		value_of(&rows[i], value, sizeof(value));
		if (rows[i].letter)
			fprintf(out, " [-%c%s]", rows[i].letter, value);
		else
			fprintf(out, " [--%s%s]", rows[i].name, value);
	}
}

/* "  -t, --top N"; its length. */
static int print_form(const struct option_row *row, char *buf, size_t size)
{
	char value[64], letter[] = { '-', row->letter, '\0' };

	value_of(row, value, sizeof(value));
	return snprintf(buf, size, "  %-2s%s %s%s%s", row->letter ? letter : "",
			row->letter && row->name ? "," : " ", row->name ? "--" : "",
			row->name ? row->name : "", value);
}

void options_print_help(const struct option_row *rows, size_t count)
{
	char form[128];
	int width = 0;

	for (size_t i = 0; i < count; i++)
		width = MAX(width, print_form(&rows[i], form, sizeof(form)));
	for (size_t i = 0; i < count; i++) {
		const char *line = rows[i].help;

		print_form(&rows[i], form, sizeof(form));
		for (const char *end; line; line = *end ? end + 1 : NULL) {
			end = strchrnul(line, '\n');
			printf("%-*s  %.*s\n", width, line == rows[i].help ? form : "",
			       (int)(end - line), line);
		}
	}
}
