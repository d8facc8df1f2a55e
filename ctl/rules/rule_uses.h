/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_uses.h - which sets rules use. */
#ifndef NETCTL_RULE_USES_H
#define NETCTL_RULE_USES_H

#include "ruleset.h"

bool rule_uses_sets(const struct rule *rule);
/* "src @NAME" */
bool rule_uses_set(const struct rule *rule, const char *name);

/* Ids of the rules that use a set, "3, 7 and 9" or "3, 7, 9 and 12 more"; how many they are. */
#define SET_USERS_SIZE 64
size_t set_users(const struct ruleset *rules, const char *name, char ret[SET_USERS_SIZE]);

#endif
