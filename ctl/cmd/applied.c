/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* applied.c - what is said of a file of rules that was put in force. */
#include <stdio.h>

#include "applied.h"
#include "rule_notes.h"

void print_applied(const struct ruleset *rules, const struct apply_counts *counts)
{
	const struct rule_diff_counts *list = &counts->rules;
	const struct sets_diff_counts *sets = &counts->sets;

	rules_notes(rules, FEW_NOTES);
	printf("%zu added, %zu removed, %zu changed, %zu moved, %zu unchanged\n", list->added,
	       list->removed, list->changed, list->moved, list->same);
	if (!sets->added && !sets->removed && !sets->changed && !sets->same)
		return;
	printf("sets: %zu added, %zu removed, %zu changed, %zu unchanged; elements: %zu added, "
	       "%zu removed, %zu changed, %zu unchanged\n",
	       sets->added, sets->removed, sets->changed, sets->same, sets->elements.added,
	       sets->elements.removed, sets->elements.changed, sets->elements.same);
}
