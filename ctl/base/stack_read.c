/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack_read.c - asks rtnetlink what kind each interface is, and what it stands on. */
#include <errno.h>
#include <string.h>

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>

#include "netlink.h"
#include "stack.h"
#include "stack_wireguard.h"

/* How a kind of tunnel names the ends of its outer packets: attribute numbers, 0 for what it has not. */
struct tunnel_kind {
	const char *kind;
	uint8_t family;	      /* 0: as its addresses are, or either */
	uint8_t protocols[2]; /* unless "protocol" says otherwise */
	uint16_t local, local6, remote, remote6, link, port, encap, encap_port, protocol;
};

#define GRE_ATTRIBUTES                                                             \
	.local = IFLA_GRE_LOCAL, .remote = IFLA_GRE_REMOTE, .link = IFLA_GRE_LINK, \
	.encap = IFLA_GRE_ENCAP_TYPE, .encap_port = IFLA_GRE_ENCAP_DPORT
#define IPTUN_ATTRIBUTES                                                                 \
	.local = IFLA_IPTUN_LOCAL, .remote = IFLA_IPTUN_REMOTE, .link = IFLA_IPTUN_LINK, \
	.encap = IFLA_IPTUN_ENCAP_TYPE, .encap_port = IFLA_IPTUN_ENCAP_DPORT,            \
	.protocol = IFLA_IPTUN_PROTO

/* An IP tunnel of protocol 0 takes what the second column says as well. */
static const struct tunnel_kind tunnel_kinds[] = {
	{ .kind = "vxlan",
	  .protocols = { IPPROTO_UDP },
	  .local = IFLA_VXLAN_LOCAL,
	  .local6 = IFLA_VXLAN_LOCAL6,
	  .remote = IFLA_VXLAN_GROUP,
	  .remote6 = IFLA_VXLAN_GROUP6,
	  .link = IFLA_VXLAN_LINK,
	  .port = IFLA_VXLAN_PORT },
	{ .kind = "geneve",
	  .protocols = { IPPROTO_UDP },
	  .remote = IFLA_GENEVE_REMOTE,
	  .remote6 = IFLA_GENEVE_REMOTE6,
	  .port = IFLA_GENEVE_PORT },
	{ .kind = "gre", .family = 4, .protocols = { IPPROTO_GRE }, GRE_ATTRIBUTES },
	{ .kind = "gretap", .family = 4, .protocols = { IPPROTO_GRE }, GRE_ATTRIBUTES },
	{ .kind = "erspan", .family = 4, .protocols = { IPPROTO_GRE }, GRE_ATTRIBUTES },
	{ .kind = "ip6gre", .family = 6, .protocols = { IPPROTO_GRE }, GRE_ATTRIBUTES },
	{ .kind = "ip6gretap", .family = 6, .protocols = { IPPROTO_GRE }, GRE_ATTRIBUTES },
	{ .kind = "ip6erspan", .family = 6, .protocols = { IPPROTO_GRE }, GRE_ATTRIBUTES },
	{ .kind = "ipip",
	  .family = 4,
	  .protocols = { IPPROTO_IPIP, IPPROTO_MPLS },
	  IPTUN_ATTRIBUTES },
	{ .kind = "sit",
	  .family = 4,
	  .protocols = { IPPROTO_IPV6, IPPROTO_IPIP },
	  IPTUN_ATTRIBUTES },
	{ .kind = "ip6tnl",
	  .family = 6,
	  .protocols = { IPPROTO_IPV6, IPPROTO_IPIP },
	  IPTUN_ATTRIBUTES },
	{ .kind = "wireguard", .protocols = { IPPROTO_UDP } },
};

/* Attributes of one message, or of one nested in it, by number. */
#define MOST_ATTRIBUTES 128

struct attributes {
	const struct nlattr *of[MOST_ATTRIBUTES];
};

static int keep(const struct nlattr *attr, void *data)
{
	struct attributes *all = data;

	if (mnl_attr_get_type(attr) < MOST_ATTRIBUTES)
		all->of[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

/* 0 where it is not there. */
static uint64_t number(const struct attributes *all, unsigned int type)
{
	const struct nlattr *attr = type ? all->of[type] : NULL;
	size_t size = attr ? mnl_attr_get_payload_len(attr) : 0;

	return size >= 4   ? mnl_attr_get_u32(attr)
	       : size == 2 ? mnl_attr_get_u16(attr)
	       : size == 1 ? mnl_attr_get_u8(attr)
			   : 0;
}

static void copy_text(const struct nlattr *attr, char ret[16])
{
	if (attr)
		strncpy(ret, mnl_attr_get_str(attr), 15);
}

/* Its length tells the family. */
static void read_address(const struct attributes *all, unsigned int type, uint8_t *family,
			 struct addr6 *ret)
{
	const struct nlattr *attr = type ? all->of[type] : NULL;
	size_t size = attr ? mnl_attr_get_payload_len(attr) : 0;
	uint64_t words[2];

	if (size == sizeof(uint32_t)) {
		*ret = (struct addr6){ .lo = ntohl(mnl_attr_get_u32(attr)) };
	} else if (size == sizeof(words)) {
		memcpy(words, mnl_attr_get_payload(attr), sizeof(words));
		*ret = (struct addr6){ be64toh(words[0]), be64toh(words[1]) };
	} else {
		return;
	}
	if (ret->hi || ret->lo)
		*family = size == sizeof(uint32_t) ? 4 : 6;
}

static void read_tunnel(const struct tunnel_kind *k, const struct attributes *all, struct tunnel *t)
{
	t->family = k->family;
	memcpy(t->protocols, k->protocols, sizeof(t->protocols));
	t->link = (uint32_t)number(all, k->link);
	t->port = ntohs((uint16_t)number(all, k->port));
	read_address(all, k->local, &t->family, &t->local);
	read_address(all, k->local6, &t->family, &t->local);
	read_address(all, k->remote, &t->family, &t->remote);
	read_address(all, k->remote6, &t->family, &t->remote);
	if (number(all, k->protocol)) {
		t->protocols[0] = (uint8_t)number(all, k->protocol);
		t->protocols[1] = 0;
	}
	if (number(all, k->encap) != TUNNEL_ENCAP_NONE) {
		t->protocols[0] = IPPROTO_UDP;
		t->protocols[1] = 0;
		t->port = ntohs((uint16_t)number(all, k->encap_port));
	}
}

static bool is_kind(const struct stack_iface *iface, const char *kind)
{
	return !strcmp(iface->kind, kind);
}

/* What IFLA_LINK means depends on the kind: of a veth the other end, of a tunnel what it leaves by. */
static void read_kind(struct stack_iface *iface, const struct attributes *data, uint32_t link)
{
	static const char *const standing[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap" };

	for (size_t i = 0; i < ARRAY_SIZE(standing); i++)
		if (is_kind(iface, standing[i]))
			iface->lower = link;
	if (is_kind(iface, "veth") || is_kind(iface, "netkit"))
		iface->peer = link;
	if (is_kind(iface, "vlan"))
		iface->vlan = (uint16_t)number(data, IFLA_VLAN_ID);
	if (is_kind(iface, "macvlan") || is_kind(iface, "macvtap"))
		iface->apart = number(data, IFLA_MACVLAN_MODE) == MACVLAN_MODE_BRIDGE;
	if (is_kind(iface, "ipvlan") || is_kind(iface, "ipvtap"))
		iface->apart = !number(data, IFLA_IPVLAN_FLAGS);
	if (is_kind(iface, "vrf"))
		iface->apart = true;
	if (is_kind(iface, "bridge"))
		iface->retags = number(data, IFLA_BR_VLAN_FILTERING);
	for (size_t i = 0; i < ARRAY_SIZE(tunnel_kinds); i++)
		if (is_kind(iface, tunnel_kinds[i].kind))
			read_tunnel(&tunnel_kinds[i], data, &iface->tunnel);
}

static int on_link(const struct nlmsghdr *msg, void *stack)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(msg);
	struct stack_iface iface = { .index = (uint32_t)info->ifi_index,
				     .loopback = info->ifi_flags & IFF_LOOPBACK };
	struct attributes all = {}, about = {}, data = {};
	int r;

	if (msg->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_parse(msg, sizeof(*info), keep, &all);
	if (all.of[IFLA_LINKINFO])
		mnl_attr_parse_nested(all.of[IFLA_LINKINFO], keep, &about);
	if (about.of[IFLA_INFO_DATA])
		mnl_attr_parse_nested(about.of[IFLA_INFO_DATA], keep, &data);
	copy_text(all.of[IFLA_IFNAME], iface.name);
	copy_text(about.of[IFLA_INFO_KIND], iface.kind);
	iface.master = (uint32_t)number(&all, IFLA_MASTER);
	read_kind(&iface, &data, all.of[IFLA_LINK_NETNSID] ? 0 : (uint32_t)number(&all, IFLA_LINK));
	r = stack_add(stack, &iface);
	errno = -r;
	return r ? MNL_CB_ERROR : MNL_CB_OK;
}

int stack_read(struct stack *ret)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	struct nlmsghdr *msg;
	struct ifinfomsg *info;
	int r;

	*ret = (struct stack){};
	if (!buffer)
		return -ENOMEM;
	msg = mnl_nlmsg_put_header(buffer);
	msg->nlmsg_type = RTM_GETLINK;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	info = mnl_nlmsg_put_extra_header(msg, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	r = netlink_ask(NETLINK_ROUTE, msg, on_link, ret);
	for (size_t i = 0; i < ret->count && !r; i++)
		if (is_kind(&ret->ifaces[i], "wireguard"))
			wireguard_port(ret->ifaces[i].index, &ret->ifaces[i].tunnel);
	if (!r)
		r = stack_finish(ret);
	if (r)
		stack_free(ret);
	return r;
}
