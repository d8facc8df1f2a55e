/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack_wireguard.c - asks wireguard's family of generic netlink. */
#include <errno.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/wireguard.h>

#include "netlink.h"
#include "stack_wireguard.h"

struct wanted {
	uint16_t type; /* of the attribute, an u16 */
	uint16_t value;
};

static int keep(const struct nlattr *attr, void *data)
{
	struct wanted *wanted = data;

	if (mnl_attr_get_type(attr) == wanted->type &&
	    mnl_attr_get_payload_len(attr) >= sizeof(uint16_t))
		wanted->value = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int on_reply(const struct nlmsghdr *msg, void *data)
{
	return mnl_attr_parse(msg, sizeof(struct genlmsghdr), keep, data);
}

static struct nlmsghdr *question(char *buffer, uint16_t family, uint8_t command, uint8_t version,
				 uint16_t flags)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *generic;

	msg->nlmsg_type = family;
	msg->nlmsg_flags = NLM_F_REQUEST | flags;
	generic = mnl_nlmsg_put_extra_header(msg, sizeof(*generic));
	generic->cmd = command;
	generic->version = version;
	return msg;
}

void wireguard_port(uint32_t index, struct tunnel *ret)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	struct wanted family = { .type = CTRL_ATTR_FAMILY_ID },
		      port = { .type = WGDEVICE_A_LISTEN_PORT };
	struct nlmsghdr *msg;

	ret->own_port = true;
	if (buffer) {
		msg = question(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
		mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
		netlink_ask(NETLINK_GENERIC, msg, on_reply, &family);
	}
	if (family.value) {
		msg = question(buffer, family.value, WG_CMD_GET_DEVICE, WG_GENL_VERSION,
			       NLM_F_DUMP);
		mnl_attr_put_u32(msg, WGDEVICE_A_IFINDEX, index);
		netlink_ask(NETLINK_GENERIC, msg, on_reply, &port);
	}
	ret->port = port.value;
	if (!port.value)
		ret->protocols[0] = 0;
}
