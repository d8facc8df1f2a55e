/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_classes.h - what rules distinguish among packets of one flow key: see struct flow_classes. */
#ifndef NETCTL_PACKET_CLASSES_H
#define NETCTL_PACKET_CLASSES_H

#include "../base/fault.h"
#include "number_classes.h"

/* By enum packet_number, and the length. */
struct packet_classes {
	struct number_plan number[NUMBER_COUNT + 1];
};

/* The cubes of a FLAGS match; disjoint. */
int flags_expand(const struct match *match, struct cubes *ret);

/* Before rules are expanded. -EINVAL with a fault when numbers are asked for with too many masks. */
int packet_classes_build(const struct ruleset *rules, struct packet_classes *ret,
			 struct fault *fault);
void packet_classes_free(struct packet_classes *classes);

/* Into the blob and its parts. -ENOSPC beyond BLOB_MAX. */
int packet_classes_write(struct blob_writer *w, const struct ruleset *rules,
			 const struct packet_classes *classes);

#endif
