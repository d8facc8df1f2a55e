/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* format.h - the texts of what a flow is made of: addresses, ports, protocols, flags. */
#ifndef NETCTL_FORMAT_H
#define NETCTL_FORMAT_H

#include "../../bpf/types.h"
#include "../base/util.h"

#define FORMAT_SIZE 96

/* Each fills and returns buf; family 4 or 6. */
const char *format_address(uint8_t family, const struct addr6 *address, char buf[FORMAT_SIZE]);

/* "https", or "443" when numeric or without a name. */
const char *format_port(uint16_t port, bool numeric, char buf[FORMAT_SIZE]);

/* "tcp"; not IP (family 0): the ethertype's name, "0x88b5". */
const char *format_protocol(uint8_t family, uint8_t protocol, uint16_t ethertype, bool numeric,
			    char buf[FORMAT_SIZE]);

/* "echo-request", "3/1" */
const char *format_icmp(uint8_t family, uint16_t type_code, bool numeric, char buf[FORMAT_SIZE]);
bool format_is_icmp(uint8_t family, uint8_t protocol);
bool format_has_ports(uint8_t family, uint8_t protocol);

/* One end of a flow. */
struct end {
	uint8_t family, protocol;
	struct addr6 address;
	uint16_t port;
	int type; /* ICMP: type << 8 | code, shown after the address, or -1 */
};

/* "[2001:db8..01]:https", "192.0.2.1 echo-request"; not IP: "-". limit: bytes of the address, 0: all. */
const char *format_end(const struct end *end, bool numeric, size_t limit, char buf[FORMAT_SIZE]);

/* "ipv4", "ipv6", "other" */
const char *format_family(uint8_t family);

/* "SA": one letter a flag, of FIN SYN RST PSH ACK URG ECE and CWR (W). */
const char *format_flags(uint8_t flags, char buf[FORMAT_SIZE]);

#endif
