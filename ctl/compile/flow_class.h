/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_class.h - what rules distinguish among packets of one flow key. */
#ifndef NETCTL_FLOW_CLASS_H
#define NETCTL_FLOW_CLASS_H

#include "../rules/ruleset.h"
#include "boxes.h"

/* The cubes of a FLAGS match; disjoint. */
int flags_expand(const struct match *match, struct cubes *ret);

/* Fill in the classes: see struct blob. -EINVAL with a fault when there are too many lengths. */
int flow_classes_fill(const struct ruleset *rules, struct blob *blob, struct fault *fault);

#endif
