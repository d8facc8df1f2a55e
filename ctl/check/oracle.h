/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle.h - the oracle: what a list of rules says of a packet. */
#ifndef NETCTL_ORACLE_H
#define NETCTL_ORACLE_H

#include "../rules/ruleset.h"

struct packet; /* bpf/parse/packet.h: what the parser makes of a frame */
struct envelope; /* and its numbers */

/*
 * What the rules say of a packet, by the plainest possible search of the list itself, not of the blob.
 *
 * A packet that hides headers (KIND_HIDDEN), and a later fragment, which has no transport header, may
 * match a rule that looks at those, negated or not, whatever the values; unless what is seen of it
 * rules that out. A set of services: if it has one of the address, and of the protocol if that is seen.
 * A packet that hides them is dropped by the first drop rule that it may match, if no rule before is
 * one that it surely matches; other rules that it may match are passed over. A later fragment that may
 * match a rule before the first that it surely matches follows its datagram's first. If that was not
 * seen, it is passed by the first of them that passes or limits (without being charged), or else by
 * that which it surely matches, or the policy; if that drops, it is dropped by the first of them.
 */
struct oracle_answer {
	enum verdict verdict;
	bool limited;	    /* by a limit's rate: "verdict" is of what is within it */
	/*
	 * A packet that hides headers was dropped by a rule that it might match. Of a later fragment:
	 * this holds if its datagram's first was not seen; else it gets what that got.
	 */
	bool unsure;
	uint32_t slot;	    /* of the deciding rule; 0: the policy */
	uint32_t audits[MAX_AUDITS]; /* slots of the audit rules that match, in order */
	size_t audit_count;
};

/* Interfaces are what ruleset_ifindex() says. */
void oracle_ask(const struct ruleset *rules, const struct packet *packet,
		const struct envelope *envelope, enum hook_id hook,
		struct oracle_answer *ret);

#endif
