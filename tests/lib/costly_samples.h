/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * costly_samples.h - what compiled rules compare by class: addresses and numbers of which the class is known, found by
 * looking them up in the blob.
 */
#ifndef NETCTL_TESTS_COSTLY_SAMPLES_H
#define NETCTL_TESTS_COSTLY_SAMPLES_H

#include "../../ctl/rules/ruleset.h"
#include "prng.h"

struct sample {
	unsigned __int128 address;
	enum family family;
	uint32_t class;
};

/* At edges of the family's elements of sets, "room" at most; only those have a class. How many. */
size_t costly_samples(const struct ruleset *rules, const struct blob *blob, enum family family,
		      struct prng *prng, struct sample *ret, size_t room);

#define SAMPLED_CLASSES 256

/* A number of each class, as far as found; those of a packet without one are 0. */
struct class_numbers {
	uint64_t of[NUMBER_COUNT][SAMPLED_CLASSES];
	uint32_t count[NUMBER_COUNT]; /* classes */
};

void class_numbers_find(const struct ruleset *rules, const struct blob *blob, struct prng *prng,
			struct class_numbers *ret);

#endif
