/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * former.h - an attachment whose place another one takes, as the mode of XDP changes: the new one is linked before the
 * former one leaves, so that no packet passes between them.
 */
#ifndef NETCTL_FORMER_H
#define NETCTL_FORMER_H

#include "plan.h"

/* Hold what must leave; closed with former_close(). */
int former_open(const struct store *store, const struct attached *attached, struct former *ret);
void former_close(struct former *former);

/*
 * Before anything is made that no link holds: the state says that it may be there, so that the next attach clears it
 * away if this one is killed.
 */
int formers_announce(struct attaching *a, struct fault *fault);

/* The change has failed, and all that was made is gone. */
void formers_stay(struct attaching *a);

/* The new state is in force: take all former ones away. What is left after a failure, the next attach clears away. */
void formers_leave(struct attaching *a);

/* What a killed change of modes has left. */
int formers_clear(struct store *store, struct fault *fault);

#endif
