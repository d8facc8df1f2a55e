/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fragments.c - datagrams of 3 to 10 fragments from one network namespace to a socket in another,
 * and how many arrive whole.
 *
 *	fragments [-w WAY] [-o ORDER] [-l] [-n FIRST] [-f FLOOD] [-q QUIET]
 *		FROM TO MAC SOURCE DESTINATION COUNT
 *
 * They leave FROM by eth0, for that MAC address, from port 4000 of SOURCE to port 2222 of
 * DESTINATION. WAY: "frames", seen at TC egress alone; "packets" of a raw socket, seen at OUTPUT
 * as well; "own", datagrams of a socket that Linux cuts itself. ORDER: "straight", "backwards", or
 * "mixed" among those of WINDOW datagrams. -l loses each one's first fragment. They are numbered
 * from FIRST, and their ids are these numbers. Beside them go FLOOD later fragments of as many
 * other datagrams, from other addresses of SOURCE's network. When all has arrived, or nothing for
 * QUIET milliseconds, it prints one line of JSON; "early" are those that were sent before the
 * first one of their datagram.
 */
#include <err.h>
#include <errno.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../ctl/base/netns.h"
#include "../lib/checksum.h"
#include "../lib/prng.h"

#define WINDOW 16 /* datagrams under way at a time: Linux keeps 4 MiB of fragments */
#define MAX_PIECES 10
#define MAX_PIECE 1440 /* what each may carry, whatever the family */
#define HEADERS (sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + 8)
#define SOURCE_PORT 4000
#define PORT 2222
#define FLOOD_AT 184 /* where fragments of the flood begin, in units of 8 bytes */
#define MORE 0x2000  /* IPv4; in IPv6 it is 1 */

enum way { FRAMES, PACKETS, OWN };
enum order { STRAIGHT, BACKWARDS, MIXED };

static const char *const ways[] = { "frames", "packets", "own", NULL };
static const char *const orders[] = { "straight", "backwards", "mixed", NULL };

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct options {
	int way, order, quiet;
	bool lost;
	uint32_t first, count;
	uint64_t flood;
	const char *from, *to, *mac;
	union address source, destination;
};

struct datagram {
	uint32_t number, pieces;
	size_t end[MAX_PIECES]; /* of each piece */
	bool begun;		/* its first fragment is sent */
	uint8_t data[MAX_PIECES * MAX_PIECE];
};

struct piece {
	struct datagram *of;
	uint32_t index;
};

struct run {
	struct options options;
	int out, in;
	uint8_t frame[HEADERS + MAX_PIECE]; /* the Ethernet header stays */
	uint64_t fragments, early, flood, refused, whole, wrong;
};

static int family_of(const struct options *o)
{
	return o->source.any.sa_family;
}

static socklen_t size_of(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

/* What is summed up beside the UDP header and its data. */
static uint32_t pseudo_sum(const struct options *o, size_t size)
{
	uint32_t sum = htons((uint16_t)size) + htons(IPPROTO_UDP);

	if (family_of(o) == AF_INET) {
		sum = sum_words(&o->source.in.sin_addr, 4, sum);
		return sum_words(&o->destination.in.sin_addr, 4, sum);
	}
	sum = sum_words(&o->source.in6.sin6_addr, 16, sum);
	return sum_words(&o->destination.in6.sin6_addr, 16, sum);
}

/* That of a number is the same whenever it is made: so who receives one knows what it must be. */
static void datagram_make(const struct options *o, uint32_t number, struct datagram *d)
{
	struct prng random = prng_seed(number);
	uint16_t header[4] = { htons(SOURCE_PORT), htons(PORT) };
	size_t size = 0, piece = family_of(o) == AF_INET ? 1480 : 1448;

	d->number = number;
	d->begun = false;
	d->pieces = 3 + below(&random, MAX_PIECES - 2);
	for (uint32_t i = 0; i < d->pieces; i++) {
		if (o->way == OWN)
			size = i + 1 < d->pieces ? size + piece
						 : size + 1 + below(&random, piece / 2);
		else
			size += 8 * (2 + below(&random, MAX_PIECE / 8 - 1));
		d->end[i] = size;
	}
	for (size_t at = sizeof(header); at < size; at += 4)
		memcpy(d->data + at, &(uint32_t){ prng_word(&random) }, 4);
	memcpy(d->data + sizeof(header), &number, sizeof(number));
	header[2] = htons((uint16_t)size);
	memcpy(d->data, header, sizeof(header));
	header[3] = fold(sum_words(d->data, size, pseudo_sum(o, size)));
	header[3] = header[3] ? header[3] : 0xffff;
	memcpy(d->data, header, sizeof(header));
}

/* Behind the Ethernet header; the bytes it takes. "host" other than 0: another host of that network. */
static size_t put_ip(struct run *r, uint32_t id, size_t at, size_t size, bool more, uint8_t host)
{
	const struct options *o = &r->options;
	uint8_t *to = r->frame + sizeof(struct ethhdr);
	struct iphdr ip4 = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP };
	struct ipv6hdr ip6 = { .version = 6, .nexthdr = IPPROTO_FRAGMENT, .hop_limit = 64 };
	struct {
		uint8_t next, pad;
		uint16_t at;
		uint32_t id;
	} fragment = { IPPROTO_UDP, 0, htons((uint16_t)(at | more)), htonl(id) };

	if (family_of(o) == AF_INET) {
		ip4.tot_len = htons((uint16_t)(sizeof(ip4) + size));
		ip4.id = htons((uint16_t)id);
		ip4.frag_off = htons((uint16_t)(at / 8 | (more ? MORE : 0)));
		ip4.saddr = o->source.in.sin_addr.s_addr;
		ip4.daddr = o->destination.in.sin_addr.s_addr;
		if (host)
			((uint8_t *)&ip4.saddr)[3] = host;
		ip4.check = fold(sum_words(&ip4, sizeof(ip4), 0));
		memcpy(to, &ip4, sizeof(ip4));
		return sizeof(ip4);
	}
	ip6.payload_len = htons((uint16_t)(sizeof(fragment) + size));
	memcpy(&ip6.saddr, &o->source.in6.sin6_addr, sizeof(ip6.saddr));
	memcpy(&ip6.daddr, &o->destination.in6.sin6_addr, sizeof(ip6.daddr));
	if (host)
		ip6.saddr.s6_addr[15] = host;
	memcpy(to, &ip6, sizeof(ip6));
	memcpy(to + sizeof(ip6), &fragment, sizeof(fragment));
	return sizeof(ip6) + sizeof(fragment);
}

/* TC and OUTPUT let the sender know of a drop, each in its way. */
static void transmit(struct run *r, const void *data, size_t size)
{
	if (send(r->out, data, size, 0) >= 0)
		return;
	if (errno != EPERM && errno != ENOBUFS)
		err(1, "send");
	r->refused++;
}

static void send_piece(struct run *r, size_t header, size_t size)
{
	if (r->options.way == FRAMES)
		transmit(r, r->frame, sizeof(struct ethhdr) + header + size);
	else
		transmit(r, r->frame + sizeof(struct ethhdr), header + size);
}

static void flood_until(struct run *r, uint64_t due)
{
	for (; r->flood < due; r->flood++) {
		uint32_t id = r->options.first + (uint32_t)(r->flood / 200);

		send_piece(r, put_ip(r, id, FLOOD_AT * 8, 64, true, (uint8_t)(16 + r->flood % 200)),
			   64);
	}
}

static void send_fragment(struct run *r, const struct piece *p)
{
	struct datagram *d = p->of;
	size_t at = p->index ? d->end[p->index - 1] : 0, size = d->end[p->index] - at, header;

	if (r->options.lost && !p->index)
		return;
	header = put_ip(r, d->number, at, size, p->index + 1 < d->pieces, 0);
	memcpy(r->frame + sizeof(struct ethhdr) + header, d->data + at, size);
	send_piece(r, header, size);
	r->fragments++;
	d->begun |= !p->index;
	r->early += !d->begun;
}

static void shuffle(struct piece *pieces, uint32_t count)
{
	for (uint32_t i = count - 1; i > 0; i--) {
		uint32_t other = random_below(i + 1);
		struct piece swapped = pieces[i];

		pieces[i] = pieces[other];
		pieces[other] = swapped;
	}
}

static void receive(struct run *r)
{
	static uint8_t data[MAX_PIECES * MAX_PIECE];
	static struct datagram d;
	ssize_t size;
	uint32_t number;

	while ((size = recv(r->in, data, sizeof(data), MSG_DONTWAIT)) >= 0) {
		memcpy(&number, data, sizeof(number));
		datagram_make(&r->options, number, &d);
		if ((size_t)size + 8 == d.end[d.pieces - 1] &&
		    !memcmp(data, d.data + 8, (size_t)size))
			r->whole++;
		else
			r->wrong++;
	}
	if (errno != EAGAIN)
		err(1, "recv");
}

static void send_window(struct run *r, uint32_t done, uint32_t size)
{
	static struct datagram window[WINDOW];
	struct piece pieces[WINDOW * MAX_PIECES];
	const struct options *o = &r->options;
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++) {
		datagram_make(o, o->first + done + i, &window[i]);
		for (uint32_t j = 0; j < window[i].pieces; j++)
			pieces[count++] = (struct piece){ &window[i], j };
		if (o->way == OWN)
			transmit(r, window[i].data + 8, window[i].end[window[i].pieces - 1] - 8);
	}
	if (o->way == OWN) {
		r->fragments += count;
		return;
	}
	if (o->order == MIXED)
		shuffle(pieces, count);
	for (uint32_t i = 0; i < count; i++) {
		flood_until(r, o->flood * ((uint64_t)done * count + (uint64_t)size * (i + 1)) /
				       ((uint64_t)o->count * count));
		send_fragment(r, &pieces[o->order == BACKWARDS ? count - 1 - i : i]);
	}
}

static void enter(const char *which)
{
	struct fault fault = {};

	if (netns_enter(which, &fault))
		errx(1, "cannot enter %s", which);
}

static void receiver_open(struct run *r)
{
	const union address *at = &r->options.destination;
	int room = 1 << 25;

	enter(r->options.to);
	r->in = socket(at->any.sa_family, SOCK_DGRAM, 0);
	if (r->in < 0 || bind(r->in, &at->any, size_of(at)) ||
	    setsockopt(r->in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		err(1, "receiver");
}

static void frames_open(struct run *r)
{
	struct sockaddr_ll device = { .sll_family = AF_PACKET };
	const struct ether_addr *mac = ether_aton(r->options.mac);
	bool four = family_of(&r->options) == AF_INET;
	struct ethhdr eth = { .h_proto = htons(four ? ETH_P_IP : ETH_P_IPV6), .h_source = { 2 } };

	if (!mac)
		errx(2, "no MAC address: %s", r->options.mac);
	memcpy(eth.h_dest, mac, ETH_ALEN);
	memcpy(r->frame, &eth, sizeof(eth));
	device.sll_ifindex = (int)if_nametoindex("eth0");
	r->out = socket(AF_PACKET, SOCK_RAW, 0);
	if (r->out < 0 || bind(r->out, (struct sockaddr *)&device, sizeof(device)))
		err(1, "eth0");
}

static void socket_open(struct run *r)
{
	const struct options *o = &r->options;
	bool own = o->way == OWN;

	r->out = socket(family_of(o), own ? SOCK_DGRAM : SOCK_RAW, own ? 0 : IPPROTO_RAW);
	if (r->out < 0 || bind(r->out, &o->source.any, size_of(&o->source)) ||
	    connect(r->out, &o->destination.any, size_of(&o->destination)))
		err(1, "sender");
}

static union address address_of(const char *text, uint16_t port)
{
	union address a = { .in.sin_port = htons(port) }; /* at the same place in both */

	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1)
		a.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1)
		a.any.sa_family = AF_INET6;
	else
		errx(2, "no address: %s", text);
	return a;
}

static int choice(const char *word, const char *const *of)
{
	for (int i = 0; of[i]; i++)
		if (!strcmp(word, of[i]))
			return i;
	errx(2, "neither of these ways and orders: %s", word);
}

static void parse(int argc, char **argv, struct options *o)
{
	int option;

	while ((option = getopt(argc, argv, "w:o:ln:f:q:")) != -1) {
		if (option == 'w')
			o->way = choice(optarg, ways);
		else if (option == 'o')
			o->order = choice(optarg, orders);
		else if (option == 'l')
			o->lost = true;
		else if (option == 'n')
			o->first = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'f')
			o->flood = strtoull(optarg, NULL, 10);
		else if (option == 'q')
			o->quiet = atoi(optarg);
		else
			exit(2);
	}
	argv += optind;
	if (argc - optind != 6)
		errx(2, "fragments [-w WAY] [-o ORDER] [-l] [-n FIRST] [-f FLOOD] [-q QUIET] "
			"FROM TO MAC SOURCE DESTINATION COUNT");
	o->from = argv[0];
	o->to = argv[1];
	o->mac = argv[2];
	o->source = address_of(argv[3], SOURCE_PORT);
	o->destination = address_of(argv[4], PORT);
	o->count = (uint32_t)strtoul(argv[5], NULL, 10);
}

int main(int argc, char **argv)
{
	static struct run r = { .options = { .first = 1, .quiet = 1000 } };
	struct pollfd in = { .events = POLLIN };
	const struct options *o = &r.options;

	parse(argc, argv, &r.options);
	receiver_open(&r);
	enter(o->from);
	if (o->way == FRAMES)
		frames_open(&r);
	else
		socket_open(&r);
	for (uint32_t done = 0; done < o->count; done += WINDOW) {
		send_window(&r, done, o->count - done < WINDOW ? o->count - done : WINDOW);
		receive(&r);
	}
	in.fd = r.in;
	while (r.whole < o->count && poll(&in, 1, o->quiet) > 0)
		receive(&r);
	printf("{\"fragments\": %llu, \"early\": %llu, \"flood\": %llu, \"refused\": %llu, "
	       "\"whole\": %llu, \"wrong\": %llu}\n",
	       (unsigned long long)r.fragments, (unsigned long long)r.early,
	       (unsigned long long)r.flood, (unsigned long long)r.refused,
	       (unsigned long long)r.whole, (unsigned long long)r.wrong);
	return 0;
}
