/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* netns.c - entering the network namespace that -N names. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/nsfs.h>

#include "netns.h"
#include "privilege.h"

#ifndef SO_NETNS_COOKIE /* Linux 5.14 */
#define SO_NETNS_COOKIE 71
#endif

static int open_at(const char *format, const char *which)
{
	autofree char *path = text_printf(format, which);
	int fd;

	if (!path)
		return -ENOMEM;
	/* Not blocking: a path may well name a FIFO. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int netns_open(const char *which)
{
	int fd;

	if (strchr(which, '/'))
		return open_at("%s", which);
	fd = open_at("/run/netns/%s", which);
	if (fd == -ENOENT && which[0] && which[strspn(which, "0123456789")] == '\0')
		return open_at("/proc/%s/ns/net", which);
	return fd;
}

int netns_enter(const char *which, struct fault *fault)
{
	autoclose int fd = netns_open(which);
	int r = 0;

	if (fd == -EPERM || fd == -EACCES)
		return fault_set(fault, fd, EXIT_PRIVILEGE,
				 "not permitted to enter the network namespace '%s'", which);
	if (fd < 0) {
		fault_set(fault, -ENOENT, EXIT_MISSING, "no such network namespace: '%s'", which);
		fault_hint(fault, "give a name of 'ip netns list', a path with a '/', or a process "
				  "number");
		return -ENOENT;
	}
	/* Asked first: setns() on anything else says as little as "invalid argument". */
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return fault_set(fault, -ENOENT, EXIT_MISSING, "not a network namespace: '%s'",
				 which);
	if (setns(fd, CLONE_NEWNET) < 0)
		r = -errno;
	if (r == -EPERM) {
		fault_set(fault, r, EXIT_PRIVILEGE,
			  "entering the network namespace '%s' needs CAP_SYS_ADMIN", which);
		fault_hint(fault, "run it as root (sudo)");
	} else if (r < 0) {
		fault_set(fault, r, EXIT_REFUSED, "cannot enter the network namespace '%s': %s",
			  which, strerror(-r));
	}
	return r;
}

int netns_cookie(uint64_t *ret)
{
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*ret);

	if (fd < 0)
		return -errno;
	return getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &len) < 0 ? -errno : 0;
}
