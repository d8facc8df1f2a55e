/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device_run.c - rules on a device's packets, and known traffic over it. */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device_run.h"
#include "traffic.h"

const struct ip_family ip_families[2] = {
	{ FOUR, IPPROTO_ICMP, 28, "10.9.0.1", "10.9.0.2" },
	{ SIX, IPPROTO_ICMPV6, 48, "fd09::1", "fd09::2" },
};

const char *hook_word(enum hook_id hook)
{
	static const char *const words[] = {
#define X(id, name, text) [HOOK_##id] = name,
		NETCTL_HOOKS(X)
#undef X
	};

	return words[hook];
}

bool run_has(const struct device_run *r, size_t family)
{
	return r->families & ip_families[family].bit;
}

bool run_sees(const struct device_run *r, enum hook_id hook)
{
	static const unsigned int bits[] = { [HOOK_XDP] = SEES_IN, [HOOK_TC] = SEES_OUT, [HOOK_NF] = SEES_OUTPUT };

	return r->sees & bits[hook];
}

struct device_run device_run_of(const struct device *device, bool has_output)
{
	static unsigned int runs;
	struct device_run r = { .device = device,
				.families = device->families ?: BOTH,
				.sees = device->sees ?: SEES_ALL };
	uint16_t port = (uint16_t)(10000 + 50 * runs++);

	if (!has_output)
		r.sees &= ~(unsigned int)SEES_OUTPUT;
	for (size_t f = 0; f < 2; f++) {
		for (size_t i = 0; i < FLOWS; i++, port += 2)
			r.flows[f][i] = (struct ends){ i == TCP ? IPPROTO_TCP : IPPROTO_UDP, port, port + 1 };
		r.flows[f][ECHO] = (struct ends){ ip_families[f].echo, port, port };
	}
	return r;
}

static void write_rule(FILE *file, const struct device_run *r, enum hook_id hook, size_t f)
{
	const struct ends *ends = &r->flows[f][HIT + hook];
	const struct ip_family *family = &ip_families[f];
	bool in = hook == HOOK_XDP;

	fprintf(file, "drop hook %s %s %s%s proto udp src %s dst %s dport %u\n", hook_word(hook), in ? "in" : "out",
		r->device->dev, r->device->match ?: "", in ? family->b : family->a, in ? family->a : family->b,
		in ? ends->local : ends->peer);
}

bool put_rules(const struct device_run *r, const struct pair *pair)
{
	char command[160];
	FILE *file;

	snprintf(command, sizeof(command), "%s -N %s apply - >/dev/null", netctl_path(), pair->a);
	file = popen(command, "w");
	for (enum hook_id h = 0; h < HOOKS && file; h++)
		for (size_t f = 0; f < 2; f++)
			if (run_sees(r, h) && run_has(r, f))
				write_rule(file, r, h, f);
	return file && !pclose(file);
}

/* What a rule must drop. Returned is a socket that nothing may reach, or -1. */
static int send_hits(const struct device_run *r, const struct party *from, const struct party *to, uint16_t from_port,
		     uint16_t to_port)
{
	int receiver = r->device->peer ? open_datagrams(to, to_port) : -1, s = open_datagrams(from, from_port);

	send_some(s, to, to_port, HITS, HIT_SIZE);
	close(s);
	return receiver;
}

/* What was sent later has arrived by now. */
static bool nothing_came(int *receivers)
{
	bool good = true;
	char byte;

	for (enum hook_id h = 0; h < HOOKS; h++) {
		if (receivers[h] < 0)
			continue;
		good = good && recv(receivers[h], &byte, 1, MSG_DONTWAIT) < 0;
		close(receivers[h]);
	}
	return good;
}

static bool talk(const struct device_run *r, size_t f, const struct party *a, const struct party *b)
{
	const struct ends *udp = &r->flows[f][UDP], *tcp = &r->flows[f][TCP];

	if (!r->device->peer) {
		int s = open_datagrams(a, udp->local);

		send_some(s, b, udp->peer, UDP_OUT, 100);
		close(s);
		return true;
	}
	return send_datagrams(a, b, udp->local, udp->peer, UDP_OUT, 100) == UDP_OUT &&
	       send_datagrams(b, a, udp->peer, udp->local, 5, 300) == 5 &&
	       talk_tcp(a, b, tcp->local, tcp->peer, 20000, 3000) && ping(a, b, r->flows[f][ECHO].local, 4) == 4;
}

bool run_traffic(struct device_run *r, const struct pair *pair, size_t f)
{
	const struct party a = { pair->a, party_address(ip_families[f].a), r->device->bound };
	const struct party b = { pair->b, party_address(ip_families[f].b), NULL };
	int receivers[HOOKS];
	bool good;

	for (enum hook_id h = 0; h < HOOKS; h++) {
		const struct ends *ends = &r->flows[f][HIT + h];

		receivers[h] = -1;
		if (run_sees(r, h) && h == HOOK_XDP)
			receivers[h] = send_hits(r, &b, &a, ends->peer, ends->local);
		else if (run_sees(r, h))
			receivers[h] = send_hits(r, &a, &b, ends->local, ends->peer);
	}
	good = talk(r, f, &a, &b);
	return nothing_came(receivers) && good;
}

/* In b what leaves comes in here. */
void run_capture(struct device_run *r, int socket)
{
	struct ends flows[2][FLOWS];

	for (size_t f = 0; f < 2; f++)
		for (size_t i = 0; i < FLOWS; i++)
			flows[f][i] = r->device->peer ? (struct ends){ r->flows[f][i].protocol, r->flows[f][i].peer,
								       r->flows[f][i].local }
						      : r->flows[f][i];
	if (r->device->peer)
		capture_read(socket, *flows, 2 * FLOWS, *r->in, *r->out);
	else
		capture_read(socket, *flows, 2 * FLOWS, *r->out, *r->in);
}
