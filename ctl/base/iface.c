/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* iface.c - asks rtnetlink for the interfaces of this network namespace. */
#include <errno.h>
#include <string.h>

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "array.h"
#include "iface.h"
#include "name.h"
#include "netlink.h"

static int on_kind(const struct nlattr *attr, void *data)
{
	struct iface *iface = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		strncpy(iface->kind, mnl_attr_get_str(attr), sizeof(iface->kind) - 1);
	return MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct iface *iface = data;
	struct rtnl_link_stats64 stats;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		strncpy(iface->name, mnl_attr_get_str(attr), sizeof(iface->name) - 1);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, on_kind, iface);
		break;
	case IFLA_MTU:
		iface->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_STATS64:
		if (mnl_attr_get_payload_len(attr) < sizeof(stats))
			break;
		memcpy(&stats, mnl_attr_get_payload(attr), sizeof(stats));
		iface->tx_packets = stats.tx_packets;
		iface->tx_dropped = stats.tx_dropped;
		break;
	}
	return MNL_CB_OK;
}

/* What a caller wants of the links a reply holds. */
struct visit {
	void (*each)(const struct iface *iface, void *data);
	void *data;
};

static int on_link(const struct nlmsghdr *msg, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
	const struct visit *visit = data;
	struct iface iface = {.index = (uint32_t)info->ifi_index,
			      .type = info->ifi_type,
			      .link = link_of(info->ifi_type),
			      .up = info->ifi_flags & IFF_UP,
			      .point_to_point = info->ifi_flags & IFF_POINTOPOINT};

	if (msg->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_parse(msg, sizeof(*info), on_attribute, &iface);
	visit->each(&iface, visit->data);
	return MNL_CB_OK;
}

/* One RTM_GETLINK: of one interface by index or name, or of all when neither is given. */
static int get_links(uint32_t index, const char *name, const struct visit *visit)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	struct nlmsghdr *msg;
	struct ifinfomsg *info;

	if (!buffer)
		return -ENOMEM;
	msg = mnl_nlmsg_put_header(buffer);
	msg->nlmsg_type = RTM_GETLINK;
	msg->nlmsg_flags = NLM_F_REQUEST | (index || name ? NLM_F_ACK : NLM_F_DUMP);
	info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)index;
	if (name)
		mnl_attr_put_strz(msg, IFLA_IFNAME, name);
	return netlink_ask(NETLINK_ROUTE, msg, on_link, (void *)visit);
}

bool iface_has_prefix(const struct iface *iface)
{
	static const char *const kinds[] = { "gre", "ip6gre", "vti", "vti6", "xfrm" };
	bool gre = iface->type == ARPHRD_IPGRE || iface->type == ARPHRD_IP6GRE;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(iface->kind, kinds[i]))
			return !gre || !iface->point_to_point;
	return false;
}

static int on_filter(const struct nlmsghdr *msg, void *data)
{
	*(bool *)data |= msg->nlmsg_type == RTM_NEWTFILTER;
	return MNL_CB_OK;
}

/* Of one direction of the clsact qdisc. */
static bool has_filters(uint32_t index, uint32_t way)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	struct nlmsghdr *msg;
	struct tcmsg *tc;
	bool found = false;

	if (!buffer)
		return true;
	msg = mnl_nlmsg_put_header(buffer);
	msg->nlmsg_type = RTM_GETTFILTER;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tc = mnl_nlmsg_put_extra_header(msg, sizeof(*tc));
	tc->tcm_ifindex = (int)index;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, way);
	return netlink_ask(NETLINK_ROUTE, msg, on_filter, &found) || found;
}

bool iface_filters(uint32_t index)
{
	return has_filters(index, TC_H_MIN_INGRESS) || iface_egress_filters(index);
}

bool iface_egress_filters(uint32_t index)
{
	return has_filters(index, TC_H_MIN_EGRESS);
}

static void take(const struct iface *iface, void *data)
{
	*(struct iface *)data = *iface;
}

static void count(const struct iface *iface, void *data)
{
	(void)iface;
	++*(size_t *)data;
}

int iface_count(size_t *ret)
{
	size_t found = 0;
	const struct visit visit = {.each = count, .data = &found};
	int r = get_links(0, NULL, &visit);

	if (!r)
		*ret = found;
	return r;
}

struct list {
	struct iface *ifaces;
	size_t count;
	int error;
};

static void append(const struct iface *iface, void *data)
{
	struct list *list = data;

	if (!list->error)
		list->error = array_grow(list->ifaces, list->count);
	if (!list->error)
		list->ifaces[list->count++] = *iface;
}

int iface_list(struct iface **ret, size_t *ret_count)
{
	struct list list = {};
	const struct visit visit = {.each = append, .data = &list};
	int r = get_links(0, NULL, &visit);

	r = r ? r : list.error;
	if (r) {
		free(list.ifaces);
		return r;
	}
	*ret = list.ifaces;
	*ret_count = list.count;
	return 0;
}

/* The name nearest to what was typed, for the hint. */
struct guess {
	const char *typed;
	size_t slips;
	char name[16];
};

static void compare(const struct iface *iface, void *data)
{
	struct guess *guess = data;

	if (name_is_nearer(guess->typed, iface->name, &guess->slips))
		strcpy(guess->name, iface->name);
}

static int no_iface(const char *name, struct fault *fault)
{
	struct guess guess = { .typed = name, .slips = NO_NAME_NEAR };
	const struct visit visit = {.each = compare, .data = &guess};

	fault_set(fault, -ENODEV, EXIT_MISSING, "no such interface: '%.80s'%s", name,
		  strlen(name) > 80 ? "..." : "");
	if (!get_links(0, NULL, &visit) && guess.name[0])
		fault_hint(fault, "did you mean '%s'?", guess.name);
	return -ENODEV;
}

int iface_by_name(const char *name, struct iface *ret, struct fault *fault)
{
	struct iface found = {};
	const struct visit visit = {.each = take, .data = &found};
	int r;

	/*
	 * The kernel reads at most 15 bytes and has no empty names: such words would find all, or
	 * others.
	 */
	if (!name[0] || strlen(name) >= sizeof(found.name))
		return no_iface(name, fault);
	r = get_links(0, name, &visit);
	if (r == -ENODEV || r == -EINVAL || r == -ERANGE || (!r && !found.index))
		return no_iface(name, fault);
	if (r)
		return fault_set(fault, r, 0, "cannot ask the kernel about interface '%s'", name);
	*ret = found;
	return 0;
}

int iface_by_index(uint32_t index, struct iface *ret)
{
	struct iface found = {};
	const struct visit visit = {.each = take, .data = &found};
	int r = index ? get_links(index, NULL, &visit) : -ENODEV;

	if (r)
		return r;
	if (found.index != index)
		return -ENODEV;
	*ret = found;
	return 0;
}
