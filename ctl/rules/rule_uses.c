/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_uses.c - which sets rules use. */
#include <stdio.h>
#include <string.h>

#include "rule_uses.h"

#define MOST_IDS 4 /* named in a message */

bool rule_uses_set(const struct rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *match = &rule->matches[i];

		/* Sets precede everything else in a list. */
		for (size_t k = 0; k < match->count && match->values[k].is_set; k++)
			if (!strcmp(match->values[k].set, name))
				return true;
	}
	return false;
}

size_t set_users(const struct ruleset *rules, const char *name, char ret[SET_USERS_SIZE])
{
	size_t users = 0, len = 0;
	uint32_t last = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < rules->count; i++) {
		if (!rule_uses_set(&rules->rules[i], name))
			continue;
		if (users && users <= MOST_IDS)
			len += (size_t)snprintf(ret + len, SET_USERS_SIZE - len, "%s%u",
						users > 1 ? ", " : "", last);
		last = rules->rules[i].id;
		users++;
	}
	if (users > MOST_IDS + 1)
		snprintf(ret + len, SET_USERS_SIZE - len, " and %zu more", users - MOST_IDS);
	else if (users)
		snprintf(ret + len, SET_USERS_SIZE - len, "%s%u", users > 1 ? " and " : "", last);
	return users;
}

bool rule_uses_sets(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		for (size_t j = 0; j < rule->matches[i].count; j++)
			if (rule->matches[i].values[j].is_set)
				return true;
	return false;
}
