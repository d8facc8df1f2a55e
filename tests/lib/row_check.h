/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row_check.h - one row at one entry: what the programs counted must be what the row says. */
#ifndef NETCTL_TESTS_ROW_CHECK_H
#define NETCTL_TESTS_ROW_CHECK_H

#include "harness.h"
#include "row.h"

struct row_check {
	struct harness *harness;
	const struct row *row;
	const char *file;
	enum entry entry;
	enum hook_id hook;
	const uint8_t *bytes; /* as given to the entry */
	size_t len;
	int family;	    /* OUTPUT only */
	uint32_t mark;	    /* none at XDP */
	unsigned int times; /* how often the frame was run since the tables were emptied */
	bool bad;	    /* something was not as expected, and has been printed */
};

void row_check_failed(struct row_check *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The row against the native parser and the rules' oracle; no kernel needed. */
void row_check_native(struct row_check *a);

/* Everything counted, when all runs were under the row's rules. */
void row_check_counts(struct row_check *a);

/* Only the sums: the rules changed between the runs. */
void row_check_sums(struct row_check *a);

#endif
