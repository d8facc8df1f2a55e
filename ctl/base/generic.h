/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* generic.h - questions to a family of generic netlink. */
#ifndef NETCTL_GENERIC_H
#define NETCTL_GENERIC_H

#include "netlink.h"
#include "util.h"

/* 0: this kernel has no such family. buffer: NETLINK_REPLY bytes, here and below. */
uint16_t generic_family(const char *name, char *buffer);

/* A message without attributes yet. */
struct nlmsghdr *generic_question(char *buffer, uint16_t family, uint8_t command, uint8_t version,
				  uint16_t flags);

/*
 * Ask it, once: the values of attributes of 2 to 8 bytes, of the last reply that has them; what none has stays as it
 * is. -errno: it was refused.
 */
int generic_numbers(struct nlmsghdr *question, const uint16_t *attributes, size_t count, uint64_t *ret);
/* Of one; 0: no reply has it. */
uint64_t generic_number(struct nlmsghdr *question, uint16_t attribute);

#endif
