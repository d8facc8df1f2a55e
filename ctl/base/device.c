/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device.c - asks rtnetlink what devices and qdiscs have counted. */
#include <errno.h>
#include <string.h>

#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "device.h"
#include "netlink.h"

struct devices {
	struct device *list;
	size_t count;
	bool after; /* the devices have been read */
};

static struct device *find(const struct devices *devices, int index)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->list[i].index == (uint32_t)index)
			return &devices->list[i];
	return NULL;
}

static int on_link(const struct nlmsghdr *msg, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
	struct device *device = msg->nlmsg_type == RTM_NEWLINK ? find(data, info->ifi_index) : NULL;
	const struct nlattr *attr;

	if (!device)
		return MNL_CB_OK;
	mnl_attr_for_each (attr, msg, sizeof(*info)) {
		struct rtnl_link_stats64 stats;

		if (mnl_attr_get_type(attr) != IFLA_STATS64 ||
		    mnl_attr_get_payload_len(attr) < sizeof(stats))
			continue;
		memcpy(&stats, mnl_attr_get_payload(attr), sizeof(stats));
		device->found = true;
		device->sent = stats.tx_packets;
		device->before.lost += stats.tx_dropped;
		device->after.lost += stats.tx_dropped;
		device->errors = stats.tx_errors;
	}
	return MNL_CB_OK;
}

/* Those that send a super-packet on as it came; what a class of another kind does is not known. */
static bool cuts(const char *kind)
{
	static const char *const whole[] = {
		"noqueue", "mq", "pfifo_fast", "pfifo", "bfifo", "fq", "fq_codel", "codel",
		"sfq", "prio", "clsact", "ingress",
	};

	for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
		if (!strcmp(kind, whole[i]))
			return false;
	return true;
}

/* A qdisc at the root speaks for all below it. */
static void add_queue(struct unsent *unsent, const struct nlattr *stats)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested (attr, stats) {
		struct gnet_stats_queue queue;

		if (mnl_attr_get_type(attr) != TCA_STATS_QUEUE ||
		    mnl_attr_get_payload_len(attr) < sizeof(queue))
			continue;
		memcpy(&queue, mnl_attr_get_payload(attr), sizeof(queue));
		unsent->lost += queue.drops;
		unsent->queued += queue.qlen;
	}
}

static int on_qdisc(const struct nlmsghdr *msg, void *data)
{
	const struct devices *devices = data;
	const struct tcmsg *tc = mnl_nlmsg_get_payload(msg);
	struct device *device = msg->nlmsg_type == RTM_NEWQDISC ? find(data, tc->tcm_ifindex) : NULL;
	const struct nlattr *attr;

	if (!device)
		return MNL_CB_OK;
	mnl_attr_for_each (attr, msg, sizeof(*tc)) {
		if (mnl_attr_get_type(attr) == TCA_KIND)
			device->cuts = device->cuts || cuts(mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == TCA_STATS2 && tc->tcm_parent == TC_H_ROOT)
			add_queue(devices->after ? &device->after : &device->before, attr);
	}
	return MNL_CB_OK;
}

static int dump(uint16_t type, size_t header, mnl_cb_t each, struct devices *devices)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	struct nlmsghdr *msg;

	if (!buffer)
		return -ENOMEM;
	msg = mnl_nlmsg_put_header(buffer);
	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(msg, header);
	return netlink_ask(NETLINK_ROUTE, msg, each, devices);
}

int devices_read(struct device *list, size_t count)
{
	struct devices devices = {list, count, false};
	int r;

	for (size_t i = 0; i < count; i++)
		list[i] = (struct device){.index = list[i].index};
	r = dump(RTM_GETQDISC, sizeof(struct tcmsg), on_qdisc, &devices);
	if (!r)
		r = dump(RTM_GETLINK, sizeof(struct ifinfomsg), on_link, &devices);
	devices.after = true;
	return r ? r : dump(RTM_GETQDISC, sizeof(struct tcmsg), on_qdisc, &devices);
}
