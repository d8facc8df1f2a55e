/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attempt.h - one row at one entry: what the programs counted must be what the row says. */
#ifndef NETCTL_TESTS_ATTEMPT_H
#define NETCTL_TESTS_ATTEMPT_H

#include "harness.h"
#include "row.h"

struct attempt {
	struct harness *harness;
	const struct row *row;
	const char *file;
	enum entry entry;
	enum hook_id hook;
	const uint8_t *bytes; /* as given to the entry */
	size_t len;
	int family;	    /* OUTPUT only */
	unsigned int times; /* how often the frame was run since the tables were emptied */
	bool bad;	    /* something was not as expected, and has been printed */
};

void attempt_complain(struct attempt *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The row against the native parser and the rules' oracle; no kernel needed. */
void attempt_check_native(struct attempt *a);

/* Everything counted, when all runs were under the row's rules. */
void attempt_check(struct attempt *a);

/* Only the sums: the rules changed between the runs. */
void attempt_check_sums(struct attempt *a);

#endif
