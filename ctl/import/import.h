/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import.h - translates the rules of other filters: exactly, or not at all and says so. */
#ifndef NETCTL_IMPORT_H
#define NETCTL_IMPORT_H

#include <stdio.h>

#include "../base/util.h"

/* A line without a translation, and why. */
struct import_fault {
	unsigned int line;
	char *text;		    /* of the line; owned */
	unsigned int column, width; /* the word at fault; width 0: the line as a whole */
	char *why;		    /* owned */
};

struct import_faults {
	size_t count;
	struct import_fault *fault; /* owned; by line */
	bool no_lines;		    /* of the input: it is JSON */
};

void import_faults_free(struct import_faults *faults);

/*
 * The output of iptables-save (family 4) or ip6tables-save (6), read from "in", as lines for script_read() on "out".
 * What has no exact translation becomes a line that begins with "!", which no reader of rules takes;
 * it is also in *ret. -EINVAL with a fault for what is no such output, -EIO without one
 * where reading fails.
 */
int import_iptables(int family, FILE *in, FILE *out, struct import_faults *ret,
		    struct fault *fault);

/* The same of the output of "nft -j list ruleset", its named sets among it. */
int import_nft(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault);

/* The same of the output of "ipset save": blocks of sets. */
int import_ipset(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault);

#endif
