/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lock.h - the lock on a directory that lets one command at a time change what is in it. */
#ifndef NETCTL_LOCK_H
#define NETCTL_LOCK_H

#include "../base/util.h"

/*
 * Held until "fd" is closed. Waits for whoever holds it: silently for a second, then with a note that names it, and
 * no longer than a minute: -ETIMEDOUT with a fault.
 */
int lock_take(int fd, struct fault *fault);

#endif
