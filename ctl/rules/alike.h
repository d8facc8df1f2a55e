/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* alike.h - do interfaces that stand on each other judge a packet alike? Then it may be charged at one for all. */
#ifndef NETCTL_ALIKE_H
#define NETCTL_ALIKE_H

#include "ruleset.h"

/* Hooks where interfaces that stand on each other may differ over whether a packet matches. */
unsigned int rule_local_hooks(const struct ruleset *rules, const struct rule *rule);

/*
 * Of hooks where a packet has met the same rules at every interface of a stack so far (ON_ALL before
 * the first rule), those where it does with this rule, too.
 */
unsigned int rule_alike_after(const struct ruleset *rules, const struct rule *rule,
			      unsigned int hooks);

#endif
