/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* script.h - a whole ruleset as text: what a file, and the files it includes, ask for. */
#ifndef NETCTL_SCRIPT_H
#define NETCTL_SCRIPT_H

#include <stdio.h>

#include "../rules/ruleset.h"

struct source; /* source.h */

struct script {
	struct ruleset rules; /* no ids, no slots; each rule knows its file and line */
	struct set_report *reports; /* of each of its sets: what merging its elements did; owned */
	size_t count;
	struct source **sources; /* owned; what faults and rules name lives here */
};

/*
 * Read a file ("-": standard input) with all it includes. *ret holds what faults point into, so it is to be freed
 * after a failure, too, when the fault has been printed.
 */
int script_read(const char *path, struct script *ret, struct fault *fault);
void script_free(struct script *script);
#define autoscript __attribute__((cleanup(script_free)))

/* The inverse for a ruleset alone: policy, sets and rules, as script_read() takes them. */
int script_print(const struct ruleset *rules, FILE *out);

#endif
