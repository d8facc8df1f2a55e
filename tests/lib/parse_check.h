/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * differ.h - the XDP program against the native parser, one frame after the other: the same reason,
 * the same flow key, and exits that add up to the runs.
 */
#ifndef NETCTL_TESTS_DIFFER_H
#define NETCTL_TESTS_DIFFER_H

#include "harness.h"

#define DIFFER_MIN 14	 /* shorter frames XDP test runs refuse */
#define DIFFER_MAX 65549 /* longer ones are not tried */
#define DIFFER_CUT 128	 /* how far a frame is cut byte by byte */

struct differ {
	struct harness harness;
	unsigned int cpu;
	struct totals *totals; /* of this CPU and the test runs' interface */
	uint64_t runs, mismatches;
};

/* Stays on one CPU and in a network namespace of its own from now on. No rules are in force. */
int differ_open(struct differ *ret, struct fault *fault);
void differ_close(struct differ *d);

/* Run one frame; a difference is counted, and the first ones are printed with "name". */
void differ_run(struct differ *d, const char *name, enum entry entry, const uint8_t *bytes,
		size_t len);

/* Packets over all reasons: must equal runs. */
uint64_t differ_exits(const struct differ *d);

#endif
