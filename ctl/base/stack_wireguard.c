/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack_wireguard.c - asks wireguard's family of generic netlink. */
#include <linux/wireguard.h>

#include "generic.h"
#include "stack_wireguard.h"

void wireguard_port(uint32_t index, struct tunnel *ret)
{
	autofree char *buffer = malloc(NETLINK_REPLY);
	uint16_t family = buffer ? generic_family(WG_GENL_NAME, buffer) : 0;
	struct nlmsghdr *msg;

	ret->own_port = true;
	ret->port = 0;
	if (family) {
		msg = generic_question(buffer, family, WG_CMD_GET_DEVICE, WG_GENL_VERSION, NLM_F_DUMP);
		mnl_attr_put_u32(msg, WGDEVICE_A_IFINDEX, index);
		ret->port = (uint16_t)generic_number(msg, WGDEVICE_A_LISTEN_PORT);
	}
	if (!ret->port)
		ret->protocols[0] = 0;
}
