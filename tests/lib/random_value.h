/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * random_value.h - values of any match field but addresses, as its row of ctl/rules/fields.def tells: out of a pool of
 * few, so that rules overlap and packets meet several.
 */
#ifndef NETCTL_TESTS_RANDOM_VALUE_H
#define NETCTL_TESTS_RANDOM_VALUE_H

#include "../../ctl/rules/rule.h"
#include "prng.h"

/* Of a field whose values are numbers. */
uint64_t random_number(struct prng *prng, enum field field);

/* Mostly one that some value of the field is, or just not; of a field that has a place. */
uint64_t random_near(struct prng *prng, enum field field);

void random_value(struct prng *prng, enum field field, struct value *ret);

#endif
