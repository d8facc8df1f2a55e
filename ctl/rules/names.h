/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* names.h - names of protocols, ethertypes, ICMP types, services and the words of the rule language. */
#ifndef NETCTL_NAMES_H
#define NETCTL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/name.h"

extern const struct name protocol_names[], ethertype_names[], icmp4_names[], icmp6_names[];
extern const struct name service_names[], tcp_flag_names[], hook_names[], verdict_names[];
extern const struct name dscp_names[];
extern const struct name action_names[]; /* by enum action */
/* "addresses", "ports", "services"; by enum set_type. */
extern const struct name set_type_names[];

/* Protocols of packets with ports. */
extern const uint8_t port_protocols[5];
bool protocol_has_ports(uint32_t protocol);

const char *icmp_type_name(int family, uint8_t type); /* family 4 or 6 */
int icmp_type_number(int family, const char *name);

#endif
