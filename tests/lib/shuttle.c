/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shuttle.c - what leaves by one tun interface arrives at the other. */
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shuttle.h"
#include "wire.h"

static int open_tun(const char *netns, const char *dev, bool ethernet)
{
	struct ifreq request = { .ifr_flags = (short)((ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI) };
	int s, fd;

	enter_netns(netns); /* before it is opened: that is where the interface will be */
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	strncpy(request.ifr_name, dev, IFNAMSIZ - 1);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ioctl(fd, TUNSETIFF, &request) || ioctl(s, SIOCGIFFLAGS, &request))
		err(1, "%s", dev);
	request.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &request))
		err(1, "%s up", dev);
	close(s);
	return fd;
}

static void carry(int from, int to)
{
	static char packet[65536];
	ssize_t len = read(from, packet, sizeof(packet));

	/* What the other one refuses is lost, as on a wire. */
	if (len > 0 && write(to, packet, (size_t)len) != len)
		return;
}

static void carry_on(int a, int b)
{
	struct pollfd both[] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(both, 2, -1) > 0) {
		if (both[0].revents)
			carry(a, b);
		if (both[1].revents)
			carry(b, a);
	}
	_exit(1);
}

pid_t shuttle_begin(const char *netns_a, const char *netns_b, const char *dev, bool ethernet)
{
	int a = open_tun(netns_a, dev, ethernet), b = a < 0 ? -1 : open_tun(netns_b, dev, ethernet);
	pid_t pid = 0;

	if (b < 0)
		return 0;
	pid = fork();
	if (!pid)
		carry_on(a, b);
	if (pid < 0)
		err(1, "a process for %s", dev);
	close(a);
	close(b);
	return pid;
}

void shuttle_end(pid_t shuttle)
{
	kill(shuttle, SIGKILL);
	waitpid(shuttle, NULL, 0);
}
