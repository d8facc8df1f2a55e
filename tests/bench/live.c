/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live.c - packets for "make bench-peers", and what they cost.
 *
 *	live send IFACE MAC CPU SOURCES   frames out of IFACE, to the device with this address
 *	live output CPU SOURCES           packets sent by this host, from a raw socket
 *	live run PROGRAM CPU nf|frame     test runs of the program with this id, one packet over and over
 *
 * SOURCES: a file of IPv4 addresses, 4 bytes each, network order: packet after packet has the next
 * one, from the first again after the last. Each line "PACKETS NS" on standard input makes it send
 * at least as many packets, for at least as many nanoseconds of CPU time, but for SECONDS_MAX at
 * most, and tell both sums.
 *
 * Frames are sent by live test runs: a BPF program writes the source into the frame and redirects
 * it into the device. The veth peer receives them in a softirq that runs on the same CPU within the
 * same system call, or in ksoftirqd: all of it, sending, receiving and filtering, is charged to this
 * process and to that CPU's ksoftirqd, and that is the time that is told.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../ctl/base/util.h"
#include "../lib/frame.h"
#include "charged.h"
#include "live_object.h"

#define PACKET "eth ip4 dst=10.0.0.2 udp payload=22"
#define LOOPBACK 1
#define CHUNK_NS \
	20000000.0 /* a system call takes about as long, so that few packets wait for it to begin */
#define CHUNK_MIN 64U
#define CHUNK_MAX 65536U
#define SECONDS_MAX 3 /* whatever was asked for: some take 100 us a packet */

struct live {
	struct frame frame;
	uint32_t *sources;
	size_t source_count, next;
	int program, socket;
	bool netfilter;
	uint64_t passed; /* what the sender was told: only "output" is */
	/* sends packets and tells how many, and what they cost */
	unsigned int (*send)(struct live *live, unsigned int packets, uint64_t *ns);
};

static void read_sources(struct live *live, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stat st;

	if (!f || fstat(fileno(f), &st) < 0)
		err(1, "%s", path);
	live->source_count = (size_t)st.st_size / sizeof(*live->sources);
	live->sources = calloc(live->source_count + 1, sizeof(*live->sources));
	if (!live->source_count || !live->sources ||
	    fread(live->sources, sizeof(*live->sources), live->source_count, f) !=
		    live->source_count)
		errx(1, "%s: no sources", path);
	fclose(f);
}

static void build_frame(struct live *live)
{
	char why[128];

	if (frame_build(PACKET, &live->frame, why, sizeof(why)) < 0)
		errx(1, "%s", why);
	/* One sum for all sources: UDP over IPv4 may do without. */
	memset(live->frame.bytes + live->frame.network + 26, 0, 2);
}

static uint32_t header_sum(const struct frame *frame)
{
	const uint8_t *ip = frame->bytes + frame->network;
	uint32_t sum = 0;
	uint16_t word;

	for (size_t at = 0; at < sizeof(struct iphdr); at += sizeof(word)) {
		memcpy(&word, ip + at, sizeof(word));
		/* neither the sum itself nor the source */
		if (at < offsetof(struct iphdr, check) || at >= offsetof(struct iphdr, daddr))
			sum += word;
	}
	return sum;
}

/* The program's variables that are set before load, in the order of live.bpf.c. */
struct live_opts {
	uint32_t send_to, source_count, header_sum;
};

static void set_opts(struct bpf_object *object, const struct live_opts *opts)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object)
		if (strstr(bpf_map__name(map), ".rodata") &&
		    bpf_map__set_initial_value(map, opts, sizeof(*opts)) < 0)
			err(1, "%s", bpf_map__name(map));
}

static void fill_sources(struct bpf_object *object, const struct live *live)
{
	size_t size = live->source_count * sizeof(*live->sources);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_object__find_map_fd_by_name(object, "live_sources"), 0);

	if (at == MAP_FAILED)
		err(1, "%zu bytes of sources", size);
	memcpy(at, live->sources, size);
	munmap(at, size);
}

/*
 * A test run of many packets enters its program in the kernel's XDP dispatcher and takes it out
 * again, a grace period each, unless it is attached anyway: to the loopback device, where nothing
 * goes by.
 */
static void hold_on_loopback(int program)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_SKB_MODE);

	if (bpf_link_create(program, LOOPBACK, BPF_XDP, &opts) < 0)
		err(1, "loopback");
}

static unsigned int send_frames(struct live *live, unsigned int packets, uint64_t *ns)
{
	uint64_t before = charged_ns();
	struct xdp_md ctx = { .data_end = (__u32)live->frame.len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = live->frame.bytes,
		    .data_size_in = (__u32)live->frame.len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = (int)packets,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);

	if (bpf_prog_test_run_opts(live->program, &opts) < 0)
		err(1, "live test run");
	*ns = charged_ns() - before;
	return packets;
}

static void open_send(struct live *live, const char *iface, const char *mac)
{
	struct ether_addr *to = ether_aton(mac);
	struct bpf_object *object = live_open();
	struct live_opts opts = { if_nametoindex(iface), (uint32_t)live->source_count,
				  header_sum(&live->frame) };

	if (!opts.send_to || !to)
		errx(2, "no such interface, or no address: %s %s", iface, mac);
	memcpy(live->frame.bytes, to, sizeof(*to));
	set_opts(object, &opts);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "live_sources"),
				 (__u32)(live->source_count + 15) / 16);
	live->program = live_load(object, "live_send");
	live->send = send_frames;
	fill_sources(object, live);
	hold_on_loopback(live->program);
}

static unsigned int send_output(struct live *live, unsigned int packets, uint64_t *ns)
{
	static const struct sockaddr_in to = { .sin_family = AF_INET };
	uint64_t before = charged_ns();
	uint8_t *ip = live->frame.bytes + live->frame.network;
	size_t len = live->frame.len - live->frame.network;
	struct sockaddr_in address = to;

	memcpy(&address.sin_addr, ip + offsetof(struct iphdr, daddr), 4);
	for (unsigned int i = 0; i < packets; i++) {
		memcpy(ip + offsetof(struct iphdr, saddr), &live->sources[live->next], 4);
		live->next = live->next + 1 == live->source_count ? 0 : live->next + 1;
		/* what OUTPUT drops is refused to the sender */
		if (sendto(live->socket, ip, len, 0, (struct sockaddr *)&address,
			   sizeof(address)) >= 0)
			live->passed++;
		else if (errno != EPERM)
			err(1, "send");
	}
	*ns = charged_ns() - before;
	return packets;
}

static void open_output(struct live *live)
{
	live->socket = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (live->socket < 0)
		err(1, "raw socket");
	live->send = send_output;
}

/* Mean time of a packet, as the kernel measures it. */
static unsigned int run_frames(struct live *live, unsigned int packets, uint64_t *ns)
{
	struct {
		uint8_t hook, pf;
		uint64_t rest[5];
	} state = { NF_INET_LOCAL_OUT, NFPROTO_IPV4, {} };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = live->frame.bytes,
		    .data_size_in = (__u32)live->frame.len, .repeat = (int)packets);

	if (live->netfilter) {
		opts.data_in = live->frame.bytes + live->frame.network;
		opts.data_size_in -= (__u32)live->frame.network;
		opts.ctx_in = &state;
		opts.ctx_size_in = sizeof(state);
	}
	if (bpf_prog_test_run_opts(live->program, &opts) < 0)
		err(1, "test run");
	*ns = (uint64_t)opts.duration * packets;
	return packets;
}

static void open_run(struct live *live, const char *id, const char *kind)
{
	live->program = bpf_prog_get_fd_by_id((__u32)atoi(id));
	if (live->program < 0)
		err(1, "program %s", id);
	live->netfilter = !strcmp(kind, "nf");
	live->send = run_frames;
}

/* At least "packets", for at least "ns": in system calls of about CHUNK_NS each. */
static void send_sample(struct live *live, uint64_t packets, uint64_t ns)
{
	uint64_t begun = clock_ns(CLOCK_MONOTONIC), sent = 0, used = 0, now;
	unsigned int chunk = CHUNK_MIN;

	while ((sent < packets || used < ns) &&
	       clock_ns(CLOCK_MONOTONIC) - begun < SECONDS_MAX * 1000000000ULL) {
		sent += live->send(live, chunk, &now);
		used += now;
		chunk = (unsigned int)(chunk * MIN(MAX(CHUNK_NS / (double)MAX(now, 1U), 0.5), 4));
		chunk = MIN(MAX(chunk, CHUNK_MIN), CHUNK_MAX);
	}
	printf("{\"packets\": %" PRIu64 ", \"ns\": %" PRIu64 ", \"passed\": %" PRIu64 "}\n", sent,
	       used, live->passed);
	fflush(stdout);
}

static void serve(struct live *live)
{
	uint64_t packets, ns;

	printf("ready\n");
	fflush(stdout);
	while (scanf("%" SCNu64 " %" SCNu64, &packets, &ns) == 2)
		send_sample(live, packets, ns);
}

int main(int argc, char **argv)
{
	static struct live live;

	build_frame(&live);
	if (argc == 6 && !strcmp(argv[1], "send")) {
		pin(argv[4]);
		read_sources(&live, argv[5]);
		open_send(&live, argv[2], argv[3]);
	} else if (argc == 4 && !strcmp(argv[1], "output")) {
		pin(argv[2]);
		read_sources(&live, argv[3]);
		open_output(&live);
	} else if (argc == 5 && !strcmp(argv[1], "run")) {
		pin(argv[3]);
		open_run(&live, argv[2], argv[4]);
	} else {
		errx(2, "usage: live send|output|run ...; see the top of live.c");
	}
	serve(&live);
	return 0;
}
