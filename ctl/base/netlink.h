/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* netlink.h - one question to the kernel and its answers (libmnl), for the files that ask about interfaces. */
#ifndef NETCTL_NETLINK_H
#define NETCTL_NETLINK_H

#include <libmnl/libmnl.h>

#include "util.h"

#define NETLINK_REPLY (64 << 10) /* bytes: of a buffer a question is put in */

/* Send the question over a socket of that protocol and visit the answers, which are written over it. */
int netlink_ask(int protocol, struct nlmsghdr *msg, mnl_cb_t on_reply, void *data);

#endif
