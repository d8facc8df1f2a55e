/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limit_oracle.h - what limits let pass, by counting: of rates that are never reached everything,
 * of rates so low that nothing comes back while a test runs the burst.
 */
#ifndef NETCTL_TESTS_LIMIT_ORACLE_H
#define NETCTL_TESTS_LIMIT_ORACLE_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/rules/rule.h"

struct taken;

struct limit_oracle {
	struct taken *taken; /* owned */
	size_t count, capacity;
};

/* Is a packet that the limit rule decides within its rate? */
bool limit_oracle_take(struct limit_oracle *all, const struct rule *rule,
		       const struct packet *packet, enum hook_id hook);

/* Take it whether there is enough or not. */
void limit_oracle_charge(struct limit_oracle *all, const struct rule *rule,
			 const struct packet *packet, enum hook_id hook);
void limit_oracle_free(struct limit_oracle *all);

#endif
