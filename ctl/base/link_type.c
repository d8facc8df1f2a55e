/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link_type.c - the one table of link types. */
#include <stdio.h>

#include <linux/if_arp.h>

#include "link_type.h"

#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif

/* Those that are not here begin with something else, or nobody has looked. */
static const struct row {
	uint16_t type;
	enum link link;
	const char *name;
} rows[] = {
	{ ARPHRD_ETHER, LINK_ETHERNET, "ether" },
	{ ARPHRD_LOOPBACK, LINK_ETHERNET, "loopback" },
	{ ARPHRD_NONE, LINK_BARE, "none" }, /* tun, wireguard, xfrm, wwan */
	{ ARPHRD_RAWIP, LINK_BARE, "rawip" }, /* modems: rmnet, qmi_wwan */
	{ ARPHRD_PPP, LINK_BARE, "ppp" }, /* its own header comes and goes in the driver */
	{ ARPHRD_SLIP, LINK_BARE, "slip" },
	{ ARPHRD_CSLIP, LINK_BARE, "cslip" },
	{ ARPHRD_TUNNEL, LINK_BARE, "ipip" }, /* vti, too */
	{ ARPHRD_TUNNEL6, LINK_BARE, "tunnel6" }, /* ip6tnl, ip6vti */
	{ ARPHRD_SIT, LINK_BARE, "sit" },
	{ ARPHRD_IPGRE, LINK_BARE, "gre" },
	{ ARPHRD_IP6GRE, LINK_BARE, "gre6" },
	{ ARPHRD_PIMREG, LINK_BARE, "pimreg" },
	{ ARPHRD_INFINIBAND, LINK_UNKNOWN, "infiniband" },
	{ ARPHRD_CAN, LINK_UNKNOWN, "can" },
	{ ARPHRD_IEEE80211, LINK_UNKNOWN, "ieee802.11" },
	{ ARPHRD_IEEE80211_PRISM, LINK_UNKNOWN, "ieee802.11/prism" },
	{ ARPHRD_IEEE80211_RADIOTAP, LINK_UNKNOWN, "ieee802.11/radiotap" },
	{ ARPHRD_IEEE802154, LINK_UNKNOWN, "ieee802.15.4" },
	{ ARPHRD_6LOWPAN, LINK_UNKNOWN, "6lowpan" },
	{ ARPHRD_NETLINK, LINK_UNKNOWN, "netlink" },
	{ ARPHRD_VSOCKMON, LINK_UNKNOWN, "vsockmon" },
	{ ARPHRD_IEEE1394, LINK_UNKNOWN, "ieee1394" },
	{ ARPHRD_X25, LINK_UNKNOWN, "x25" },
	{ ARPHRD_PHONET, LINK_UNKNOWN, "phonet" },
};

static const struct row *row_of(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

enum link link_of(uint16_t type)
{
	const struct row *row = row_of(type);

	return row ? row->link : LINK_UNKNOWN;
}

const char *link_type_name(uint16_t type, char ret[16])
{
	const struct row *row = row_of(type);

	if (row)
		return row->name;
	snprintf(ret, 16, "%u", type);
	return ret;
}
