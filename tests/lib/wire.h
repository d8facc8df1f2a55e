/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wire.h - commands in network namespaces, and what of known traffic an interface carried, as AF_PACKET tells it.
 */
#ifndef NETCTL_TESTS_WIRE_H
#define NETCTL_TESTS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

/* Run a command, its words apart by single spaces; its output is shown if it fails and is not "quiet". */
bool command_succeeds(bool quiet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* From here on this thread is in the namespace: /run/netns/NAME. */
void enter_netns(const char *name);

/* The interface of this namespace cuts, joins and checksums nothing: what is sent is what the wire carries. */
void offloads_off(const char *dev);
/* But VLAN tags are put on frames by it, and taken off. */
void tag_offloads_on(const char *dev);

/* ---- what went by ---- */

/* An AF_PACKET socket on an interface of this namespace. */
int capture_open(const char *dev);

/* A flow: ports of UDP or TCP, the identifier of ICMP echo in both; of other protocols the protocol alone. */
struct ends {
	uint8_t protocol;
	uint16_t local, peer;
};

struct carried {
	uint64_t packets, bytes; /* as the interface has them: with its Ethernet header, if any, and a tag */
	uint64_t ip_bytes;	 /* from the IP header on; of what netctl shows 0 */
};

/* Add what of each flow went by since the last time: out[] and in[] are "count" each. */
void capture_read(int capture, const struct ends *flows, size_t count, struct carried *out,
		  struct carried *in);

#endif
