/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_targets.h - all that reads what others wrote, each to be tried with one input made by chance.
 * Who finds something wrong says so and aborts.
 */
#ifndef NETCTL_TESTS_FUZZ_TARGETS_H
#define NETCTL_TESTS_FUZZ_TARGETS_H

#include "mutate.h"

struct fuzz_target {
	const char *name;
	void (*begin)(struct corpus *corpus); /* fill it; NULL: it needs none */
	void (*try)(const struct corpus *corpus, struct prng *prng);
};

/* Ends with a name of NULL. */
extern const struct fuzz_target fuzz_targets[];

#endif
