/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * readers.h - all that reads what others wrote, each to be tried with one input made by chance. Who
 * finds something wrong says so and aborts.
 */
#ifndef NETCTL_TESTS_READERS_H
#define NETCTL_TESTS_READERS_H

#include "mutate.h"

struct reader {
	const char *name;
	void (*begin)(struct corpus *corpus); /* fill it; NULL: it needs none */
	void (*try)(const struct corpus *corpus, struct prng *prng);
};

/* Ends with a name of NULL. */
extern const struct reader readers[];

#endif
