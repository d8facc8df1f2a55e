/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * allowance.h - what limits let pass, by counting: of rates that are never reached everything, of
 * rates so low that nothing comes back while a test runs the burst.
 */
#ifndef NETCTL_TESTS_ALLOWANCE_H
#define NETCTL_TESTS_ALLOWANCE_H

#include "../../bpf/packet.h"
#include "../../ctl/rules/rule.h"

struct taken;

struct allowances {
	struct taken *taken; /* owned */
	size_t count, capacity;
};

/* Is a packet that the limit rule decides within its rate? */
bool allowance_take(struct allowances *all, const struct rule *rule, const struct packet *packet,
		    enum hook_id hook);
void allowances_free(struct allowances *all);

#endif
