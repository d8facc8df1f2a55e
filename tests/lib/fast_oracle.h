/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fast_oracle.h - the oracle's answer without asking about every rule: those that a byte of an
 * address, the protocol or the port already excludes are left out.
 */
#ifndef NETCTL_TESTS_FAST_ORACLE_H
#define NETCTL_TESTS_FAST_ORACLE_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/check/oracle.h"

#define FAST_ORACLE_COLUMNS 18 /* eight bytes of each address, protocol, half a port */

struct fast_oracle {
	const struct ruleset *rules; /* borrowed, unchanged while this is used */
	size_t words;		   /* of a bitmap of all rules */
	size_t columns[2];	   /* of IPv4, of IPv6 */
	/* by family, column and value: rules that are not excluded; owned */
	uint64_t *bits[2][FAST_ORACLE_COLUMNS][256];
	bool hooks;	      /* some rule is about a hook, or about what not every hook has */
	struct envelope envelope;
	struct packet packet; /* judged last, with this answer */
	struct oracle_answer answer;
	uint64_t asked, wrong; /* packets; of those judged by the whole list, too, that differ */
};

int fast_oracle_make(const struct ruleset *rules, struct fast_oracle *ret);
void fast_oracle_free(struct fast_oracle *oracle);

/* As oracle_ask() of the whole list; now and then that is asked as well. */
void fast_oracle_judge(struct fast_oracle *oracle, const struct packet *packet,
		       const struct envelope *envelope, enum hook_id hook,
		       struct oracle_answer *ret);

#endif
