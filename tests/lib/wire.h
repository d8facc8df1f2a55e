/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wire.h - commands in network namespaces, known traffic between two of them, and what of it an interface
 * carried, as AF_PACKET tells it.
 */
#ifndef NETCTL_TESTS_WIRE_H
#define NETCTL_TESTS_WIRE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Run a command, its words apart by single spaces; its output is shown if it fails and is not "quiet". */
bool command_succeeds(bool quiet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* From here on this thread is in the namespace: /run/netns/NAME. */
void enter_netns(const char *name);

/* The interface of this namespace cuts, joins and checksums nothing: what is sent is what the wire carries. */
void offloads_off(const char *dev);

/* ---- what went by ---- */

/* An AF_PACKET socket on an interface of this namespace. */
int capture_open(const char *dev);

/* A flow: ports of UDP or TCP, the identifier of ICMP echo in both; of other protocols the protocol alone. */
struct ends {
	uint8_t protocol;
	uint16_t local, peer;
};

struct carried {
	uint64_t packets, bytes; /* with Ethernet's header, and a tag */
};

/* Add what of each flow went by since the last time: out[] and in[] are "count" each. */
void capture_read(int capture, const struct ends *flows, size_t count, struct carried *out,
		  struct carried *in);

/* ---- traffic ---- */

/* Two ends of a conversation: where each is, and its address. */
struct party {
	const char *netns;
	struct in_addr address;
};

/* So many datagrams of a size from one to the other; how many arrived. */
int send_datagrams(const struct party *from, const struct party *to, uint16_t from_port,
		   uint16_t to_port, int count, size_t size);
/* A connection on which one sends and is answered, closed by both. */
bool talk_tcp(const struct party *from, const struct party *to, uint16_t from_port,
	      uint16_t to_port, size_t size, size_t answer);
/* Echo requests; how many were answered. */
int ping(const struct party *from, const struct party *to, uint16_t id, int count);

#endif
