/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * numbered.c - sends numbered UDP datagrams at a steady rate, and tells which numbers arrive.
 *
 *	numbered [-p PORTS] send ADDRESS RATE FILE
 *	numbered [-6] receive FILE
 *
 * Until SIGTERM. Even numbers go to the PORTS ports from 10000 on, 1000 by default, odd ones to as many
 * after these, each in turn, so that counters of flows tell numbers apart, too. FILE is a byte for each
 * number: of a sender 1 when the kernel took it, 0 when a rule at OUTPUT refused it; of a receiver how often
 * it arrived. Prints "ready" when it is, and at the end one line of JSON.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PORT 10000
#define PORTS 1000 /* for even numbers, and as many for odd ones; if not told */
#define MOST_PORTS 25000
#define MOST (1U << 26) /* numbers */
#define MOST_AT_ONCE 64 /* well below the 256 that a veth device's queue holds */
#define BUFFER (1 << 28)

static volatile sig_atomic_t over;

static void end(int signal)
{
	over = 1;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void put(const char *path, const uint8_t *bytes, size_t count)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(bytes, 1, count, file) != count || fclose(file))
		err(1, "%s", path);
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Its length; 0: not an address. The port is at the same place in both families. */
static socklen_t address_of(const char *text, union address *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &ret->in.sin_addr) == 1) {
		ret->any.sa_family = AF_INET;
		return sizeof(ret->in);
	}
	if (inet_pton(AF_INET6, text, &ret->in6.sin6_addr) != 1)
		return 0;
	ret->any.sa_family = AF_INET6;
	return sizeof(ret->in6);
}

/* What is due is sent; after a pause in which this process had no CPU no faster than MOST_AT_ONCE at a time. */
static int run_sender(const char *address, double rate, uint32_t ports, const char *path)
{
	uint8_t *taken = calloc(1, MOST);
	uint32_t n = 0, refused = 0;
	double begun, took;
	union address to;
	socklen_t len = address_of(address, &to);
	int fd = len ? socket(to.any.sa_family, SOCK_DGRAM, 0) : -1;

	if (fd < 0 || !taken || !(rate > 0))
		errx(1, "numbered send ADDRESS RATE FILE");
	ready();
	begun = seconds();
	while (!over && n < MOST) {
		double due = (seconds() - begun) * rate;

		for (int i = 0; i < MOST_AT_ONCE && n < due && n < MOST; i++, n++) {
			uint32_t number = htonl(n);

			to.in.sin_port = htons((uint16_t)(FIRST_PORT + n % 2 * ports + n / 2 % ports));
			taken[n] = sendto(fd, &number, sizeof(number), 0, &to.any, len) ==
				   sizeof(number);
			if (!taken[n] && errno != EPERM)
				err(1, "number %u", n);
			refused += !taken[n];
		}
		usleep(100);
	}
	took = seconds() - begun;
	put(path, taken, n);
	printf("{\"sent\": %u, \"refused\": %u, \"rate\": %.0f}\n", n, refused, n / took);
	return 0;
}

static int open_receiver(int family)
{
	const struct timeval pause = { .tv_usec = 100000 }; /* to see that it is over */
	int fd = socket(family, SOCK_RAW, IPPROTO_UDP), size = BUFFER, one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause)))
		err(1, "raw socket");
	return fd;
}

/* The number it carries, or MOST. Sockets of IPv6 give no IP header. */
static uint32_t number_of(int family, const uint8_t *packet, size_t length)
{
	const struct iphdr *ip = (const void *)packet;
	size_t header = sizeof(struct udphdr) + (family == AF_INET ? ip->ihl * 4U : 0);
	uint32_t number;

	if (length < header + sizeof(number))
		return MOST;
	memcpy(&number, packet + header, sizeof(number));
	number = ntohl(number);
	return number < MOST ? number : MOST;
}

/* How many the socket has lost for want of room, as of this message; 0: it does not say, for there were none. */
static uint32_t lost_by(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	uint32_t lost = 0;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
		memcpy(&lost, CMSG_DATA(c), sizeof(lost));
	return lost;
}

static int run_receiver(int family, const char *path)
{
	static _Alignas(8) uint8_t packet[65536], control[64];
	struct iovec part = { packet, sizeof(packet) };
	uint8_t *seen = calloc(1, MOST);
	int fd = open_receiver(family);
	uint32_t end_of = 0, arrived = 0, lost = 0, n;

	if (!seen)
		err(1, "memory");
	ready();
	for (;;) {
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
					  .msg_controllen = sizeof(control) };
		ssize_t length = recvmsg(fd, &message, 0);

		if (length < 0 && over)
			break;
		n = length > 0 ? number_of(family, packet, (size_t)length) : MOST;
		if (n == MOST)
			continue;
		lost = lost_by(&message) ? lost_by(&message) : lost;
		seen[n] += seen[n] < UINT8_MAX;
		arrived++;
		end_of = n + 1 > end_of ? n + 1 : end_of;
	}
	put(path, seen, end_of);
	printf("{\"arrived\": %u, \"lost\": %u}\n", arrived, lost);
	return 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = end };

	int family = AF_INET, option;
	uint32_t ports = PORTS;

	sigaction(SIGTERM, &action, NULL);
	while ((option = getopt(argc, argv, "6p:")) != -1) {
		if (option == '6')
			family = AF_INET6;
		else if (option == 'p')
			ports = (uint32_t)atoi(optarg);
	}
	argv += optind;
	argc -= optind;
	if (argc == 4 && !strcmp(argv[0], "send") && ports && ports <= MOST_PORTS)
		return run_sender(argv[1], atof(argv[2]), ports, argv[3]);
	if (argc == 2 && !strcmp(argv[0], "receive"))
		return run_receiver(family, argv[1]);
	errx(2, "numbered [-p PORTS] send ADDRESS RATE FILE | [-6] receive FILE");
}
