/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* overlay_check.h - does a rule that was added in place do what it says, and nothing else? */
#ifndef NETCTL_OVERLAY_CHECK_H
#define NETCTL_OVERLAY_CHECK_H

#include "../rules/ruleset.h"

/*
 * Does the rule of the list "alone", written as that number, decide about the packets it should when the state is "after", and are all
 * others decided as with "before"? -EBADE with a fault when not.
 */
int overlay_check(const struct blob *blob, uint64_t before, uint64_t after,
		  const struct ruleset *alone, uint32_t number, struct fault *fault);

#endif
