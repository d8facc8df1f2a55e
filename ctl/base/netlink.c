/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* netlink.c - asks the kernel one question over a socket of its own. */
#include <errno.h>
#include <time.h>

#include "netlink.h"

static void close_socket(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}

int netlink_ask(int protocol, struct nlmsghdr *msg, mnl_cb_t on_reply, void *data)
{
	__attribute__((cleanup(close_socket))) struct mnl_socket *socket =
		mnl_socket_open(protocol);
	unsigned int seq = (unsigned int)time(NULL);
	char *reply = (char *)msg;
	ssize_t len;
	int r;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		return -errno;
	msg->nlmsg_seq = seq;
	if (mnl_socket_sendto(socket, msg, msg->nlmsg_len) < 0)
		return -errno;
	do {
		len = mnl_socket_recvfrom(socket, reply, NETLINK_REPLY);
		if (len < 0)
			return -errno;
		r = mnl_cb_run(reply, (size_t)len, seq, mnl_socket_get_portid(socket), on_reply,
			       data);
	} while (r > MNL_CB_STOP);
	return r < 0 ? -errno : 0;
}
