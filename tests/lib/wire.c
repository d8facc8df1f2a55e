/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* wire.c - commands in network namespaces, and what went by an interface. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

#define MOST_WORDS 64
#define VLAN_SIZE 4 /* bytes of a tag */

static void exec_words(bool quiet, char *text)
{
	char *words[MOST_WORDS + 1] = {}, *word;
	int count = 0, null = quiet ? open("/dev/null", O_WRONLY) : -1;

	while ((word = strsep(&text, " ")) && count < MOST_WORDS)
		words[count++] = word;
	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	execvp(words[0], words);
	err(127, "%s", words[0]);
}

bool command_succeeds(bool quiet, const char *format, ...)
{
	char text[512];
	va_list args;
	int status;
	pid_t pid;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fflush(stdout);
	pid = fork();
	if (!pid)
		exec_words(quiet, text);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "%s", text);
	if (status && !quiet)
		printf("  failed: %s\n", text);
	return !status;
}

void enter_netns(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static uint32_t ask_device(const char *dev, uint32_t command, uint32_t data)
{
	struct ethtool_value value = { .cmd = command, .data = data };
	struct ifreq request = { .ifr_data = (char *)&value };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(request.ifr_name, dev, IFNAMSIZ - 1);
	if (ioctl(s, SIOCETHTOOL, &request) && errno != EOPNOTSUPP && errno != EINVAL)
		err(1, "offloads of %s", dev);
	close(s);
	return value.data;
}

void offloads_off(const char *dev)
{
	static const uint32_t which[] = { ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO };
	uint32_t flags = ask_device(dev, ETHTOOL_GFLAGS, 0);

	for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		ask_device(dev, which[i], 0);
	/* A tag that was taken off the frame is none to XDP. */
	ask_device(dev, ETHTOOL_SFLAGS, flags & ~(ETH_FLAG_TXVLAN | ETH_FLAG_RXVLAN));
}

void tag_offloads_on(const char *dev)
{
	ask_device(dev, ETHTOOL_SFLAGS, ask_device(dev, ETHTOOL_GFLAGS, 0) | ETH_FLAG_TXVLAN | ETH_FLAG_RXVLAN);
}

/* ---- what went by ---- */

int capture_open(const char *dev)
{
	/* From the network header on, whatever the interface has before it. */
	int s = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(dev) };
	int on = 1, room = 16 << 20;

	if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		err(1, "capturing on %s", dev);
	return s;
}

static bool has_tag(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		return aux.tp_status & TP_STATUS_VLAN_VALID;
	}
	return false;
}

/* What follows the IP header, and its protocol. NULL: this is no IP packet. Nobody here sends extension headers. */
static const uint8_t *after_ip(const uint8_t *at, size_t len, uint8_t *ret_protocol)
{
	if (len >= sizeof(struct iphdr) && at[0] >> 4 == 4) {
		*ret_protocol = at[9];
		return at + (at[0] & 15U) * 4U;
	}
	if (len >= sizeof(struct ip6_hdr) && at[0] >> 4 == 6) {
		*ret_protocol = at[6];
		return at + sizeof(struct ip6_hdr);
	}
	return NULL;
}

/* Ports as they stand in the packet; of ICMP echo the identifier, in both. */
static bool read_ends(const uint8_t *at, size_t len, struct ends *ret)
{
	uint8_t protocol;
	const uint8_t *next = after_ip(at, len, &protocol);
	uint16_t words[4];

	if (!next || at + len < next + sizeof(words))
		return false;
	memcpy(words, next, sizeof(words));
	*ret = (struct ends){ .protocol = protocol, .local = ntohs(words[0]), .peer = ntohs(words[1]) };
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		ret->local = ret->peer = ntohs(words[2]);
	return true;
}

static bool same_ends(const struct ends *a, const struct ends *b)
{
	return a->protocol == b->protocol &&
	       (a->protocol == IPPROTO_GRE || (a->local == b->local && a->peer == b->peer));
}

static void count_packet(const struct ends *flows, size_t count, const struct ends *packet, bool out,
			 size_t bytes, size_t headers, struct carried *outs, struct carried *ins)
{
	const struct ends back = { packet->protocol, packet->peer, packet->local };

	for (size_t i = 0; i < count; i++) {
		struct carried *to = out ? &outs[i] : &ins[i];

		if (!same_ends(&flows[i], out ? packet : &back))
			continue;
		to->packets++;
		to->bytes += bytes + headers;
		to->ip_bytes += bytes;
	}
}

void capture_read(int capture, const struct ends *flows, size_t count, struct carried *out,
		  struct carried *in)
{
	static uint8_t bytes[65536];

	for (;;) {
		_Alignas(8) char control[128];
		struct sockaddr_ll from = {};
		struct iovec part = { bytes, sizeof(bytes) };
		struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part,
					  .msg_iovlen = 1, .msg_control = control,
					  .msg_controllen = sizeof(control) };
		ssize_t len = recvmsg(capture, &message, MSG_TRUNC);
		struct ends packet;
		size_t headers = 0;

		if (len < 0)
			return;
		if (from.sll_hatype == ARPHRD_ETHER || from.sll_hatype == ARPHRD_LOOPBACK)
			headers += ETH_HLEN;
		/* As it arrives it was taken off, as it leaves it stands before the network header. */
		if (has_tag(&message) || from.sll_protocol == htons(ETH_P_8021Q))
			headers += VLAN_SIZE;
		/* Loopback shows what leaves by it once more, as it arrives. */
		if (from.sll_hatype == ARPHRD_LOOPBACK && from.sll_pkttype != PACKET_OUTGOING)
			continue;
		if (!read_ends(bytes, (size_t)len, &packet))
			continue;
		if (from.sll_pkttype == PACKET_OUTGOING)
			count_packet(flows, count, &packet, true, (size_t)len, headers, out, in);
		if (from.sll_pkttype != PACKET_OUTGOING || from.sll_hatype == ARPHRD_LOOPBACK)
			count_packet(flows, count, &packet, false, (size_t)len, headers, out, in);
	}
}
