/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_parse.h - a rule's text to a struct rule. */
#ifndef NETCTL_RULE_PARSE_H
#define NETCTL_RULE_PARSE_H

#include "../rules/rule.h"

/*
 * Text to rule. *ret is untouched on failure; -EINVAL with *fault pointing at the word, -ENOMEM.
 * The text is one rule without its id: "drop proto udp dport 53".
 */
int rule_parse(const char *text, struct rule *ret, struct fault *fault);

/* The same of words of a command line, one of which alone is such a text. */
int rule_parse_words(int count, char *const *words, struct rule *ret, struct fault *fault);

#endif
