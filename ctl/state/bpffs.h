/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bpffs.h - the bpffs that all commands of this machine share. */
#ifndef NETCTL_BPFFS_H
#define NETCTL_BPFFS_H

#include "../base/util.h"

/*
 * Open the bpffs this process's commands share. It is mounted when there is none and "mount" is set, else
 * -ENOENT. The mount's root is checked as every directory below it.
 */
int bpffs_open(bool mount, int *ret_fd, struct fault *fault);

#endif
