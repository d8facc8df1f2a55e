/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* traffic.c - datagrams, connections and echo requests between two namespaces. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"
#include "wire.h"

#define PATIENCE 30000 /* milliseconds that what must come may take */
#define QUIET 500      /* in which nothing more comes */
#define AT_ONCE 10     /* datagrams: a veth device's queue holds more */

struct in6_addr party_address(const char *text)
{
	struct in6_addr address;
	char mapped[INET6_ADDRSTRLEN];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	if (inet_pton(AF_INET6, mapped, &address) != 1)
		errx(1, "no address: %s", text);
	return address;
}

static struct sockaddr_in6 address_of(const struct party *party, uint16_t port)
{
	return (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port),
				      .sin6_addr = party->address };
}

static void bind_to(int s, const struct party *party)
{
	if (s >= 0 && party->bound &&
	    setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, party->bound, (socklen_t)strlen(party->bound)))
		err(1, "binding to %s", party->bound);
}

static int open_at(const struct party *party, int type, uint16_t port)
{
	const struct sockaddr_in6 at = address_of(party, port);
	int on = 1, s;

	enter_netns(party->netns);
	s = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	bind_to(s, party);
	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(s, (const struct sockaddr *)&at, sizeof(at)))
		err(1, "a socket in %s", party->netns);
	return s;
}

static bool comes(int s, int milliseconds)
{
	struct pollfd one = { .fd = s, .events = POLLIN };

	return poll(&one, 1, milliseconds) > 0;
}

int open_datagrams(const struct party *party, uint16_t port)
{
	return open_at(party, SOCK_DGRAM, port);
}

void send_some(int s, const struct party *to, uint16_t to_port, int count, size_t size)
{
	const struct sockaddr_in6 there = address_of(to, to_port);
	char bytes[2048] = {};

	for (int i = 0; i < count; i++) {
		if (sendto(s, bytes, size, 0, (const struct sockaddr *)&there, sizeof(there)) < 0 &&
		    errno != EPERM && errno != ENOBUFS)
			err(1, "sending");
		if (i % AT_ONCE == AT_ONCE - 1)
			usleep(20000);
	}
}

int send_datagrams(const struct party *from, const struct party *to, uint16_t from_port,
		   uint16_t to_port, int count, size_t size)
{
	int s = open_datagrams(from, from_port), r = open_datagrams(to, to_port), got = 0;
	char bytes[2048];

	send_some(s, to, to_port, count, size);
	while (got < count && comes(r, QUIET))
		got += recv(r, bytes, sizeof(bytes), 0) == (ssize_t)size;
	close(s);
	close(r);
	return got;
}

static bool read_bytes(int s, size_t size)
{
	char bytes[4096];

	while (size && comes(s, PATIENCE)) {
		ssize_t got = recv(s, bytes, size < sizeof(bytes) ? size : sizeof(bytes), 0);

		if (got <= 0)
			return false;
		size -= (size_t)got;
	}
	return !size;
}

static bool is_over(int s)
{
	char byte;

	return comes(s, PATIENCE) && !recv(s, &byte, 1, 0);
}

/* Connected and accepted within the patience: what is lost must not stop the test. */
static int connect_to(int s, int server, const struct sockaddr_in6 *there)
{
	struct timeval most = { .tv_sec = PATIENCE / 1000 };

	if (setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) || listen(server, 1) ||
	    connect(s, (const struct sockaddr *)there, sizeof(*there)) || !comes(server, PATIENCE))
		return -1;
	return accept(server, NULL, NULL);
}

bool talk_tcp(const struct party *from, const struct party *to, uint16_t from_port,
	      uint16_t to_port, size_t size, size_t answer)
{
	const struct sockaddr_in6 there = address_of(to, to_port);
	int server = open_at(to, SOCK_STREAM, to_port), s = open_at(from, SOCK_STREAM, from_port);
	int accepted = connect_to(s, server, &there);
	char *bytes = calloc(1, size + answer);
	bool good;

	good = bytes && accepted >= 0 && send(s, bytes, size, 0) == (ssize_t)size && read_bytes(accepted, size) &&
	       send(accepted, bytes, answer, 0) == (ssize_t)answer && read_bytes(s, answer) &&
	       !shutdown(s, SHUT_WR) && is_over(accepted) && !shutdown(accepted, SHUT_WR) && is_over(s);
	if (accepted >= 0)
		close(accepted);
	close(s);
	close(server);
	free(bytes);
	usleep(50000); /* for what is acknowledged late */
	return good;
}

/* ---- echo requests ---- */

static uint16_t checksum_of(const void *bytes, size_t len)
{
	const uint16_t *words = bytes;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

/* A raw socket speaks one family; returned is also the address it sends to. */
static int open_raw(const struct party *from, const struct party *to, struct sockaddr_storage *ret_there)
{
	struct sockaddr_in6 at = address_of(from, 0), there = address_of(to, 0);
	bool four = IN6_IS_ADDR_V4MAPPED(&from->address);
	struct sockaddr_in at4 = { .sin_family = AF_INET }, there4 = at4;
	int s;

	memcpy(&at4.sin_addr, &at.sin6_addr.s6_addr[12], 4);
	memcpy(&there4.sin_addr, &there.sin6_addr.s6_addr[12], 4);
	memset(ret_there, 0, sizeof(*ret_there));
	memcpy(ret_there, four ? (void *)&there4 : &there, four ? sizeof(there4) : sizeof(there));
	enter_netns(from->netns);
	s = socket(four ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, four ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	bind_to(s, from);
	if (s < 0 || bind(s, four ? (void *)&at4 : &at, four ? sizeof(at4) : sizeof(at)))
		err(1, "a raw socket in %s", from->netns);
	return s;
}

/* IPv4 comes with its header. */
static bool is_reply(const uint8_t *bytes, size_t len, bool four, uint16_t id)
{
	size_t head = four && len ? (bytes[0] & 15U) * 4U : 0;
	struct icmphdr icmp;

	if (len < head + sizeof(icmp))
		return false;
	memcpy(&icmp, bytes + head, sizeof(icmp));
	return icmp.type == (four ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) && icmp.un.echo.id == htons(id);
}

int ping(const struct party *from, const struct party *to, uint16_t id, int count)
{
	bool four = IN6_IS_ADDR_V4MAPPED(&from->address);
	struct sockaddr_storage there;
	int s = open_raw(from, to, &there), got = 0;
	uint8_t reply[256];

	for (int i = 0; i < count; i++) {
		struct {
			struct icmphdr head;
			char data[56];
		} request = { .head = { .type = four ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
					.un.echo = { htons(id), htons((uint16_t)i) } } };

		if (four) /* of IPv6 the kernel fills it in */
			request.head.checksum = checksum_of(&request, sizeof(request));
		if (sendto(s, &request, sizeof(request), 0, (const struct sockaddr *)&there,
			   four ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) < 0)
			err(1, "sending an echo request");
		while (comes(s, PATIENCE)) {
			ssize_t len = recv(s, reply, sizeof(reply), 0);

			if (len < 0 || !is_reply(reply, (size_t)len, four, id))
				continue;
			got++;
			break;
		}
		if (got <= i)
			break;
	}
	close(s);
	return got;
}
