/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native_path.h - the packet path of OUTPUT compiled natively: one CPU, one group of the flow table a
 * family, two rulesets. What it cannot do in the kernel it does here: stop after any instruction.
 */
#ifndef NETCTL_TESTS_NATIVE_PATH_H
#define NETCTL_TESTS_NATIVE_PATH_H

#include <stdbool.h>

#include "../../bpf/types.h"

/*
 * A packet: of flow 0, 1, ...; OP_SWAP puts the other rules in force just before. The first rules
 * drop, the others pass. Its class is for the rules of path_classes().
 */
enum op_how {
	OP_SWAP = 1,
	OP_SECOND = 2, /* a class of the same outcome as others */
	OP_OTHER = 4,  /* of another outcome */
	OP_THIRD = 6,
	OP_FOURTH = 8,
	OP_ALL = 10,
	OP_EPOCH = 16, /* a reader has begun an epoch just before */
};

struct op {
	int flow;
	int how; /* enum op_how */
};

#define PATH_SLOTS 16
#define PATH_FLOWS 16 /* the first ones, which are counted one by one */

/* What must have been counted, as callers were told. */
struct expected {
	__u64 packets[VERDICTS], rules[PATH_SLOTS], flows[PATH_FLOWS][VERDICTS];
};

/* Once, first. */
int path_open(void);

/* Empty tables and counters, the first rules, of packets of this family. */
void path_reset(int family, struct expected *expected);

/* Right after: a limit is in force instead of the first rules; or rules that tell classes apart. */
void path_limit(void);
void path_classes(void);

/* The flows there are about to overflow their short counters. */
void path_fill(struct expected *expected);

/* A reader holds evictions. */
void path_hold(void);
void path_tick(void);

/* A reader begins an epoch: as OP_EPOCH, without a packet. */
void path_epoch(const struct expected *expected);

/* What TCP flags packets have from now on. */
void path_flags(__u8 flags);
void path_run(const struct op *op, struct expected *expected);

/* The flow has an entry; how many it has. */
bool path_listed(int flow);
int path_entries(int flow);
const struct region *path_region(void);

/* NULL, or what is wrong at the end. */
const char *path_check(const struct expected *expected);

#endif
