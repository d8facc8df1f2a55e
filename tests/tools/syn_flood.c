/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * syn_flood.c - TCP that must be answered at once: a SYN a time, each of another flow, to ports
 * nobody listens at. The peer's softirq sends a reset for each, whatever it has interrupted.
 *
 *	syn_flood DEVICE DESTINATION-MAC SOURCE DESTINATION MICROSECONDS
 *
 * Sends one every so many microseconds until standard input ends; then prints how many as JSON.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "../lib/checksum.h"

#define LOOK_EVERY 64 /* packets between looks at standard input */
#define FIRST_PORT 1024

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

/* What the TCP checksum covers before the header. */
struct pseudo {
	uint32_t src, dst;
	uint8_t zero, protocol;
	uint16_t length;
};

static void frame_init(struct frame *f, char **words)
{
	const struct ether_addr *mac = ether_aton(words[1]);

	memset(f, 0, sizeof(*f));
	if (!mac)
		errx(2, "no MAC address: %s", words[1]);
	memcpy(f->eth.h_dest, mac, ETH_ALEN);
	f->eth.h_proto = htons(ETH_P_IP);
	f->ip.version = 4;
	f->ip.ihl = sizeof(f->ip) / 4;
	f->ip.ttl = 64;
	f->ip.protocol = IPPROTO_TCP;
	f->ip.tot_len = htons(sizeof(f->ip) + sizeof(f->tcp));
	if (inet_pton(AF_INET, words[2], &f->ip.saddr) != 1 ||
	    inet_pton(AF_INET, words[3], &f->ip.daddr) != 1)
		errx(2, "no address: %s or %s", words[2], words[3]);
	f->ip.check = fold(sum_words(&f->ip, sizeof(f->ip), 0));
	f->tcp.doff = sizeof(f->tcp) / 4;
	f->tcp.syn = 1;
	f->tcp.dest = htons(9);
}

/* The next flow. */
static void frame_next(struct frame *f, uint64_t number)
{
	const struct pseudo pseudo = {
		.src = f->ip.saddr,
		.dst = f->ip.daddr,
		.protocol = IPPROTO_TCP,
		.length = htons(sizeof(f->tcp)),
	};

	f->tcp.source = htons((uint16_t)(FIRST_PORT + number % (65536 - FIRST_PORT)));
	f->tcp.check = 0;
	f->tcp.check =
		fold(sum_words(&f->tcp, sizeof(f->tcp), sum_words(&pseudo, sizeof(pseudo), 0)));
}

static int packet_socket(const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	at.sll_ifindex = (int)if_nametoindex(device);
	if (fd < 0 || !at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "%s", device);
	return fd;
}

int main(int argc, char **argv)
{
	struct pollfd end = { .events = POLLIN };
	struct timespec pause = {};
	uint64_t sent = 0, failed = 0;
	struct frame f;
	int fd;

	if (argc != 6)
		errx(2, "syn_flood DEVICE DESTINATION-MAC SOURCE DESTINATION MICROSECONDS");
	pause.tv_nsec = atol(argv[5]) * 1000;
	frame_init(&f, argv + 1);
	fd = packet_socket(argv[1]);
	prctl(PR_SET_TIMERSLACK, 1UL);
	for (uint64_t n = 0; n % LOOK_EVERY || poll(&end, 1, 0) == 0; n++) {
		frame_next(&f, n);
		if (send(fd, &f, sizeof(f), 0) == (ssize_t)sizeof(f))
			sent++;
		else
			failed++;
		nanosleep(&pause, NULL);
	}
	printf("{\"sent\": %llu, \"failed\": %llu}\n", (unsigned long long)sent,
	       (unsigned long long)failed);
	return 0;
}
