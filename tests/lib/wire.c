/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* wire.c - traffic between two namespaces, and what of it went by an interface. */
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
#include <netinet/ip_icmp.h>
#include <poll.h>
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
#define VLAN_SIZE 4    /* bytes of a tag */
#define PATIENCE 30000 /* milliseconds that what must come may take */
#define QUIET 500      /* in which nothing more comes */
#define AT_ONCE 10     /* datagrams: a veth device's queue holds more */

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

/* Ports as they stand in the packet; of ICMP echo the identifier, in both. */
static bool read_ends(const uint8_t *at, size_t len, struct ends *ret)
{
	size_t head = len ? (at[0] & 15U) * 4U : 0;
	uint16_t words[4];

	if (len < sizeof(struct iphdr) || at[0] >> 4 != 4 || len < head + sizeof(words))
		return false;
	memcpy(words, at + head, sizeof(words));
	*ret = (struct ends){ .protocol = at[9], .local = ntohs(words[0]), .peer = ntohs(words[1]) };
	if (ret->protocol == IPPROTO_ICMP)
		ret->local = ret->peer = ntohs(words[2]);
	return true;
}

static bool same_ends(const struct ends *a, const struct ends *b)
{
	return a->protocol == b->protocol &&
	       (a->protocol == IPPROTO_GRE || (a->local == b->local && a->peer == b->peer));
}

static void count_packet(const struct ends *flows, size_t count, const struct ends *packet, bool out,
			 size_t bytes, struct carried *outs, struct carried *ins)
{
	const struct ends back = { packet->protocol, packet->peer, packet->local };

	for (size_t i = 0; i < count; i++) {
		struct carried *to = out ? &outs[i] : &ins[i];

		if (!same_ends(&flows[i], out ? packet : &back))
			continue;
		to->packets++;
		to->bytes += bytes;
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
		size_t extra = 0;

		if (len < 0)
			return;
		if (from.sll_hatype == ARPHRD_ETHER || from.sll_hatype == ARPHRD_LOOPBACK)
			extra += ETH_HLEN;
		/* As it arrives it was taken off, as it leaves it stands before the network header. */
		if (has_tag(&message) || from.sll_protocol == htons(ETH_P_8021Q))
			extra += VLAN_SIZE;
		/* Loopback shows what leaves by it once more, as it arrives. */
		if (from.sll_hatype == ARPHRD_LOOPBACK && from.sll_pkttype != PACKET_OUTGOING)
			continue;
		if (!read_ends(bytes, (size_t)len, &packet))
			continue;
		if (from.sll_pkttype == PACKET_OUTGOING)
			count_packet(flows, count, &packet, true, (size_t)len + extra, out, in);
		if (from.sll_pkttype != PACKET_OUTGOING || from.sll_hatype == ARPHRD_LOOPBACK)
			count_packet(flows, count, &packet, false, (size_t)len + extra, out, in);
	}
}

/* ---- traffic ---- */

static int open_at(const struct party *party, int type, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = party->address };
	int on = 1, s;

	enter_netns(party->netns);
	s = socket(AF_INET, type | SOCK_CLOEXEC, type == SOCK_RAW ? IPPROTO_ICMP : 0);
	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(s, (struct sockaddr *)&at, sizeof(at)))
		err(1, "a socket in %s", party->netns);
	return s;
}

static struct sockaddr_in address_of(const struct party *party, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				     .sin_addr = party->address };
}

static bool comes(int s, int milliseconds)
{
	struct pollfd one = { .fd = s, .events = POLLIN };

	return poll(&one, 1, milliseconds) > 0;
}

int send_datagrams(const struct party *from, const struct party *to, uint16_t from_port,
		   uint16_t to_port, int count, size_t size)
{
	const struct sockaddr_in there = address_of(to, to_port);
	int s = open_at(from, SOCK_DGRAM, from_port), r = open_at(to, SOCK_DGRAM, to_port), got = 0;
	char bytes[2048] = {};

	for (int i = 0; i < count; i++) {
		/* Refused, when a rule at OUTPUT drops it. */
		if (sendto(s, bytes, size, 0, (const struct sockaddr *)&there, sizeof(there)) < 0 &&
		    errno != EPERM && errno != ENOBUFS)
			err(1, "sending");
		if (i % AT_ONCE == AT_ONCE - 1)
			usleep(20000);
	}
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

bool talk_tcp(const struct party *from, const struct party *to, uint16_t from_port,
	      uint16_t to_port, size_t size, size_t answer)
{
	const struct sockaddr_in there = address_of(to, to_port);
	int server = open_at(to, SOCK_STREAM, to_port), s = open_at(from, SOCK_STREAM, from_port);
	int accepted = -1;
	char *bytes = calloc(1, size + answer);
	bool good = bytes && !listen(server, 1) &&
		    !connect(s, (const struct sockaddr *)&there, sizeof(there));

	if (good)
		accepted = accept(server, NULL, NULL);
	good = accepted >= 0 && send(s, bytes, size, 0) == (ssize_t)size && read_bytes(accepted, size) &&
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

static uint16_t checksum_of(const void *bytes, size_t len)
{
	const uint16_t *words = bytes;
	uint32_t sum = 0;

	for (size_t i = 0; i < len / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

int ping(const struct party *from, const struct party *to, uint16_t id, int count)
{
	const struct sockaddr_in there = address_of(to, 0);
	int s = open_at(from, SOCK_RAW, 0), got = 0;
	uint8_t reply[256];

	for (int i = 0; i < count; i++) {
		struct {
			struct icmphdr head;
			char data[56];
		} request = { .head = { .type = ICMP_ECHO, .un.echo = { htons(id), htons((uint16_t)i) } } };

		request.head.checksum = checksum_of(&request, sizeof(request));
		if (sendto(s, &request, sizeof(request), 0, (const struct sockaddr *)&there, sizeof(there)) < 0)
			err(1, "sending an echo request");
		while (comes(s, PATIENCE)) {
			ssize_t len = recv(s, reply, sizeof(reply), 0);
			const struct icmphdr *icmp = (const void *)(reply + (reply[0] & 15) * 4);

			if (len < (ssize_t)sizeof(struct iphdr) + 8 || icmp->type != ICMP_ECHOREPLY ||
			    icmp->un.echo.id != htons(id))
				continue;
			got++;
			break;
		}
	}
	close(s);
	return got;
}
