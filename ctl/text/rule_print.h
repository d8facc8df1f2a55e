/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_print.h - rules to canonical text. */
#ifndef NETCTL_RULE_PRINT_H
#define NETCTL_RULE_PRINT_H

#include <stdio.h>

#include "../rules/rule.h"

/* The inverse of rule_parse(): canonical text that parses to an equal rule. The caller frees *ret_text. */
int rule_print(const struct rule *rule, char **ret_text);

/* One match, by itself: "not src @bad". The caller frees it; NULL without memory. */
char *match_print(const struct match *match);

/* In quotes: what ends them is escaped, and so is what no terminal should see. */
void print_quoted(FILE *out, const char *bytes, size_t len);

#endif
