/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* apply.h - a list of rules and sets that takes the place of those in force. */
#ifndef NETCTL_APPLY_H
#define NETCTL_APPLY_H

#include "edit.h"
#include "rule_diff.h"
#include "set_diff.h"

/* What becomes of those in force, and what is new. */
struct apply_counts {
	struct rule_diff_counts rules;
	struct sets_diff_counts sets;
};

/*
 * Make "next" the successor of edit->rules: it keeps ids, counters and times of what lives on in it, and has new ones
 * for the rest. 1: it is to be put in force; 0: it says the same.
 */
int apply_prepare(struct edit *edit, struct ruleset *next, struct apply_counts *ret,
		  struct fault *fault);

#endif
