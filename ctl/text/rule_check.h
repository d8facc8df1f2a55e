/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_check.h - refuses rules that no packet can satisfy. */
#ifndef NETCTL_RULE_CHECK_H
#define NETCTL_RULE_CHECK_H

#include "../rules/rule.h"

struct rule_parser;

/* Refuse what no packet can satisfy. */
int rule_check(struct rule_parser *p);
/* False when two of its matches exclude each other, so that no packet matches all. */
bool rule_is_possible(const struct rule *rule);

#endif
