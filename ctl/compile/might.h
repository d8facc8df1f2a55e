/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* might.h - what packets that do not show all might match of a rule: see enum might. */
#ifndef NETCTL_MIGHT_H
#define NETCTL_MIGHT_H

#include "blob_write.h"

/* Of the next rule of the list. -E2BIG when its matches make too many boxes. */
int might_add(struct compiled *compiled, const struct rule *rule, uint32_t number);

#endif
