/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_read.h - the rules in force, read back from their blob. */
#ifndef NETCTL_RULES_READ_H
#define NETCTL_RULES_READ_H

#include "../rules/ruleset.h"
#include "../state/store.h"
#include "cost.h"

/* The ruleset in force. */
int rules_read(const struct store *store, struct ruleset *ret, struct fault *fault);
/* And what it costs a packet at most. */
int rules_read_cost(const struct store *store, struct ruleset *ret, struct cost *ret_cost,
		    struct fault *fault);

#endif
