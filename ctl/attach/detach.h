/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* detach.h - programs away from interfaces, as a transaction: all that was asked for, or nothing. */
#ifndef NETCTL_DETACH_H
#define NETCTL_DETACH_H

#include "../base/util.h"

struct detach_result {
	size_t count;
	char (*names)[16]; /* of the interfaces; owned */
	bool last;	   /* nothing is left of us in this namespace */
	bool kept;	   /* nothing was attached: rules that were kept for the next attach are gone */
};

/* count 0: all. A name is an interface's, or the one it had when it was attached. */
int detach(char *const *names, size_t count, struct detach_result *ret, struct fault *fault);

#endif
