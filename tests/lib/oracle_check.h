/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * oracle_check.h - one ruleset in force at all hooks, frames sent through each, and everything that
 * is told of them against the oracle: verdicts, the counters of all rules, the rule of every flow.
 */
#ifndef NETCTL_TESTS_ORACLE_CHECK_H
#define NETCTL_TESTS_ORACLE_CHECK_H

#include "fragment_oracle.h"
#include "limit_oracle.h"
#include "test_packet.h"
#include "harness.h"
#include "fast_oracle.h"
#include "field_tally.h"

struct expected_flow;

struct oracle_check {
	struct harness harness;
	struct fast_oracle oracle;
	const char *name;
	uint64_t *rules[HOOKS]; /* packets by slot, as the oracle has it */
	struct limit_oracle limit_oracle;
	struct fragment_oracle fragments;
	struct expected_flow *flows;
	size_t flow_count;
	struct field_tally tally; /* of all rulesets since the beginning */
	uint64_t packets, runs, limited, beyond; /* beyond: of those that a limit decided */
	uint64_t unsure, followed; /* of packets that do not show all; that the first decided */
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
int oracle_check_open(uint32_t flows, struct oracle_check *ret, struct fault *fault);
void oracle_check_close(struct oracle_check *c);

/* Other rules, which are taken over, and everything counted anew. */
int oracle_check_ruleset(struct oracle_check *c, const char *name, struct ruleset *rules,
			 struct fault *fault);

/* Through every hook it can be seen at. */
void oracle_check_frame(struct oracle_check *c, const struct test_frame *frame);

/* The packet's frame; and, when it is a first fragment, one that comes later of its datagram. */
void oracle_check_packet(struct oracle_check *c, const struct test_packet *packet);

/* What the native walk meets of it at XDP. */
struct met {
	enum family family;
	uint32_t nodes, boxes;
};
struct met oracle_check_meet(struct oracle_check *c, const struct test_frame *frame);

/* After the last frame: what was counted. True: no differences. */
bool oracle_check_end(struct oracle_check *c);
void oracle_check_print(const struct oracle_check *c);

#endif
