/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_print.h - rules to canonical text, and words of a command line to rule text. */
#ifndef NETCTL_RULE_PRINT_H
#define NETCTL_RULE_PRINT_H

#include "../rules/rule.h"

/* The inverse of rule_parse(): canonical text that parses to an equal rule. The caller frees *ret_text. */
int rule_print(const struct rule *rule, char **ret_text);

/*
 * Words of a command line to one text, quoted so that the parser sees the same words. The caller frees.
 */
int rule_join(int count, char *const *words, char **ret_text);

#endif
