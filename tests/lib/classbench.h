/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* classbench.h - ClassBench's rules, read and turned into ours. */
#ifndef NETCTL_TESTS_CLASSBENCH_H
#define NETCTL_TESTS_CLASSBENCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* A line of the file. */
struct classbench_rule {
	uint32_t address[2][2]; /* source, destination; first, last */
	unsigned int prefix[2];
	unsigned int port[2][2];
	unsigned int proto, proto_mask, flags, flags_mask;
};

/* False: no such line. */
bool classbench_parse(const char *line, struct classbench_rule *ret);

/* The rule's text; the caller frees. NULL: as IPv6 there is no such rule. */
char *classbench_text(const struct classbench_rule *f, bool ip6, const char *action);

/* What stands for an IPv4 address: 2001:db8::/32, the address, and 64 bits that follow from it. */
void classbench_ip6(uint32_t address, struct in6_addr *ret);

#endif
