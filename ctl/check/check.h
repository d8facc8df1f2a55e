/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* check.h - whether a blob does what the rules say. */
#ifndef NETCTL_CHECK_H
#define NETCTL_CHECK_H

#include "../rules/ruleset.h"

/*
 * Compare the blob's native walk with the oracle on every rule's corners and on random packets near them.
 * -EBADE and a fault (a bug in netctl: the swap is refused) on the first difference.
 */
int ruleset_check(const struct ruleset *rules, const struct blob *blob, struct fault *fault);

#endif
