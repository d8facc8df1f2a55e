/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* applied.h - what is said of a file of rules that was put in force. */
#ifndef NETCTL_APPLIED_H
#define NETCTL_APPLIED_H

#include "../live/apply.h"

/* What its rules may not have meant, on stderr, and what has changed. */
void print_applied(const struct ruleset *rules, const struct apply_counts *counts);

#endif
