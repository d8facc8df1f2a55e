/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dry_run.h - what a ruleset that was read from a file would become, without touching what is in force. */
#ifndef NETCTL_DRY_RUN_H
#define NETCTL_DRY_RUN_H

#include "../rules/ruleset.h"

/*
 * Number and compile it into blob (see ruleset_compile()) and check that; an interface that is not there is no fault.
 * Its rules and elements have ids and slots afterwards that stand for nothing.
 */
int dry_run_compile(struct ruleset *rules, struct blob *blob, struct fault *fault);

/* A place in a ruleset; zeroed at first. */
struct absent {
	size_t rule, match, value;
	const char *iface;
};
/* The next interface from there on that an enabled rule names, and that is not there; false: no more. */
bool dry_run_absent(const struct ruleset *rules, struct absent *at);

#endif
