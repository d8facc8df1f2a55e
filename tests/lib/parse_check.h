/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse_check.h - the XDP program against the native parser, one frame after the other: the same
 * reason, the same flow key, and exits that add up to the runs.
 */
#ifndef NETCTL_TESTS_PARSE_CHECK_H
#define NETCTL_TESTS_PARSE_CHECK_H

#include "harness.h"

#define PARSE_CHECK_MIN 14    /* shorter frames XDP test runs refuse */
#define PARSE_CHECK_MAX 65549 /* longer ones are not tried */
#define PARSE_CHECK_CUT 128   /* how far a frame is cut byte by byte */

struct parse_check {
	struct harness harness;
	unsigned int cpu;
	struct totals *totals; /* of this CPU and the test runs' interface */
	uint64_t runs, mismatches;
};

/* Stays on one CPU and in a network namespace of its own from now on. No rules are in force. */
int parse_check_open(struct parse_check *ret, struct fault *fault);
void parse_check_close(struct parse_check *d);

/* Run one frame; a difference is counted, and the first ones are printed with "name". */
void parse_check_run(struct parse_check *d, const char *name, enum entry entry,
		     const uint8_t *bytes, size_t len);

/* Packets over all reasons: must equal runs. */
/* What has been counted under a reason. */
struct count parse_check_seen(const struct parse_check *d, enum reason reason);

uint64_t parse_check_exits(const struct parse_check *d);

#endif
