/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stacks.c - interfaces that stand on each other, or a tunnel on what it travels by, between two namespaces: what
 * netctl shows of known traffic is what the peer's capture counted, each packet once, and a limit lets its burst pass.
 *
 *	stacks [NAME...]
 *
 * The upper interface is attached, then both, then the lower one. NETCTL names the program, build/netctl unless told.
 * A kind of interface that this kernel has not is skipped.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../ctl/base/util.h"
#include "../lib/conversations.h"
#include "../lib/device.h"
#include "../lib/traffic.h"

#define BURST 20
#define SENT 30
#define LIMITED 20000 /* from this port on */

enum shape { ONE_PACKET, TUNNEL, LOOPBACK };

static const struct stack {
	enum shape shape;
	const char *name;	 /* of the upper device, in device_table.c */
	const char *lower;	 /* in a */
	unsigned int tag;	 /* bytes that the lower one has more */
	struct ends outer;	 /* of a tunnel, */
	const char *outer_local; /* between this address of a and one of b */
} stacks[] = {
	{ ONE_PACKET, "bridge", .lower = "w0" },
	{ ONE_PACKET, "vlan", "w0", .tag = 4 },
	{ ONE_PACKET, "macvlan", .lower = "w0" },
	{ ONE_PACKET, "bond", .lower = "w0" },
	/* Neither has native XDP: both see what comes in at TC ingress. */
	{ ONE_PACKET, "vlan-on-bridge", "br0", .tag = 4 },
	{ TUNNEL, "vxlan", "w0", .outer = { IPPROTO_UDP, 4789, 4789 }, .outer_local = "10.8.1.1" },
	{ TUNNEL, "gretap", "w0", .outer = { IPPROTO_GRE }, .outer_local = "10.8.3.1" },
	{ TUNNEL, "gre", "w0", .outer = { IPPROTO_GRE }, .outer_local = "10.8.2.1" },
	{ LOOPBACK, .name = "loopback" },
};

static const struct device loopback = { "loopback", {}, "lo", .peer = "lo" };

static struct pair pair;
static unsigned int phases, passed, failed, skipped;

/* ---- what it should show ---- */

enum attached { UPPER = 1, LOWER = 2 };

static const char *const attached_names[] = { "", "upper", "lower", "both" };

static void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void check(bool good, const char *format, ...)
{
	va_list args;

	printf("%s ", good ? "ok" : "FAIL");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	puts("");
	passed += good;
	failed += !good;
}

static bool equal(struct carried a, struct carried b)
{
	return a.packets == b.packets && a.bytes == b.bytes;
}

static void check_flow(const struct stack *s, enum attached attached, const char *what,
		       const struct shown *shown, struct carried out, struct carried in, const char *path,
		       const char *carrier)
{
	size_t rows = out.packets || in.packets;

	check(shown->rows == rows && equal(shown->tx, out) && equal(shown->rx, in) &&
		      !strcmp(shown->carrier, carrier) && (!rows || !strcmp(shown->path, path)),
	      "%s, %s attached: %s: %zu rows %s tx %lu/%lu rx %lu/%lu carrier '%s', captured %zu %s %lu/%lu %lu/%lu '%s'",
	      s->name, attached_names[attached], what, shown->rows, shown->path, shown->tx.packets,
	      shown->tx.bytes, shown->rx.packets, shown->rx.bytes, shown->carrier, rows, path, out.packets,
	      out.bytes, in.packets, in.bytes, carrier);
}

/* ---- a phase: traffic of flows that are new, and what became of it ---- */

enum { UDP, TCP, ECHO, FLOWS_SENT, OUTER = FLOWS_SENT, FLOWS_READ };

struct phase {
	const struct stack *stack;
	const struct device *device; /* the upper one */
	enum attached attached;
	struct party a, b;
	struct ends flows[FLOWS_READ];
	struct carried out[FLOWS_READ], in[FLOWS_READ]; /* of a */
	struct shown before[FLOWS_READ];
};

static void send_traffic(const struct phase *p)
{
	const struct ends *udp = &p->flows[UDP], *tcp = &p->flows[TCP];
	bool good = send_datagrams(&p->a, &p->b, udp->local, udp->peer, 7, 100) == 7 &&
		    send_datagrams(&p->b, &p->a, udp->peer, udp->local, 5, 300) == 5 &&
		    talk_tcp(&p->a, &p->b, tcp->local, tcp->peer, 20000, 3000) &&
		    (p->stack->shape == LOOPBACK || ping(&p->a, &p->b, p->flows[ECHO].local, 4) == 4);

	if (!good)
		check(false, "%s, %s attached: the traffic arrives", p->stack->name,
		      attached_names[p->attached]);
}

/* b's capture: what leaves there comes in here. Of a tunnel the outer packets are captured apart. */
static void capture(struct phase *p, int upper, int wire)
{
	bool tunnel = p->stack->shape == TUNNEL, here = p->stack->shape == LOOPBACK;
	struct ends mirrored[FLOWS_READ];

	for (size_t i = 0; i < FLOWS_READ; i++)
		mirrored[i] = here ? p->flows[i]
				   : (struct ends){ p->flows[i].protocol, p->flows[i].peer, p->flows[i].local };
	capture_read(upper, mirrored, FLOWS_SENT, here ? p->out : p->in, here ? p->in : p->out);
	if (tunnel)
		capture_read(wire, mirrored + OUTER, 1, p->in + OUTER, p->out + OUTER);
	for (size_t i = 0; i < FLOWS_SENT; i++) {
		if (p->attached & LOWER) {
			p->out[i].bytes += p->out[i].packets * p->stack->tag;
			p->in[i].bytes += p->in[i].packets * p->stack->tag;
		}
		if (tunnel && p->attached == LOWER)
			p->out[i] = p->in[i] = (struct carried){};
	}
}

/* Flows whose rows are of earlier phases, too: outer ones are the same. */
static struct shown shown_since(const json_t *all, const struct phase *p, size_t flow)
{
	struct shown shown = find_shown(all, &p->flows[flow], flow == OUTER ? p->stack->outer_local : NULL);
	const struct shown *before = &p->before[flow];

	if (flow == ECHO)
		shown.rows -= before->rows;
	shown.tx.packets -= before->tx.packets;
	shown.tx.bytes -= before->tx.bytes;
	shown.rx.packets -= before->rx.packets;
	shown.rx.bytes -= before->rx.bytes;
	return shown;
}

static bool is_shown(const struct phase *p, size_t flow)
{
	return p->stack->shape != LOOPBACK || flow != ECHO;
}

static void check_phase(struct phase *p)
{
	static const char *const names[] = { [UDP] = "udp", [TCP] = "tcp", [ECHO] = "icmp", [OUTER] = "outer" };
	const struct stack *s = p->stack;
	const char *upper = p->device->dev, *carrier = p->attached & UPPER ? upper : "";
	json_t *all = read_conversations(netctl_path(), pair.a);
	char path[40];

	if (s->shape == ONE_PACKET && p->attached == (UPPER | LOWER))
		snprintf(path, sizeof(path), "%s/%s", s->lower, upper);
	else
		snprintf(path, sizeof(path), "%s", p->attached & UPPER ? upper : s->lower);
	for (size_t i = 0; i < FLOWS_READ; i++) {
		struct shown shown = shown_since(all, p, i);

		if (i < FLOWS_SENT && is_shown(p, i))
			check_flow(s, p->attached, names[i], &shown, p->out[i], p->in[i],
				   i == ECHO ? shown.path : path, "");
		if (i == OUTER && s->shape == TUNNEL && p->attached & LOWER)
			check_flow(s, p->attached, names[i], &shown, p->out[i], p->in[i], s->lower,
				   carrier);
	}
	json_decref(all);
}

/* The burst passes, whichever way; inside a tunnel nothing is seen from below. */
static void check_limit(const struct phase *p)
{
	bool seen = p->stack->shape != TUNNEL || p->attached & UPPER;
	uint16_t port = (uint16_t)(LIMITED + 10 * phases);
	int there = send_datagrams(&p->a, &p->b, port, port + 1, SENT, 100);
	int back = send_datagrams(&p->b, &p->a, port + 1, port, SENT, 100);

	check(there == (seen ? BURST : SENT) && back == there,
	      "%s, %s attached: of %d datagrams a limit with a burst of %d lets %d and %d pass",
	      p->stack->name, attached_names[p->attached], SENT, BURST, there, back);
}

static void run_phase(const struct stack *s, const struct device *device, enum attached attached)
{
	bool here = s->shape == LOOPBACK;
	uint16_t port = (uint16_t)(10000 + 10 * ++phases);
	struct phase p = {
		.stack = s,
		.device = device,
		.attached = attached,
		.a = { pair.a, party_address(here ? "127.0.0.1" : "10.9.0.1"), NULL },
		.b = { here ? pair.a : pair.b, party_address(here ? "127.0.0.1" : "10.9.0.2"), NULL },
		.flows = { [UDP] = { IPPROTO_UDP, port, port + 1 },
			   [TCP] = { IPPROTO_TCP, port + 2, port + 3 },
			   [ECHO] = { IPPROTO_ICMP, port + 4, port + 4 },
			   [OUTER] = s->outer },
	};
	json_t *before = read_conversations(netctl_path(), pair.a);
	int upper, wire;

	for (size_t i = 0; i < FLOWS_READ; i++)
		p.before[i] = find_shown(before, &p.flows[i], i == OUTER ? s->outer_local : NULL);
	json_decref(before);
	enter_netns(p.b.netns);
	upper = capture_open(device->peer);
	wire = capture_open(here ? "lo" : "w0");
	send_traffic(&p);
	capture(&p, upper, wire);
	close(upper);
	close(wire);
	check_phase(&p);
	if (is_shown(&p, UDP))
		check_limit(&p);
}

/* ---- all of them ---- */

static void check_command(const struct stack *s, const char *command, const char *iface)
{
	char words[64];

	snprintf(words, sizeof(words), "%s %s", command, iface);
	check(run_netctl(&pair, true, words), "%s: %s", s->name, words);
}

static void run_stack(const struct stack *s)
{
	const struct device *device = find_device(s->name);
	const char *why;

	if (s->shape == LOOPBACK) {
		run_phase(s, &loopback, UPPER); /* attached since the beginning */
		return;
	}
	if (!device_make(&pair, device, &why)) {
		printf("skip %s: this kernel has no such interfaces: %s\n", s->name, why);
		skipped++;
	} else {
		check_command(s, "attach --hooks xdp,tc", device->dev);
		run_phase(s, device, UPPER);
		check_command(s, "attach --hooks xdp,tc", s->lower);
		run_phase(s, device, UPPER | LOWER);
		check_command(s, "detach", device->dev);
		run_phase(s, device, LOWER);
		check_command(s, "detach", s->lower);
	}
	device_remove(&pair, device);
}

int main(int argc, char **argv)
{
	if (!pair_make(&pair, "stacks", false))
		return 1;
	/* Attached throughout, so that the programs stay loaded. */
	if (!run_netctl(&pair, true, "attach --hooks xdp,tc lo") ||
	    !run_netctl(&pair, true, "rule add limit 1/h burst 20 per flow proto udp dport 20000-29999"))
		errx(1, "cannot attach");
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		bool wanted = argc < 2;

		for (int k = 1; k < argc; k++)
			wanted = wanted || !strcmp(argv[k], stacks[i].name);
		if (wanted)
			run_stack(&stacks[i]);
	}
	run_netctl(&pair, true, "detach --all");
	pair_remove(&pair);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed > 0;
}
