/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fill.c - replaces the rules in force by those on standard input, one a line, in one swap.
 * Prints how long the swap took.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/live/commit.h"
#include "../../ctl/live/rules_read.h"
#include "../../ctl/text/rule_parse.h"
#include "../lib/seconds.h"

static void add_line(struct ruleset *set, char *line)
{
	struct fault fault = {};
	struct rule rule = {};

	line[strcspn(line, "\n")] = '\0';
	if (rule_parse(line, &rule, &fault) < 0 ||
	    ruleset_insert(set, set->count, &rule, &fault) < 0)
		errx(1, "%s: %s", line, fault.message);
}

int main(void)
{
	struct fault fault = {};
	struct ruleset set;
	struct store store;
	char line[4096];
	double begun;

	if (store_open(STORE_CHANGE, &store, &fault) < 0 || rules_read(&store, &set, &fault) < 0)
		errx(1, "%s", fault.message);
	while (set.count)
		ruleset_remove(&set, set.count - 1);
	while (fgets(line, sizeof(line), stdin))
		add_line(&set, line);
	begun = seconds();
	if (rules_commit(&store, &set, &fault) < 0)
		errx(1, "%s", fault.message);
	printf("{\"rules\": %zu, \"seconds\": %.3f}\n", set.count, seconds() - begun);
	ruleset_free(&set);
	store_close(&store);
	return 0;
}
