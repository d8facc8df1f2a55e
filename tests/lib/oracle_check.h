/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compare.h - one ruleset in force at all hooks, frames sent through each, and everything that is
 * told of them against the oracle: verdicts, the counters of all rules, the rule of every flow.
 */
#ifndef NETCTL_TESTS_COMPARE_H
#define NETCTL_TESTS_COMPARE_H

#include "limit_oracle.h"
#include "draft.h"
#include "harness.h"
#include "fast_oracle.h"

struct expected_flow;

struct compare {
	struct harness harness;
	struct known_ifaces known;
	struct shortlist list;
	const char *name;
	uint64_t *rules[HOOKS]; /* packets by slot, as the oracle has it */
	struct allowances allowances;
	struct expected_flow *flows;
	size_t flow_count;
	uint64_t packets, runs, limited, beyond; /* beyond: of those that a limit decided */
	/* differences: of the native walk, verdicts, rules' counters, flows' rules */
	uint64_t native, verdicts, counters, flow_rules;
	/* what the native walk has met at most of a packet, and packets that met more than was said */
	uint32_t nodes, boxes, steps;
	uint64_t exceeded;
	double compiled; /* seconds */
	uint64_t
		edit_seed; /* of the rules that are added in place to what is compiled next; 0: none */
};

/* In a network namespace of one's own, for which this is the first to ask. */
int compare_open(uint32_t flows, struct compare *ret, struct fault *fault);
void compare_close(struct compare *c);

/* Other rules, which are taken over, and everything counted anew. */
int compare_ruleset(struct compare *c, const char *name, struct ruleset *rules,
		    struct fault *fault);

/* Through every hook it can be seen at. */
void compare_frame(struct compare *c, const struct drafted *frame);

/* What the native walk meets of it at XDP. */
struct met {
	enum family family;
	uint32_t nodes, boxes;
};
struct met compare_meet(struct compare *c, const struct drafted *frame);

/* Native walk against the oracle alone. */
void compare_natively(struct compare *c, const struct drafted *frame, enum hook_id hook);

/* After the last frame: what was counted. True: no differences. */
bool compare_end(struct compare *c);
void compare_print(const struct compare *c);

#endif
