/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link_type.h - what the packets of a device begin with, by its link type (ARPHRD_ of <linux/if_arp.h>). */
#ifndef NETCTL_LINK_TYPE_H
#define NETCTL_LINK_TYPE_H

#include "util.h"

enum link {
	LINK_UNKNOWN, /* neither: radio, CAN, InfiniBand, ... */
	LINK_ETHERNET,
	LINK_BARE, /* with the IP header: tun, wireguard, ppp, ipip, gre, sit, ... */
};

enum link link_of(uint16_t type);

/* "can", as "ip link" spells it, or its number; ret[] holds it then. */
const char *link_type_name(uint16_t type, char ret[16]);

#endif
