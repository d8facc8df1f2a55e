/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* netns.h - entering the network namespace that -N names. */
#ifndef NETCTL_NETNS_H
#define NETCTL_NETNS_H

#include "util.h"

/*
 * NAME (of "ip netns"), PATH (anything with a '/') or PID. Only the network namespace changes: bpffs is still
 * found where it was. -ENOENT (exit 3) when there is no such namespace.
 */
int netns_enter(const char *which, struct fault *fault);

/* The number of this process's network namespace that the kernel never gives twice. */
int netns_cookie(uint64_t *ret);

#endif
