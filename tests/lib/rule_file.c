/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_file.c - rules from files that are none of ours: ClassBench's, and lists of addresses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "rule_file.h"

#define LINE 512

/* Every fourth passes, so that neighbours differ. */
static const char *action_of(size_t position)
{
	return position % 4 ? "drop" : "pass";
}

static char *read_line(const char *line, bool ip6, size_t position)
{
	size_t len = strcspn(line, " \t\r\n#;");
	struct filter filter;
	char *text = NULL;

	if (*line == '@')
		return filter_parse(line, &filter) ? filter_text(&filter, ip6, action_of(position))
						   : NULL;
	if (!len || asprintf(&text, "%s src %.*s", action_of(position), (int)len, line) < 0)
		return NULL;
	return text;
}

char **rules_of_file(const char *path, bool ip6, size_t most, size_t *ret_count)
{
	char **rules = calloc(most, sizeof(*rules)), line[LINE];
	FILE *in = fopen(path, "re");
	size_t count = 0;

	if (!in || !rules) {
		free(rules);
		return NULL;
	}
	while (count < most && fgets(line, sizeof(line), in)) {
		rules[count] = read_line(line, ip6, count);
		count += rules[count] != NULL;
	}
	fclose(in);
	*ret_count = count;
	return rules;
}
