/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* statedir.h - directories in bpffs: who owns them, the lock. Knows no map or program. */
#ifndef NETCTL_STATEDIR_H
#define NETCTL_STATEDIR_H

#include "../base/util.h"

/*
 * Open the directory "name" in "parent", made with mode 0700 before if "create" is set. -ENOENT when it is not
 * there; exit 5 when it belongs to somebody else or others may write to it. "shown" names it in the fault.
 */
int statedir_open(int parent, const char *name, bool create, const char *shown, int *ret_fd,
		  struct fault *fault);

/*
 * BPFFS/netctl and BPFFS/netctl/"name" (ret[0], ret[1]), the latter locked if "lock" is set, see lock_take().
 * With "create" they are made.
 */
int statedir_enter(int bpffs, const char *name, bool create, bool lock, int ret[2],
		   struct fault *fault);

/* Remove directory "name" in "parent" and the pins in it; fine when it is not there. */
int statedir_clear(int parent, const char *name);

/* Call back for every name in a directory, until something else than 0 is returned, and return that. */
int statedir_each(int dir, int (*each)(int dir, const char *name, void *data), void *data);

/*
 * Held until "fd" is closed. Waits for whoever holds it: silently for a second, then with a note that names it, and
 * no longer than a minute: -ETIMEDOUT with a fault.
 */
int lock_take(int fd, struct fault *fault);

#endif
