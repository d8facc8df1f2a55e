/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* native_account.h - adds up entries and counters of the flow table, now or as of the present epoch's beginning. */
#ifndef NETCTL_TESTS_NATIVE_ACCOUNT_H
#define NETCTL_TESTS_NATIVE_ACCOUNT_H

#include <stdbool.h>

#include "../../bpf/types.h"

#define ACCOUNT_BYTES 100 /* of each packet */

/* What is counted by verdict and rule, in packets. */
struct account {
	__u64 live[VERDICTS], closed[VERDICTS], seen[VERDICTS], rules[RULE_SLOTS];
};

/* Add what an entry has, or had when the epoch began. False: half written, or its bytes are not its packets'. */
bool account_now(const struct flow_id *id, const struct flow_state *s,
		 const struct flow_more *more, struct account *to);
bool account_then(const struct flow_id *id, const struct flow_state *s,
		  const struct flow_more *more, __u32 epoch, struct account *to);

/* Add a half of an interface's totals, and of the closed counters. */
bool account_half(const struct totals *t, const struct halves *closed, int half,
		  struct account *to);

/* Live and closed are what was seen: all that a reader of the kernel's counters looks at. */
bool account_balances(const struct account *a);

/* It does, and so do the rules. */
bool account_closes(const struct account *a);

/* It has all packets that were over by then, and of others at most the one that was on its way. */
bool account_is_of(const struct account *a, const __u64 over[VERDICTS]);

#endif
