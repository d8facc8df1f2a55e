/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* add_in_place.h - a rule, or a few hosts of a set, added to the blob in force. */
#ifndef NETCTL_ADD_IN_PLACE_H
#define NETCTL_ADD_IN_PLACE_H

#include "../rules/element.h"
#include "../rules/ruleset.h"
#include "../state/store.h"

/*
 * Add a rule to the ruleset in force without compiling it anew, at once; needs STORE_CHANGE. BEFORE and AFTER: the rule
 * of that id. It gets its id and slot. 1: nothing has changed, it takes rules_commit().
 */
int rule_add_in_place(const struct store *store, enum where where, const char *id,
		      struct rule *rule, struct fault *fault);

/* The same for hosts added to a set. */
int hosts_add_in_place(const struct store *store, const char *set, const struct element *elements,
		       size_t count, struct fault *fault);

#endif
