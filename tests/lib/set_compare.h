/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_compare.h - sets copied and compared. */
#ifndef NETCTL_TESTS_SET_COMPARE_H
#define NETCTL_TESTS_SET_COMPARE_H

#include "../../ctl/rules/set.h"

int set_copy(const struct set *from, struct set *ret);

/* Same type, counters and elements with their lives, whatever their slots. */
bool set_equal(const struct set *a, const struct set *b);

#endif
