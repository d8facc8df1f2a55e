/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stream.c - as many bytes as go through, for "make bench-peers".
 *
 *	stream receive tcp|udp ADDRESS PORT CPU
 *	stream send tcp|udp ADDRESS PORT CPU SEGMENT
 *
 * Both say "ready" and then answer lines of standard input until it ends, by sums since they
 * began: bytes, nanoseconds of sending, and CPU time, their own and that of their CPU's ksoftirqd.
 * "NS" makes a sender send for as many nanoseconds first. SEGMENT: the bytes of a datagram; with a
 * + before it the kernel makes SEGMENTS of them of a system call.
 */
#include <arpa/inet.h>
#include <err.h>
#include <inttypes.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "charged.h"

#define BUFFER (1 << 18)
#define SEGMENTS 40 /* of one system call: below 64 KiB */
/* Of datagrams: what is lost is to be lost on the way, not while the receiver waits for its CPU. */
#define QUEUE (1 << 22)

static char buffer[BUFFER];
static atomic_uint_fast64_t bytes;
static uint64_t spent;

/* Bound to the address, or connected to it. */
static int open_socket(char **words, int type, int (*join)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])) };
	int fd = socket(AF_INET, type, 0), queue = QUEUE;

	if (type == SOCK_DGRAM && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) < 0)
		err(1, "SO_RCVBUFFORCE");
	if (inet_pton(AF_INET, words[0], &to.sin_addr) != 1 || fd < 0 ||
	    join(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		err(1, "%s port %s", words[0], words[1]);
	return fd;
}

static void *receive(void *arg)
{
	int fd = *(int *)arg, type = 0;
	socklen_t size = sizeof(type);
	ssize_t n;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	if (type == SOCK_STREAM)
		fd = accept(fd, NULL, NULL);
	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		atomic_fetch_add(&bytes, (uint64_t)n);
	return NULL;
}

/* The bytes that one system call is given; all of one datagram, if so asked. */
static size_t prepare(int fd, int type, const char *segment)
{
	int size = atoi(segment);

	if (type == SOCK_STREAM)
		return sizeof(buffer);
	if (segment[0] != '+')
		return (size_t)size;
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) < 0)
		err(1, "UDP_SEGMENT %s", segment);
	return (size_t)size * SEGMENTS;
}

static void send_for(int fd, size_t size, uint64_t ns)
{
	uint64_t begun = clock_ns(CLOCK_MONOTONIC), now = begun;

	while (now - begun < ns) {
		ssize_t n = send(fd, buffer, size, 0);

		if (n < 0)
			err(1, "send");
		atomic_fetch_add(&bytes, (uint64_t)n);
		now = clock_ns(CLOCK_MONOTONIC);
	}
	spent += now - begun;
}

static void tell(void)
{
	printf("{\"bytes\": %" PRIuFAST64 ", \"ns\": %" PRIu64 ", \"own\": %" PRIu64
	       ", \"ksoftirqd\": %" PRIu64 "}\n",
	       atomic_load(&bytes), spent, clock_ns(CLOCK_PROCESS_CPUTIME_ID), ksoftirqd_ns());
}

int main(int argc, char **argv)
{
	char line[64];
	size_t size = 0;
	pthread_t thread;
	int fd, type;

	if (argc < 6 || (argc < 7 && strcmp(argv[1], "receive") != 0))
		errx(2, "usage: stream receive|send tcp|udp ADDRESS PORT CPU [SEGMENT]");
	type = strcmp(argv[2], "tcp") ? SOCK_DGRAM : SOCK_STREAM;
	pin(argv[5]);
	if (argc < 7) {
		fd = open_socket(argv + 3, type, bind);
		if ((type == SOCK_STREAM && listen(fd, 1) < 0) || pthread_create(&thread, NULL, receive, &fd))
			err(1, "receive");
	} else {
		fd = open_socket(argv + 3, type, connect);
		size = prepare(fd, type, argv[6]);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (size)
			send_for(fd, size, strtoull(line, NULL, 10));
		tell();
	}
	return 0;
}
