/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* alike.c - rules whose matches say another thing at an interface than at one below it. */
#include <string.h>

#include "alike.h"
#include "rule_match.h"

static bool stands_alone(const struct ruleset *rules, const char *name)
{
	for (size_t i = 0; i < rules->iface_count; i++)
		if (!strcmp(rules->ifaces[i].name, name))
			return rules->ifaces[i].alone;
	return false;
}

static bool match_is_local(const struct ruleset *rules, const struct match *match)
{
	bool local = match_fields[match->field].local;

	if (!local || !field_is_iface(match->field))
		return local;
	/* All interfaces of a stack are others than one that is in none. */
	for (size_t i = 0; i < match->count; i++)
		if (!stands_alone(rules, match->values[i].iface))
			return true;
	return false;
}

unsigned int rule_local_hooks(const struct ruleset *rules, const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		if (match_is_local(rules, &rule->matches[i]))
			return rule_hooks(rule);
	return 0;
}

unsigned int rule_alike_after(const struct ruleset *rules, const struct rule *rule,
			      unsigned int hooks)
{
	/* Audits decide nothing. */
	if (rule->disabled || rule->action == ACTION_AUDIT)
		return hooks;
	return hooks & ~rule_local_hooks(rules, rule);
}
