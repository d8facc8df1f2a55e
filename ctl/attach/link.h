/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link.h - the links of an attach; none of them is pinned, so that a kill undoes everything. */
#ifndef NETCTL_LINK_H
#define NETCTL_LINK_H

#include "plan.h"

/* All that is planned; an optional target that is refused is skipped, and what it had stays. */
int link_all(struct attaching *a, struct fault *fault);

/* What was made of a job, unless a pin holds it. */
void unlink_job(struct attaching *a, struct job *job);

#endif
