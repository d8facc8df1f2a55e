/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * udp_flood.c - a fast sender: every datagram a new flow, and between them one flow that sends
 * steadily.
 *
 *	udp_flood [-6] [-t THREADS] [-c CPU] [-n EACH] [-s EVERY] COUNT
 *
 * Sends COUNT datagrams from all threads together, EACH to a destination, and one of the steady
 * flow (source port 7000) after every EVERY of them. Prints what the kernel took as one line of
 * JSON.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 32
#define PAYLOAD 58 /* 100 bytes of IPv4 frame on the wire */
#define STEADY_PORT 7000
#define MAX_THREADS 64

/* Destinations nobody answers for: 198.18.0.0/15 and 2001:db8:ffff::/48, ports from 1024. */
#define NET4 0xc6120000U
#define NET4_SIZE (1U << 17)
#define STEADY4 0xc6336401U /* 198.51.100.1 */

struct options {
	int family, cpu;
	unsigned int threads;
	uint64_t count, each, every;
};

struct worker {
	pthread_t thread;
	const struct options *options;
	uint64_t first, count; /* flows' numbers */
	int steady_socket;
	uint64_t sent, steady, failed;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t address_of(int family, uint64_t number, union address *ret)
{
	uint16_t port = htons((uint16_t)(1024 + number / NET4_SIZE));

	memset(ret, 0, sizeof(*ret));
	if (family == AF_INET) {
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = port;
		ret->in.sin_addr.s_addr = htonl(NET4 + (uint32_t)(number % NET4_SIZE));
		return sizeof(ret->in);
	}
	ret->in6.sin6_family = AF_INET6;
	ret->in6.sin6_port = port;
	inet_pton(AF_INET6, "2001:db8:ffff::", &ret->in6.sin6_addr);
	ret->in6.sin6_addr.s6_addr32[3] = htonl((uint32_t)(number % NET4_SIZE));
	return sizeof(ret->in6);
}

static int steady_open(int family)
{
	union address from = {}, to = {};
	socklen_t len = address_of(family, 0, &to);
	int fd = socket(family, SOCK_DGRAM, 0);

	from.any.sa_family = (sa_family_t)family;
	from.in.sin_port = htons(STEADY_PORT); /* at the same place in both */
	to.in.sin_port = htons(9);
	if (family == AF_INET)
		to.in.sin_addr.s_addr = htonl(STEADY4);
	else
		inet_pton(AF_INET6, "2001:db8:fffe::1", &to.in6.sin6_addr);
	if (fd < 0 || bind(fd, &from.any, len) || connect(fd, &to.any, len))
		err(1, "steady flow");
	return fd;
}

static void send_batch(struct worker *w, int fd, uint64_t number, unsigned int size)
{
	static char payload[PAYLOAD];
	struct iovec part = {payload, sizeof(payload)};
	union address to[BATCH];
	struct mmsghdr batch[BATCH] = {};
	unsigned int done = 0;

	for (unsigned int i = 0; i < size; i++) {
		uint64_t flow = (number + i) / w->options->each;

		batch[i].msg_hdr.msg_namelen = address_of(w->options->family, flow, &to[i]);
		batch[i].msg_hdr.msg_name = &to[i];
		batch[i].msg_hdr.msg_iov = &part;
		batch[i].msg_hdr.msg_iovlen = 1;
	}
	while (done < size) {
		int taken = sendmmsg(fd, batch + done, size - done, 0);

		if (taken > 0) {
			done += (unsigned int)taken;
			w->sent += (unsigned int)taken;
		} else if (errno != EINTR) {
			done++;
			w->failed++;
		}
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	static const char payload[PAYLOAD];
	int fd = socket(w->options->family, SOCK_DGRAM, 0);
	uint64_t due = w->options->every;

	if (fd < 0)
		err(1, "socket");
	for (uint64_t at = 0; at < w->count; at += BATCH) {
		uint64_t left = w->count - at;

		send_batch(w, fd, w->first + at, left < BATCH ? (unsigned int)left : BATCH);
		for (; w->options->every && at + BATCH >= due; due += w->options->every) {
			if (send(w->steady_socket, payload, sizeof(payload), 0) < 0)
				w->failed++;
			else
				w->steady++;
		}
	}
	close(fd);
	return NULL;
}

static void parse(int argc, char **argv, struct options *o)
{
	int option;

	while ((option = getopt(argc, argv, "6t:c:n:s:")) != -1) {
		switch (option) {
		case '6':
			o->family = AF_INET6;
			break;
		case 't':
			o->threads = (unsigned int)atoi(optarg);
			break;
		case 'c':
			o->cpu = atoi(optarg);
			break;
		case 'n':
			o->each = strtoull(optarg, NULL, 10);
			break;
		case 's':
			o->every = strtoull(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
	if (optind + 1 != argc || !o->threads || o->threads > MAX_THREADS || !o->each)
		errx(2, "udp_flood [-6] [-t THREADS] [-c CPU] [-n EACH] [-s EVERY] COUNT");
	o->count = strtoull(argv[optind], NULL, 10);
}

int main(int argc, char **argv)
{
	struct options options = {.family = AF_INET, .cpu = -1, .threads = 1, .each = 1};
	struct worker workers[MAX_THREADS] = {};
	uint64_t sent = 0, steady = 0, failed = 0;
	cpu_set_t cpus;
	int fd;

	parse(argc, argv, &options);
	if (options.cpu >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET((size_t)options.cpu, &cpus);
		if (sched_setaffinity(0, sizeof(cpus), &cpus))
			err(1, "CPU %d", options.cpu);
	}
	fd = options.every ? steady_open(options.family) : -1;
	for (unsigned int i = 0; i < options.threads; i++) {
		uint64_t first = options.count * i / options.threads;

		workers[i].options = &options;
		workers[i].first = first;
		workers[i].count = options.count * (i + 1) / options.threads - first;
		workers[i].steady_socket = fd;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			errx(1, "cannot start a thread");
	}
	for (unsigned int i = 0; i < options.threads; i++) {
		pthread_join(workers[i].thread, NULL);
		sent += workers[i].sent;
		steady += workers[i].steady;
		failed += workers[i].failed;
	}
	printf("{\"sent\": %llu, \"steady\": %llu, \"failed\": %llu}\n", (unsigned long long)sent,
	       (unsigned long long)steady, (unsigned long long)failed);
	return 0;
}
