/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* names.h - tables of numbers and their names, and the nearest name to a mistyped one. */
#ifndef NETCTL_NAMES_H
#define NETCTL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tables end with a NULL name. The first name of a number is the one printed; later ones are
 * aliases.
 */
struct name {
	int number;
	const char *name;
};

extern const struct name protocol_names[], ethertype_names[], icmp4_names[], icmp6_names[];
extern const struct name service_names[], tcp_flag_names[], hook_names[], verdict_names[];
extern const struct name action_names[], field_names[]; /* numbers: enum action, enum field */
/* "addresses", "ports", "services"; by enum set_type. */
extern const struct name set_type_names[];


/* -ENOENT and NULL where there is none. */
int name_number(const struct name *table, const char *name);
const char *name_text(const struct name *table, int number);

/* The name that is at most two slips of the finger away, or NULL. */
const char *name_nearest(const struct name *table, const char *word);

/* Names of numbers, for rules and for tables alike. NULL or -ENOENT where there is none. */
const char *protocol_name(uint8_t protocol);
int protocol_number(const char *name);
/* Those of packets with ports. */
extern const uint8_t port_protocols[5];
bool protocol_has_ports(uint32_t protocol);
const char *ethertype_name(uint16_t ethertype); /* host order */
int ethertype_number(const char *name);
const char *icmp_type_name(int family, uint8_t type); /* family 4 or 6 */
int icmp_type_number(int family, const char *name);

#endif
