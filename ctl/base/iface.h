/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* iface.h - the interfaces of this network namespace, by rtnetlink (libmnl). */
#ifndef NETCTL_IFACE_H
#define NETCTL_IFACE_H

#include "link_type.h"
#include "util.h"

struct iface {
	uint32_t index;
	char name[16]; /* any bytes but NUL and '/': escape before printing */
	char kind[16]; /* as "ip link" spells it; empty: a device by itself */
	uint16_t type; /* ARPHRD_ */
	enum link link; /* by it: what its packets begin with */
	uint32_t mtu;
	bool up, point_to_point;
	uint64_t tx_packets, tx_dropped; /* the device's own */
};

/* -ENODEV (exit 3) with a fault that names what was typed, and suggests a close name. */
int iface_by_name(const char *name, struct iface *ret, struct fault *fault);
/* -ENODEV when it is gone. */
int iface_by_index(uint32_t index, struct iface *ret);

/*
 * Packets may begin with what they travelled in, before the IP header: GRE without a remote end (its outer header, both
 * ways), vti and xfrm (the Ethernet header of the frame that held them, what comes in). At TC the network header tells.
 */
bool iface_has_prefix(const struct iface *iface);

/* All there are, by index as a rule; *ret is the caller's to free. */
int iface_list(struct iface **ret, size_t *ret_count);

/* How many there are. */
int iface_count(size_t *ret);

/* Whether the interface's clsact qdisc has filters; true when the kernel does not say. */
bool iface_filters(uint32_t index);
bool iface_egress_filters(uint32_t index); /* of egress alone */

#endif
