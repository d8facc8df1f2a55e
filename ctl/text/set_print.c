/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_print.c - sets as blocks of a file. */
#include <string.h>

#include "../base/duration.h"
#include "../rules/names.h"
#include "element_print.h"
#include "../../bpf/boottime.h"
#include "set_print.h"

#define LINE_SIZE 100 /* what fits is in one line with the name */

/* ELEMENT[ for TIME]; returns its length, 0 when its time is over. */
static size_t print_element(const struct set *set, size_t n,
			    char ret[ELEMENT_SIZE + DURATION_SIZE + 8])
{
	struct element element = element_at(set, n);
	uint32_t until = element_until(&element), seconds = boottime_left(until);
	size_t len = element_print(&element, ret);
	char left[DURATION_SIZE];

	if (!until)
		return len;
	if (!seconds)
		return 0;
	duration_print(seconds, left);
	return (size_t)(stpcpy(stpcpy(ret + len, " for "), left) - ret);
}

/* Elements joined by commas, if they fit. */
static bool print_line(const struct set *set, char ret[LINE_SIZE])
{
	char text[ELEMENT_SIZE + DURATION_SIZE + 8];
	size_t len = 0;

	for (size_t n = 0; n < set_size(set); n++) {
		size_t more = print_element(set, n, text);

		if (len + more + 2 >= LINE_SIZE)
			return false;
		if (more)
			len = (size_t)(stpcpy(stpcpy(ret + len, len ? ", " : " "), text) - ret);
	}
	ret[len] = '\0';
	return true;
}

void set_print(const struct set *set, FILE *out)
{
	char text[ELEMENT_SIZE + DURATION_SIZE + 8], line[LINE_SIZE];

	fprintf(out, "set %s", set->name);
	if (set->type != SET_ADDRESSES)
		fprintf(out, " %s", name_text(set_type_names, (int)set->type));
	fputs(set->counters ? " counters {" : " {", out);
	if (print_line(set, line)) {
		fprintf(out, "%s }\n", line);
		return;
	}
	fputc('\n', out);
	for (size_t n = 0; n < set_size(set); n++) {
		size_t len = print_element(set, n, text);

		if (!len)
			continue;
		text[len] = '\n';
		putc_unlocked('\t', out);
		fwrite_unlocked(text, 1, len + 1, out);
	}
	fputs("}\n", out);
}
