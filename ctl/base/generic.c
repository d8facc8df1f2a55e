/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* generic.c - asks families of generic netlink for numbers. */
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "generic.h"

struct wanted {
	const uint16_t *attributes;
	size_t count;
	uint64_t *values;
};

static uint64_t number(const struct nlattr *attr)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint16_t):
		return mnl_attr_get_u16(attr);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	case sizeof(uint64_t):
		return mnl_attr_get_u64(attr);
	}
	return 0;
}

static int keep(const struct nlattr *attr, void *data)
{
	struct wanted *wanted = data;

	for (size_t i = 0; i < wanted->count; i++)
		if (mnl_attr_get_type(attr) == wanted->attributes[i])
			wanted->values[i] = number(attr);
	return MNL_CB_OK;
}

static int on_reply(const struct nlmsghdr *msg, void *data)
{
	return mnl_attr_parse(msg, sizeof(struct genlmsghdr), keep, data);
}

struct nlmsghdr *generic_question(char *buffer, uint16_t family, uint8_t command, uint8_t version,
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

int generic_numbers(struct nlmsghdr *question, const uint16_t *attributes, size_t count, uint64_t *ret)
{
	struct wanted wanted = { attributes, count, ret };

	return netlink_ask(NETLINK_GENERIC, question, on_reply, &wanted);
}

uint64_t generic_number(struct nlmsghdr *question, uint16_t attribute)
{
	uint64_t value = 0;

	generic_numbers(question, &attribute, 1, &value);
	return value;
}

uint16_t generic_family(const char *name, char *buffer)
{
	struct nlmsghdr *msg = generic_question(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);

	mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, name);
	return (uint16_t)generic_number(msg, CTRL_ATTR_FAMILY_ID);
}
