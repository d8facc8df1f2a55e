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

#define BURST 20
#define SENT 30
#define LIMITED 20000 /* from this port on */
#define MOST_COMMANDS 12

enum shape {
	ONE_PACKET,
	TUNNEL,
	TUNNEL_BARE, /* its own packets have no Ethernet header: nothing is said of what they are shown as */
	LOOPBACK,
};

/* ip commands, for a namespace each: "a link add ...". w0 joins both. */
static const struct stack {
	const char *name;
	enum shape shape;
	const char *commands[MOST_COMMANDS];
	const char *upper, *lower; /* in a */
	const char *peer;	   /* in b: where what the upper one sees is captured */
	unsigned int tag;	   /* bytes that the lower one has more */
	struct ends outer;	   /* of a tunnel, */
	const char *outer_local;   /* between this address of a and one of b */
	const char *remove;
} stacks[] = {
	{ "bridge", ONE_PACKET,
	  { "a link add br0 type bridge", "a link set w0 master br0", "a link set br0 up",
	    "a addr add 10.9.0.1/24 dev br0", "b addr add 10.9.0.2/24 dev w0" },
	  "br0", "w0", "w0", .remove = "br0" },
	{ "vlan", ONE_PACKET,
	  { "a link add link w0 name w0.7 type vlan id 7", "a link set w0.7 up",
	    "a addr add 10.9.0.1/24 dev w0.7", "b link add link w0 name w0.7 type vlan id 7",
	    "b link set w0.7 up", "b addr add 10.9.0.2/24 dev w0.7" },
	  "w0.7", "w0", "w0", .tag = 4 },
	{ "macvlan", ONE_PACKET,
	  { "a link add link w0 name mv0 type macvlan mode private", "a link set mv0 up",
	    "a addr add 10.9.0.1/24 dev mv0", "b addr add 10.9.0.2/24 dev w0" },
	  "mv0", "w0", "w0", .remove = "mv0" },
	{ "bond", ONE_PACKET,
	  { "a link add bond0 type bond mode active-backup miimon 100", "a link set w0 down",
	    "a link set w0 master bond0", "a link set bond0 up", "a addr add 10.9.0.1/24 dev bond0",
	    "b addr add 10.9.0.2/24 dev w0" },
	  "bond0", "w0", "w0", .remove = "bond0" },
	/* Neither has native XDP: both see what comes in at TC ingress. */
	{ "vlan-on-bridge", ONE_PACKET,
	  { "a link add br0 type bridge", "a link set w0 master br0", "a link set br0 up",
	    "a link add link br0 name br0.7 type vlan id 7", "a link set br0.7 up",
	    "a addr add 10.9.0.1/24 dev br0.7", "b link add link w0 name w0.7 type vlan id 7",
	    "b link set w0.7 up", "b addr add 10.9.0.2/24 dev w0.7" },
	  "br0.7", "br0", "w0", .tag = 4, .remove = "br0" },
	{ "vxlan", TUNNEL,
	  { "a addr add 10.8.1.1/24 dev w0", "b addr add 10.8.1.2/24 dev w0",
	    "a link add vx0 type vxlan id 5 local 10.8.1.1 remote 10.8.1.2 dstport 4789 srcport 4789 4790",
	    "b link add vx0 type vxlan id 5 local 10.8.1.2 remote 10.8.1.1 dstport 4789 srcport 4789 4790",
	    "a link set vx0 up", "b link set vx0 up", "a addr add 10.9.0.1/24 dev vx0",
	    "b addr add 10.9.0.2/24 dev vx0" },
	  "vx0", "w0", "vx0", .outer = { IPPROTO_UDP, 4789, 4789 },
	  .outer_local = "10.8.1.1", .remove = "vx0" },
	{ "gre", TUNNEL_BARE,
	  { "a addr add 10.8.2.1/24 dev w0", "b addr add 10.8.2.2/24 dev w0",
	    "a link add gre1 type gre local 10.8.2.1 remote 10.8.2.2",
	    "b link add gre1 type gre local 10.8.2.2 remote 10.8.2.1", "a link set gre1 up",
	    "b link set gre1 up", "a addr add 10.9.0.1/24 dev gre1", "b addr add 10.9.0.2/24 dev gre1" },
	  "gre1", "w0", "gre1", .outer = { IPPROTO_GRE }, .outer_local = "10.8.2.1",
	  .remove = "gre1" },
	{ "gretap", TUNNEL,
	  { "a addr add 10.8.3.1/24 dev w0", "b addr add 10.8.3.2/24 dev w0",
	    "a link add gt1 type gretap local 10.8.3.1 remote 10.8.3.2",
	    "b link add gt1 type gretap local 10.8.3.2 remote 10.8.3.1", "a link set gt1 up",
	    "b link set gt1 up", "a addr add 10.9.0.1/24 dev gt1", "b addr add 10.9.0.2/24 dev gt1" },
	  "gt1", "w0", "gt1", .outer = { IPPROTO_GRE }, .outer_local = "10.8.3.1",
	  .remove = "gt1" },
	{ "loopback", LOOPBACK, { NULL }, "lo", "lo", "lo", .remove = NULL },
};

static char netns_a[32], netns_b[32];
static const char *netctl;
static unsigned int phases, passed, failed, skipped;

/* ---- what it should show ---- */

static bool is_tunnel(const struct stack *s)
{
	return s->shape == TUNNEL || s->shape == TUNNEL_BARE;
}

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
	bool tunnel = is_tunnel(p->stack), here = p->stack->shape == LOOPBACK;
	struct ends mirrored[FLOWS_READ];

	for (size_t i = 0; i < FLOWS_READ; i++)
		mirrored[i] = here ? p->flows[i]
				   : (struct ends){ p->flows[i].protocol, p->flows[i].peer, p->flows[i].local };
	capture_read(upper, mirrored, FLOWS_SENT, here ? p->out : p->in, here ? p->in : p->out);
	if (tunnel)
		capture_read(wire, mirrored + OUTER, 1, p->in + OUTER, p->out + OUTER);
	for (size_t i = 0; i < FLOWS_SENT; i++) {
		if (p->attached == UPPER) {
			p->out[i].bytes -= p->out[i].packets * p->stack->tag;
			p->in[i].bytes -= p->in[i].packets * p->stack->tag;
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
	if (p->stack->shape == TUNNEL_BARE)
		return p->attached == LOWER;
	return p->stack->shape != LOOPBACK || flow != ECHO;
}

static void check_phase(struct phase *p)
{
	static const char *const names[] = { [UDP] = "udp", [TCP] = "tcp", [ECHO] = "icmp", [OUTER] = "outer" };
	const struct stack *s = p->stack;
	const char *carrier = p->attached & UPPER ? s->upper : "";
	json_t *all = read_conversations(netctl, netns_a);
	char path[40];

	if (s->shape == ONE_PACKET && p->attached == (UPPER | LOWER))
		snprintf(path, sizeof(path), "%s/%s", s->lower, s->upper);
	else
		snprintf(path, sizeof(path), "%s", p->attached & UPPER ? s->upper : s->lower);
	for (size_t i = 0; i < FLOWS_READ; i++) {
		struct shown shown = shown_since(all, p, i);

		if (i < FLOWS_SENT && is_shown(p, i))
			check_flow(s, p->attached, names[i], &shown, p->out[i], p->in[i],
				   i == ECHO ? shown.path : path, "");
		if (i == OUTER && is_tunnel(s) && p->attached & LOWER)
			check_flow(s, p->attached, names[i], &shown, p->out[i], p->in[i], s->lower,
				   carrier);
	}
	json_decref(all);
}

/* The burst passes, whichever way; inside a tunnel nothing is seen from below. */
static void check_limit(const struct phase *p)
{
	bool seen = !is_tunnel(p->stack) || p->attached & UPPER;
	uint16_t port = (uint16_t)(LIMITED + 10 * phases);
	int there = send_datagrams(&p->a, &p->b, port, port + 1, SENT, 100);
	int back = send_datagrams(&p->b, &p->a, port + 1, port, SENT, 100);

	check(there == (seen ? BURST : SENT) && back == there,
	      "%s, %s attached: of %d datagrams a limit with a burst of %d lets %d and %d pass",
	      p->stack->name, attached_names[p->attached], SENT, BURST, there, back);
}

static void run_phase(const struct stack *s, enum attached attached)
{
	bool here = s->shape == LOOPBACK;
	uint16_t port = (uint16_t)(10000 + 10 * ++phases);
	struct phase p = {
		.stack = s,
		.attached = attached,
		.a = { netns_a, { htonl(here ? INADDR_LOOPBACK : 0x0a090001) } },
		.b = { here ? netns_a : netns_b, { htonl(here ? INADDR_LOOPBACK : 0x0a090002) } },
		.flows = { [UDP] = { IPPROTO_UDP, port, port + 1 },
			   [TCP] = { IPPROTO_TCP, port + 2, port + 3 },
			   [ECHO] = { IPPROTO_ICMP, port + 4, port + 4 },
			   [OUTER] = s->outer },
	};
	json_t *before = read_conversations(netctl, netns_a);
	int upper, wire;

	for (size_t i = 0; i < FLOWS_READ; i++)
		p.before[i] = find_shown(before, &p.flows[i], i == OUTER ? s->outer_local : NULL);
	json_decref(before);
	enter_netns(p.b.netns);
	upper = capture_open(s->peer);
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

static bool ip(const char *netns, bool quiet, const char *words)
{
	return command_succeeds(quiet, "ip -n %s %s", netns, words);
}

static bool run_netctl(const char *words, const char *iface)
{
	enter_netns(netns_a);
	return command_succeeds(true, "%s %s %s", netctl, words, iface);
}

static bool write_to(const char *text, const char *format, const char *dev)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), format, dev);
	file = fopen(path, "w");
	return file && fputs(text, file) >= 0 && !fclose(file);
}

/*
 * The interface sends and receives nothing but what is on the wire, super-packets least of all; and nothing of its own
 * while we count: a neighbour that was found stays.
 */
static bool settle(const char *netns, const char *dev)
{
	enter_netns(netns);
	offloads_off(dev);
	return write_to("1000000000", "/proc/sys/net/ipv4/neigh/%s/base_reachable_time_ms", dev);
}

static bool join(void)
{
	bool good = command_succeeds(false, "ip link add w0 address 02:00:00:00:09:01 netns %s type veth peer "
				     "name w0 address 02:00:00:00:09:02 netns %s", netns_a, netns_b);

	return good && settle(netns_a, "w0") && settle(netns_b, "w0") && ip(netns_a, false, "link set w0 up") &&
	       ip(netns_b, false, "link set w0 up");
}

/* False: this kernel has no such interfaces. */
static bool build(const struct stack *s)
{
	for (size_t i = 0; i < MOST_COMMANDS && s->commands[i]; i++) {
		const char *words = s->commands[i];

		if (!ip(words[0] == 'a' ? netns_a : netns_b, true, words + 2))
			return false;
	}
	return true;
}

static void run_stack(const struct stack *s)
{
	bool here = s->shape == LOOPBACK;

	if (!here && !join())
		errx(1, "no veth");
	if (!build(s) || !settle(netns_a, s->upper) || !settle(netns_b, s->peer)) {
		printf("skip %s: this kernel has no such interfaces\n", s->name);
		skipped++;
	} else if (here) {
		run_phase(s, UPPER); /* attached since the beginning */
	} else {
		check(run_netctl("attach --hooks xdp,tc", s->upper), "%s: attach %s", s->name, s->upper);
		run_phase(s, UPPER);
		check(run_netctl("attach --hooks xdp,tc", s->lower), "%s: attach %s", s->name, s->lower);
		run_phase(s, UPPER | LOWER);
		check(run_netctl("detach", s->upper), "%s: detach %s", s->name, s->upper);
		run_phase(s, LOWER);
		check(run_netctl("detach", s->lower), "%s: detach %s", s->name, s->lower);
	}
	for (int i = 0; i < 2 && s->remove; i++)
		command_succeeds(true, "ip -n %s link del %s", i ? netns_b : netns_a, s->remove);
	if (!here)
		ip(netns_a, true, "link del w0");
}

/* Without IPv6, which would speak of its own accord. */
static bool make_netns(const char *name)
{
	if (!command_succeeds(false, "ip netns add %s", name))
		return false;
	enter_netns(name);
	write_to("1", "/proc/sys/net/ipv6/conf/%s/disable_ipv6", "all");
	write_to("1", "/proc/sys/net/ipv6/conf/%s/disable_ipv6", "default");
	return ip(name, false, "link set lo up");
}

int main(int argc, char **argv)
{
	netctl = getenv("NETCTL") ?: "build/netctl";
	snprintf(netns_a, sizeof(netns_a), "stacks-a%d", getpid());
	snprintf(netns_b, sizeof(netns_b), "stacks-b%d", getpid());
	if (!make_netns(netns_a) || !make_netns(netns_b))
		return 1;
	/* Attached throughout, so that the programs stay loaded. */
	if (!run_netctl("attach --hooks xdp,tc", "lo") ||
	    !run_netctl("rule add limit 1/h burst 20 per flow proto udp dport", "20000-29999"))
		errx(1, "cannot attach");
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		bool wanted = argc < 2;

		for (int k = 1; k < argc; k++)
			wanted = wanted || !strcmp(argv[k], stacks[i].name);
		if (wanted)
			run_stack(&stacks[i]);
	}
	run_netctl("detach", "--all");
	command_succeeds(true, "ip netns del %s", netns_a);
	command_succeeds(true, "ip netns del %s", netns_b);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed > 0;
}
