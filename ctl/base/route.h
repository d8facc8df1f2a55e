/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* route.h - by which interfaces the default routes of this network namespace go. */
#ifndef NETCTL_ROUTE_H
#define NETCTL_ROUTE_H

#include "util.h"

struct default_routes {
	uint32_t *ifindexes; /* owned; one may be there several times */
	size_t count;
};

/* Of IPv4 and IPv6, in any table, each way of a multipath one. *ret is zero. */
int default_routes_read(struct default_routes *ret);

#endif
