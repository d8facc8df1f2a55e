/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* route.c - asks rtnetlink for default routes. */
#include <errno.h>
#include <sys/socket.h>

#include <linux/rtnetlink.h>

#include "array.h"
#include "netlink.h"
#include "route.h"

struct reading {
	struct default_routes *routes;
	int error;
};

static void add(struct reading *reading, uint32_t ifindex)
{
	struct default_routes *routes = reading->routes;

	if (!reading->error)
		reading->error = array_grow(routes->ifindexes, routes->count);
	if (!reading->error)
		routes->ifindexes[routes->count++] = ifindex;
}

static void add_hops(struct reading *reading, const struct nlattr *attr)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);
	int left = mnl_attr_get_payload_len(attr);

	for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
		add(reading, (uint32_t)hop->rtnh_ifindex);
}

static int on_route(const struct nlmsghdr *msg, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr;

	if (msg->nlmsg_type != RTM_NEWROUTE || route->rtm_dst_len || route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each (attr, msg, sizeof(*route)) {
		if (mnl_attr_get_type(attr) == RTA_OIF)
			add(data, mnl_attr_get_u32(attr));
		if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			add_hops(data, attr);
	}
	return MNL_CB_OK;
}

static int read_family(unsigned char family, struct reading *reading)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	struct nlmsghdr *msg;
	struct rtmsg *route;

	if (!buffer)
		return -ENOMEM;
	msg = mnl_nlmsg_put_header(buffer);
	msg->nlmsg_type = RTM_GETROUTE;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	route = mnl_nlmsg_put_extra_header(msg, sizeof(*route));
	route->rtm_family = family;
	return netlink_ask(NETLINK_ROUTE, msg, on_route, reading);
}

int default_routes_read(struct default_routes *ret)
{
	struct reading reading = {.routes = ret};
	int r = read_family(AF_INET, &reading);

	if (!r)
		r = read_family(AF_INET6, &reading);
	return r ? r : reading.error;
}
