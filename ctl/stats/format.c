/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* format.c - writes addresses, ports, protocols and flags the way tables and JSON show them. */
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>

#include "format.h"
#include "../rules/names.h"
#include "../rules/rule.h"

const char *format_address(uint8_t family, const struct addr6 *address, char buf[FORMAT_SIZE])
{
	const uint64_t words[2] = {htobe64(address->hi), htobe64(address->lo)};
	const uint32_t word = htonl((uint32_t)address->lo);

	if (!inet_ntop(family == 6 ? AF_INET6 : AF_INET,
		       family == 6 ? (void *)words : (void *)&word, buf, FORMAT_SIZE))
		snprintf(buf, FORMAT_SIZE, "?");
	return buf;
}

/* Cut out of the middle: both the net and the host of an address tell. */
static void shorten(char *text, size_t limit)
{
	size_t len = strlen(text), head, tail;

	if (!limit || len <= limit || limit < 6)
		return;
	head = (limit - 2 + 1) / 2;
	tail = limit - 2 - head;
	memcpy(text + head, "..", 2);
	memmove(text + head + 2, text + len - tail, tail + 1);
}

/* Returns the length. */
static int name_or_number(const char *name, const char *format, unsigned int number,
			  char buf[FORMAT_SIZE])
{
	return name ? snprintf(buf, FORMAT_SIZE, "%s", name)
		    : snprintf(buf, FORMAT_SIZE, format, number);
}

const char *format_port(uint16_t port, bool numeric, char buf[FORMAT_SIZE])
{
	name_or_number(numeric ? NULL : name_text(service_names, port), "%u", port, buf);
	return buf;
}

const char *format_protocol(uint8_t family, uint8_t protocol, uint16_t ethertype, bool numeric,
			    char buf[FORMAT_SIZE])
{
	const char *name =
		family ? name_text(protocol_names, protocol) : name_text(ethertype_names, ethertype);

	/* IPv6 walks 0, and no frame has the type: such a packet hides what it has. */
	if ((family == 6 && !protocol) || (!family && !ethertype))
		name = "hidden";
	name_or_number(numeric ? NULL : name, family ? "%u" : "0x%04x",
		       family ? protocol : ethertype, buf);
	return buf;
}

bool format_is_icmp(uint8_t family, uint8_t protocol)
{
	return (family == 4 && protocol == IPPROTO_ICMP) ||
	       (family == 6 && protocol == IPPROTO_ICMPV6);
}

bool format_has_ports(uint8_t family, uint8_t protocol)
{
	return family && protocol_has_ports(protocol);
}

const char *format_icmp(uint8_t family, uint16_t type_code, bool numeric, char buf[FORMAT_SIZE])
{
	const unsigned int type = type_code >> 8, code = type_code & 0xff;
	const char *name = numeric ? NULL : icmp_type_name(family, type);
	int n = name_or_number(name, "type %u", type, buf);

	if (code)
		snprintf(buf + n, FORMAT_SIZE - n, "/%u", code);
	return buf;
}

const char *format_end(const struct end *end, bool numeric, size_t limit, char buf[FORMAT_SIZE])
{
	char address[FORMAT_SIZE], more[FORMAT_SIZE];

	if (!end->family)
		return "-";
	format_address(end->family, &end->address, address);
	shorten(address, limit);
	if (format_has_ports(end->family, end->protocol))
		snprintf(buf, FORMAT_SIZE, end->family == 6 ? "[%.48s]:%.32s" : "%.48s:%.32s",
			 address, format_port(end->port, numeric, more));
	else if (end->type >= 0 && format_is_icmp(end->family, end->protocol))
		snprintf(buf, FORMAT_SIZE, "%.48s %.46s", address,
			 format_icmp(end->family, (uint16_t)end->type, numeric, more));
	else
		snprintf(buf, FORMAT_SIZE, "%s", address);
	return buf;
}

const char *format_family(uint8_t family)
{
	return family == 4 ? "ipv4" : family == 6 ? "ipv6" : "other";
}

const char *format_flags(uint8_t flags, char buf[FORMAT_SIZE])
{
	static const char letters[] = "FSRPAUEW";
	size_t n = 0;

	for (int i = 0; i < 8; i++)
		if (flags & 1 << i)
			buf[n++] = letters[i];
	buf[n] = 0;
	return buf;
}
