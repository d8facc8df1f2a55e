/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * harness_output.c - marked packets at netfilter OUTPUT. Its test runs know no mark, so these are sent: from a raw
 * socket, past the program attached for good, to the loopback device, where an XDP program takes all away.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "harness.h"

/* -EBUSY when it is up already: only in a network namespace of one's own nobody else has raised it. */
static int set_loopback(bool up)
{
	autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
		return -errno;
	if (up && lo.ifr_flags & IFF_UP)
		return -EBUSY;
	lo.ifr_flags ^= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ? -errno : 0;
}

/* What is sent comes back, and would be answered. */
static int take_away(void)
{
	static const struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_link_create_opts, generic, .flags = XDP_FLAGS_SKB_MODE);
	autoclose int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "take_away", "GPL", drop,
					 ARRAY_SIZE(drop), NULL);
	int link = fd < 0 ? -1 : bpf_link_create(fd, HARNESS_IFINDEX, BPF_XDP, &generic);

	return link < 0 ? -errno : link;
}

static int open_family(struct harness *h, int six)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .netfilter.pf = six ? NFPROTO_IPV6 : NFPROTO_IPV4,
		    .netfilter.hooknum = NF_INET_LOCAL_OUT);
	struct output *o = &h->output;

	o->link[six] = bpf_link_create(h->hook[HOOK_NF].program[PROGRAM_BODY], 0, BPF_NETFILTER, &opts);
	if (o->link[six] < 0)
		return -errno;
	o->socket[six] = socket(six ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	return o->socket[six] < 0 ? -errno : 0;
}

static int output_open(struct harness *h)
{
	struct output *o = &h->output;
	int r = set_loopback(true);

	if (r < 0)
		return r;
	*o = (struct output){ { -1, -1 }, { -1, -1 }, -1, true };
	r = o->sink = take_away();
	for (int six = 0; six < 2 && r >= 0; six++)
		r = open_family(h, six);
	return MIN(r, 0);
}

void harness_output_close(struct harness *h)
{
	struct output *o = &h->output;

	if (!o->open)
		return;
	for (int six = 0; six < 2; six++) {
		close(o->link[six]);
		close(o->socket[six]);
	}
	close(o->sink);
	set_loopback(false);
	o->open = false;
}

/*
 * As many bytes as the header tells: in IPv4 the kernel writes there what is sent, and a source where there is none.
 * 0: it would be another packet.
 */
static size_t sent_length(const uint8_t *ip, size_t len, int family)
{
	size_t header = family == 4 ? 20 : 40, told;
	bool changed = false;

	if (len < header)
		return 0;
	told = family == 4 ? (size_t)ip[2] << 8 | ip[3] : header + (ip[4] << 8 | ip[5]);
	if (family == 4)
		changed = told < (ip[0] & 15) * 4u || !memcmp(ip + 12, "\0\0\0", 4);
	return changed || told < header || told > len ? 0 : told;
}

int harness_send(struct harness *h, int family, const void *bytes, size_t len, unsigned int times,
		 enum verdict *ret)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	size_t told = sent_length(bytes, len, family);
	bool six = family == 6;
	int r = told ? 0 : -EINVAL, fd;

	if (!r && !h->output.open)
		r = output_open(h);
	fd = h->output.socket[six];
	if (!r && setsockopt(fd, SOL_SOCKET, SO_MARK, &h->mark, sizeof(h->mark)) < 0)
		r = -errno;
	for (; times && !r; times--) {
		bool sent = sendto(fd, bytes, told, 0, six ? (void *)&to6 : (void *)&to4,
				   six ? sizeof(to6) : sizeof(to4)) >= 0;

		*ret = sent ? VERDICT_PASS : VERDICT_DROP;
		r = sent || errno == EPERM ? 0 : -errno;
	}
	return r;
}
