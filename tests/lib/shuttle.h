/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shuttle.h - a tun or tap interface in each of two namespaces, and a process that carries packets between them. */
#ifndef NETCTL_TESTS_SHUTTLE_H
#define NETCTL_TESTS_SHUTTLE_H

#include <stdbool.h>
#include <sys/types.h>

/* Interfaces of that name, up. The process, or 0: this kernel has no such interfaces. */
pid_t shuttle_begin(const char *netns_a, const char *netns_b, const char *dev, bool ethernet);
/* The interfaces vanish with it. */
void shuttle_end(pid_t shuttle);

#endif
