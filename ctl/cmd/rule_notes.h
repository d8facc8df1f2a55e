/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_notes.h - what a rule means that may not have been meant, told when it is added. */
#ifndef NETCTL_RULE_NOTES_H
#define NETCTL_RULE_NOTES_H

#include "../rules/ruleset.h"

/* Of a rule of the list, by notes on stderr. */
void rule_notes(const struct ruleset *rules, const struct rule *rule);

#define FEW_NOTES 8
#define ALL_NOTES SIZE_MAX

/* The same of all that were read from a file; "most" of them, and how many more there are. */
void rules_notes(const struct ruleset *rules, size_t most);

#endif
