/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* traffic.h - known traffic between two network namespaces, of IPv4 and of IPv6. */
#ifndef NETCTL_TESTS_TRAFFIC_H
#define NETCTL_TESTS_TRAFFIC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* One end of a conversation. */
struct party {
	const char *netns;
	struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
	const char *bound;	 /* its sockets are bound to this interface; NULL: to none */
};

/* "10.9.0.1" or "fd09::1", as a party has it. */
struct in6_addr party_address(const char *text);

/* A socket for datagrams at that port. */
int open_datagrams(const struct party *party, uint16_t port);
/* From such a socket, each of a size; what a rule refuses to the sender is sent, too. */
void send_some(int s, const struct party *to, uint16_t to_port, int count, size_t size);

/* So many datagrams of a size from one to the other; how many arrived. */
int send_datagrams(const struct party *from, const struct party *to, uint16_t from_port,
		   uint16_t to_port, int count, size_t size);
/* A connection on which one sends and is answered, closed by both. */
bool talk_tcp(const struct party *from, const struct party *to, uint16_t from_port,
	      uint16_t to_port, size_t size, size_t answer);
/* Echo requests; how many were answered. */
int ping(const struct party *from, const struct party *to, uint16_t id, int count);

#endif
