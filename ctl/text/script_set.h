/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* script_set.h - "set NAME { ... }" in files: called by the grammar. */
#ifndef NETCTL_SCRIPT_SET_H
#define NETCTL_SCRIPT_SET_H

#include "parser.h"

int script_set_name(struct rule_parser *p, struct piece at);
/* What follows the name: a type, or "counters". */
int script_set_word(struct rule_parser *p, struct piece at);
int script_set(struct rule_parser *p, struct piece block);

#endif
