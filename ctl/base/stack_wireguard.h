/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack_wireguard.h - the port a wireguard interface listens on, which generic netlink tells alone. */
#ifndef NETCTL_STACK_WIREGUARD_H
#define NETCTL_STACK_WIREGUARD_H

#include "stack.h"

/* Sets what its packets come to; a tunnel none can be told of where the kernel does not say. */
void wireguard_port(uint32_t index, struct tunnel *ret);

#endif
