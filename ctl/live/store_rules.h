/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store_rules.h - the ruleset in force: read, replaced, and added to in place. */
#ifndef NETCTL_STORE_RULES_H
#define NETCTL_STORE_RULES_H

#include "../rules/element.h"
#include "worst.h"
#include "../rules/ruleset.h"
#include "../state/store.h"

/* The ruleset in force. */
int store_rules(const struct store *store, struct ruleset *ret, struct fault *fault);
/* A blob without rules, for a namespace that has no state yet; the map is the caller's. */
int empty_ruleset(int *ret_map, struct fault *fault);
/* And what a packet meets of it at worst. */
int store_rules_worst(const struct store *store, struct ruleset *ret, struct worst *ret_worst,
		      struct fault *fault);

/*
 * Compile, check and put a changed ruleset in force; needs STORE_CHANGE. On success set->generation is the new
 * one. On failure nothing has changed.
 */
int store_set_rules(const struct store *store, struct ruleset *set, struct fault *fault);

/*
 * Add a rule to the ruleset in force without compiling it anew, at once; needs STORE_CHANGE. BEFORE and AFTER: the rule
 * of that id. It gets its id and slot. 1: nothing has changed, it takes store_set_rules().
 */
int store_add_rule(const struct store *store, enum where where, const char *id, struct rule *rule,
		   struct fault *fault);

/* The same for hosts added to a set. */
int store_add_hosts(const struct store *store, const char *set, const struct element *elements,
		    size_t count, struct fault *fault);

#endif
