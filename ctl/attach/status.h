/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * status.h - what is attached, how full it is and what went wrong, gathered for cmd_status.c to
 * print.
 */
#ifndef NETCTL_STATUS_H
#define NETCTL_STATUS_H

#include "../rules/ruleset.h"
#include "../state/hook.h"
#include "below.h"
#include "../stats/buckets.h"
#include "../live/cost.h"
#include "unseen.h"

/* X(id, name, text): what must never happen; shown as soon as it did. */
#define STATUS_FAULTS(X)                                                                      \
	X(NO_TABLE, "no-table", "packets passed uncounted: a map lookup failed")              \
	X(NO_PROGRAM, "no-program", "packets passed uncounted: the jump table was empty")     \
	X(JUMP_EMPTY, "jump-empty", "the jump table is empty: nothing is counted or dropped") \
	X(GATE_CLOSED, "gate-closed", "no ruleset in force: nothing is counted or dropped")   \
	X(RULES_DUE, "rules-due", "the rules of a killed attach wait for the next command")

enum status_fault {
#define X(id, name, text) STATUS_##id,
	STATUS_FAULTS(X)
#undef X
		STATUS_FAULTS_COUNT,
};

struct status_row {
	struct attached attached;
	struct hook_place place;
	char name[16]; /* of the interface now, or then when it is gone */
	struct unseen_frames unseen; /* of hook tc, where it is not gone */
};

struct status_table {
	bool loaded;
	uint64_t entries, capacity, memory;
	uint64_t evicted;
	struct count unlisted;
	struct count other; /* of interfaces that have no counters of their own */
	uint64_t faults[STATUS_FAULTS_COUNT];
};

struct status {
	size_t count;
	struct status_row rows[MAX_ATTACHED];
	struct status_table tables[HOOKS];
	bool kept; /* nothing is attached: the rules are kept for the next attach */
	uint32_t generation;
	size_t rules;
	enum verdict policy;
	struct cost worst; /* zero while the gate is closed */
	int32_t nf_priority;
	struct buckets buckets;
	struct belows below; /* of each row */
};

/* Whether what left by the interface is compared with what TC egress saw. */
bool status_compares(const struct status_row *row);

int status_read(struct status *ret, struct fault *fault);

#endif
