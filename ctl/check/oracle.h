/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle.h - the oracle: what a list of rules says of a packet. */
#ifndef NETCTL_ORACLE_H
#define NETCTL_ORACLE_H

#include "../rules/ruleset.h"

struct packet; /* bpf/parse/packet.h: what the parser makes of a frame */
struct envelope; /* and its numbers */

/* What the rules say of a packet, by the plainest possible search of the list itself, not of the blob. */
struct oracle_answer {
	enum verdict verdict;
	bool limited;	    /* by a limit's rate: "verdict" is of what is within it */
	uint32_t slot;	    /* of the deciding rule; 0: the policy */
	uint32_t audits[MAX_AUDITS]; /* slots of the audit rules that match, in order */
	size_t audit_count;
};

/* Interfaces are what ruleset_ifindex() says. */
void oracle_ask(const struct ruleset *rules, const struct packet *packet,
		const struct envelope *envelope, enum hook_id hook,
		struct oracle_answer *ret);

#endif
