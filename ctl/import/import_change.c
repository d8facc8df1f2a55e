/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * import_change.c - what rules change of packets. XDP is in front of PREROUTING and INPUT, our netfilter hook in front of
 * all of OUTPUT; only TC is behind the rules whose packets it sees. Which packets a rule changes is not looked at.
 */
#include <string.h>

#include "import_change.h"

static const struct {
	enum field field;
	const char *targets; /* of iptables that change it */
	const char *why;
} changes[] = {
	{ FIELD_DSCP, "DSCP TOS",
	  "rules of this file change the DSCP on the way to this one: netctl sees packets before "
	  "that" },
	{ FIELD_MARK, "MARK CONNMARK HMARK TPROXY",
	  "rules of this file set marks on the way to this one: netctl sees packets before that" },
	{ FIELD_TTL, "TTL HL",
	  "rules of this file change the TTL on the way to this one: netctl sees packets before "
	  "that" },
};

void import_change(struct import *import, unsigned int hooks, enum field field)
{
	for (int hook = 0; hook < HOOKS; hook++)
		if (hooks & 1u << hook)
			import->changed[hook] |= 1u << field;
}

void import_change_target(struct import *import, unsigned int hooks, const char *target)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		if (!target || import_is_one_of(target, changes[i].targets))
			import_change(import, hooks, changes[i].field);
}

/* Of a chain's name: those whose packets go through it, or may. */
static unsigned int chain_hooks(const char *chain)
{
	if (import_is_one_of(chain, "PREROUTING INPUT"))
		return ON_XDP;
	if (import_is_one_of(chain, "FORWARD POSTROUTING"))
		return 0;
	return strcmp(chain, "OUTPUT") ? ON_XDP | ON_NF : ON_NF;
}

void import_change_rule(struct import *import, const char *chain, const struct import_words *words)
{
	const char *target = NULL;
	bool restores = false; /* the mark: what else CONNMARK does leaves the packet as it is */

	for (size_t i = 0; i < words->count; i++) {
		restores |= !strcmp(words->word[i].text, "--restore-mark");
		if (i && import_is_one_of(words->word[i - 1].text, "-j --jump"))
			target = words->word[i].text;
	}
	if (target && (strcmp(target, "CONNMARK") != 0 || restores))
		import_change_target(import, chain_hooks(chain), target);
}

const char *import_unseen(const struct import *import, enum hook_id hook, const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		enum field field = rule->matches[i].field;

		if (field == FIELD_MARK && hook == HOOK_XDP)
			return IMPORT_NO_MARK;
		for (size_t k = 0; k < ARRAY_SIZE(changes); k++)
			if (field == changes[k].field && import->changed[hook] & 1u << field)
				return changes[k].why;
	}
	return NULL;
}
