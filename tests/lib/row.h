/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row.h - one line of tests/rows.t as values; knows nothing of the kernel. */
#ifndef NETCTL_TESTS_ROW_H
#define NETCTL_TESTS_ROW_H

#include "../../ctl/stats/snapshot.h"

#define ROW_RULES_MAX 256

struct row {
	char text[4096];  /* the line, cut into the pieces below */
	char made[32768]; /* rules written once and meant many times */
	unsigned int line;
	enum verdict policy;
	const char *rules[ROW_RULES_MAX];
	size_t rule_count;
	const char *packet;
	enum verdict verdict;
	enum reason reason;
	bool has_flow;	  /* "-": the packet is counted without a flow */
	struct flow flow; /* its identity and TCP flags */
	bool has_flags;
	int by;	       /* the rule that decides, from 1; 0: the policy; -1: not said */
	int audit;     /* the audit rule that counts first; 0: none; -1: not said */
	uint8_t hooks; /* 1 << enum hook_id */
	bool hooks_said;
	bool bare; /* of devices without Ethernet header alone */
};

/*
 * Cut a line (without its newline). 1: a row, 0: nothing in it, -EINVAL with why[size]. Hooks not
 * said: all of them; which of those the packet can exist at is the runner's business.
 */
int row_parse(const char *line, struct row *ret, char *why, size_t size);

const char *reason_name(unsigned int reason);

#endif
