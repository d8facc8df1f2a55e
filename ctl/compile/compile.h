/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compile.h - a list of rules to a blob. */
#ifndef NETCTL_COMPILE_H
#define NETCTL_COMPILE_H

#include "../rules/ruleset.h"

/*
 * Compile into blob (BLOB_MAX bytes, the first BLOB_SIZE zeroed) as generation set->generation + 1. Interfaces are what
 * ruleset_ifindex() says. -EINVAL with *fault naming the rule that can never match or the limit that is exceeded.
 */
int ruleset_compile(const struct ruleset *set, struct blob *blob, struct fault *fault);

#endif
