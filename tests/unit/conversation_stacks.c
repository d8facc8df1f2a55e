/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_stacks.c - the same packets at several interfaces: one row, each packet counted once. */
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>

#include "../../ctl/stats/conversation.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define MOST 8

enum { HERE = 10, THERE = 20, ALL = 0xe0000001 };

/* What a hook saw at an interface of a flow between HERE and THERE, or "from" and "to"; 100 bytes a packet untagged. */
struct sight {
	enum hook_id hook;
	uint32_t ifindex;
	uint64_t passed, dropped;
	uint16_t outer;
	bool other; /* HERE sends what XDP saw, or THERE what another saw */
	uint32_t from, to;
};

/* A row as text: "PATH< OTHER SIDE: tx passed-dropped HOOK rx passed-dropped, bytes of both". */
struct scene {
	const char *what;
	struct stack_iface ifaces[MOST];
	struct attached attached[MOST];
	struct sight seen[MOST];
	const char *rows;
	uint32_t alone; /* -i */
};

/* clang-format off */
#define TC(index) { .ifindex = index, .hook = HOOK_TC }
#define XDP(index) { .ifindex = index, .hook = HOOK_XDP }
#define SIGHT(at, index, packets, ...) \
	{ .hook = at, .ifindex = index, .passed = packets, ##__VA_ARGS__ }
#define IN(...) SIGHT(HOOK_XDP, __VA_ARGS__)
#define OUT(...) SIGHT(HOOK_TC, __VA_ARGS__)
#define PUT(...) SIGHT(HOOK_NF, __VA_ARGS__)

#define BRIDGE { .index = 2, .master = 4 }, { .index = 3, .master = 4 }, { .index = 4 }
#define VLAN { .index = 2 }, { .index = 5, .lower = 2, .vlan = 10 }, { .index = 6, .lower = 2, .vlan = 20 }
/* clang-format on */

static const struct scene scenes[] = {
	{ "a bridge and its port",
	  { BRIDGE },
	  { TC(2), TC(4) },
	  { IN(2, 5), IN(4, 5), PUT(4, 4), OUT(4, 4), OUT(2, 4) },
	  .rows = "2/4: tx 4-0 tc rx 5-0, 900 bytes\n" },
	{ "only the port is attached to TC",
	  { BRIDGE },
	  { TC(2) },
	  { PUT(4, 4), OUT(2, 4) },
	  .rows = "2/4: tx 4-0 tc rx 0-0, 400 bytes\n" },
	{ "drops at each place, each of what the one before passed",
	  { BRIDGE },
	  { TC(2), TC(4) },
	  { IN(2, 8, .dropped = 2), IN(4, 7, .dropped = 1), PUT(4, 9, .dropped = 3),
	    OUT(4, 7, .dropped = 2), OUT(2, 3, .dropped = 4) },
	  .rows = "2/4: tx 3-9 tc rx 7-3, 2200 bytes\n" },
	{ "3 packets came by the port that is not attached",
	  { BRIDGE },
	  {},
	  { IN(2, 5, .dropped = 1), IN(4, 8) },
	  .rows = "2/4: tx 0-0 - rx 8-1, 900 bytes\n" },
	{ "both ports, and the bridge",
	  { BRIDGE },
	  {},
	  { IN(2, 5), IN(3, 2), IN(4, 7) },
	  .rows = "2/3/4: tx 0-0 - rx 7-0, 700 bytes\n" },
	{ "the port was attached later, and its flow closed once",
	  { BRIDGE },
	  {},
	  { IN(2, 1), IN(4, 100) },
	  .rows = "2/4: tx 0-0 - rx 100-0, 10000 bytes\n" },
	{ "OUTPUT sees packets for a port that is not attached",
	  { BRIDGE },
	  { TC(2) },
	  { PUT(4, 9), OUT(2, 2) },
	  .rows = "2/4: tx 9-0 nf rx 0-0, 900 bytes\n" },
	{ "its own view of one interface",
	  { BRIDGE },
	  { TC(2), TC(4) },
	  { IN(2, 5), IN(4, 4), OUT(4, 3), OUT(2, 3) },
	  .rows = "4: tx 3-0 tc rx 4-0, 700 bytes\n",
	  .alone = 4 },
	{ "bridged from port to port",
	  { BRIDGE },
	  { TC(2), TC(3) },
	  { IN(2, 5), OUT(3, 4, .other = true, .dropped = 1) },
	  .rows = "3<2: tx 4-1 tc rx 0-0, 500 bytes\n" },
	{ "a VLAN and its parent, where frames have the tag",
	  { VLAN },
	  { TC(2), TC(5) },
	  { IN(2, 5, .outer = 10), IN(5, 5), OUT(5, 4), OUT(2, 4, .outer = 10) },
	  .rows = "2/5: tx 4-0 tc rx 5-0, 936 bytes\n" },
	{ "the device took the tag off what XDP saw",
	  { VLAN },
	  { TC(2), TC(5) },
	  { IN(2, 5), IN(5, 4, .dropped = 1), OUT(5, 4), OUT(2, 4, .outer = 10) },
	  .rows = "2/5: tx 4-0 tc rx 4-1, 936 bytes\n" },
	{ "what goes to a group is another packet without the tag",
	  { VLAN },
	  {},
	  { IN(2, 5, .to = ALL), IN(5, 4, .to = ALL) },
	  .rows = "2: tx 0-0 - rx 5-0, 500 bytes\n5: tx 0-0 - rx 4-0, 400 bytes\n" },
	{ "2 of 5 reached the VLAN while its parent was not counted",
	  { VLAN },
	  {},
	  { IN(2, 3, .outer = 10), IN(5, 5) },
	  .rows = "2/5: tx 0-0 - rx 5-0, 520 bytes\n" },
	{ "the same ends in another VLAN, and in none",
	  { VLAN },
	  {},
	  { IN(2, 5, .outer = 10), IN(5, 5), IN(2, 7, .outer = 20), IN(2, 1),
	    OUT(2, 1) },
	  .rows = "2: tx 1-0 tc rx 1-0, 200 bytes\n"
		  "2/5: tx 0-0 - rx 5-0, 520 bytes\n"
		  "2: tx 0-0 - rx 7-0, 728 bytes\n" },
	{ "between two VLANs of one interface",
	  { VLAN },
	  { TC(2), TC(5), TC(6) },
	  { IN(2, 5, .outer = 10), IN(5, 5), OUT(6, 5, .other = true),
	    OUT(2, 5, .outer = 20, .other = true) },
	  .rows = "2/6<5: tx 5-0 tc rx 0-0, 520 bytes\n" },
	{ "a VLAN on a bridge on a bond of two",
	  { { .index = 2, .master = 4 },
	    { .index = 3, .master = 4 },
	    { .index = 4, .master = 5 },
	    { .index = 5 },
	    { .index = 6, .lower = 5, .vlan = 7 } },
	  { TC(2), TC(3), TC(5), TC(6) },
	  { IN(2, 2, .outer = 7), IN(3, 3, .outer = 7), IN(5, 5, .outer = 7),
	    IN(6, 4, .dropped = 1), OUT(6, 6), OUT(5, 6, .outer = 7), OUT(2, 5, .outer = 7),
	    OUT(3, 1, .outer = 7) },
	  .rows = "2/3/5/6: tx 6-0 tc rx 4-1, 1144 bytes\n" },
	{ "a bridge that filters VLANs gives its own packets the tag it likes",
	  { { .index = 2, .master = 4 }, { .index = 4, .retags = true } },
	  { TC(4) },
	  { IN(2, 5), IN(4, 5, .outer = 10) },
	  .rows = "2/4: tx 0-0 - rx 5-0, 500 bytes\n" },
	{ "a macvlan and its parent",
	  { { .index = 2 }, { .index = 5, .lower = 2 }, { .index = 6, .lower = 2 } },
	  { TC(5) },
	  { IN(2, 5), IN(5, 5), OUT(5, 1) },
	  .rows = "2/5: tx 1-0 tc rx 5-0, 600 bytes\n" },
	{ "to a group: two macvlans have a copy each",
	  { { .index = 2 }, { .index = 5, .lower = 2 }, { .index = 6, .lower = 2 } },
	  {},
	  { IN(2, 5, .to = ALL), IN(5, 5, .to = ALL), IN(6, 5, .to = ALL) },
	  .rows = "2/5/6: tx 0-0 - rx 5-0, 500 bytes\n" },
	{ "two interfaces that have nothing to do with each other",
	  { { .index = 2 }, { .index = 3 } },
	  {},
	  { IN(2, 5), IN(3, 4) },
	  .rows = "2: tx 0-0 - rx 5-0, 500 bytes\n3: tx 0-0 - rx 4-0, 400 bytes\n" },
	{ "a mark sends what OUTPUT saw by another interface",
	  { { .index = 2 }, { .index = 3 } },
	  { TC(3) },
	  { PUT(2, 5), OUT(3, 5) },
	  .rows = "3/2: tx 5-0 tc rx 0-0, 500 bytes\n" },
	{ "loopback shows what leaves as arriving, both ways",
	  { { .index = 1, .loopback = true } },
	  { TC(1) },
	  { PUT(1, 5), OUT(1, 5), IN(1, 4, .other = true, .dropped = 1), PUT(1, 3, .other = true),
	    OUT(1, 3, .other = true), IN(1, 3) },
	  .rows = "1: tx 4-1 tc rx 3-0, 800 bytes\n" },
	{ "also where it is asked for alone",
	  { { .index = 1, .loopback = true } },
	  { TC(1) },
	  { OUT(1, 5), IN(1, 5, .other = true) },
	  .rows = "1: tx 5-0 tc rx 0-0, 500 bytes\n",
	  .alone = 1 },
	{ "loopback where OUTPUT alone is attached",
	  { { .index = 1, .loopback = true } },
	  {},
	  { PUT(1, 5), PUT(1, 3, .other = true) },
	  .rows = "1: tx 5-0 nf rx 3-0, 800 bytes\n" },
	{ "an address talks to itself",
	  { { .index = 1, .loopback = true } },
	  { TC(1) },
	  { OUT(1, 5, .to = HERE), IN(1, 4, .from = HERE, .to = HERE, .dropped = 1) },
	  .rows = "1: tx 4-1 tc rx 0-0, 500 bytes\n" },
	{ "both ends of a veth: what leaves one arrives at the other",
	  { { .index = 2, .peer = 3 }, { .index = 3, .peer = 2 } },
	  { TC(2), TC(3) },
	  { OUT(2, 5), IN(3, 3, .other = true, .dropped = 2) },
	  .rows = "2<3: tx 3-2 tc rx 0-0, 500 bytes\n" },
	{ "forwarded, with drops at both sides",
	  { { .index = 2 }, { .index = 3 } },
	  { TC(2), TC(3) },
	  { IN(2, 7, .other = true, .dropped = 3), OUT(3, 6, .dropped = 1), IN(3, 4),
	    OUT(2, 2, .other = true, .dropped = 2) },
	  .rows = "3<2: tx 6-4 tc rx 2-2, 1400 bytes\n" },
	{ "forwarded from a bridge with its port",
	  { BRIDGE, { .index = 5 } },
	  { TC(5) },
	  { IN(2, 5, .other = true), IN(4, 5, .other = true), OUT(5, 5) },
	  .rows = "5<2/4: tx 5-0 tc rx 0-0, 500 bytes\n" },
};

static struct flow flow_of(const struct sight *s)
{
	const uint64_t bytes = s->outer ? 104 : 100;
	const bool back = (s->hook == HOOK_XDP) != s->other;
	const uint32_t from = s->from ?: back ? THERE : HERE, to = s->to ?: back ? HERE : THERE;

	return (struct flow){
		.hook = s->hook,
		.ifindex = s->ifindex,
		.family = 4,
		.protocol = IPPROTO_UDP,
		.outer = s->outer,
		.src.lo = from,
		.dst.lo = to,
		.sport = from == to	? 7
			 : from == HERE ? 999
					: 53,
		.dport = from == to   ? 7
			 : to == HERE ? 999
				      : 53,
		.passed = { s->passed, s->passed * bytes },
		.dropped = { s->dropped, s->dropped * bytes },
		.verdict = s->dropped ? VERDICT_DROP : VERDICT_PASS,
		.reason = s->dropped ? REASON_RULE : REASON_OK,
		.first = back ? 2 : 1,
		.last = 3,
	};
}

static char *show(const struct conversation *c, char *text)
{
	static const char *const hooks[] = { "xdp", "tc", "nf" };

	for (size_t i = 0; i < c->path_count; i++)
		text += sprintf(text, "%s%u", i == c->path_side ? "<" : i ? "/" : "", c->path[i]);
	assert_int_equal(c->path[0], c->ifindex);
	return text + sprintf(text, ": tx %d-%d %s rx %d-%d, %d bytes\n", (int)c->tx.passed.packets,
			      (int)c->tx.dropped.packets, c->sent ? hooks[c->sent_hook] : "-",
			      (int)c->rx.passed.packets, (int)c->rx.dropped.packets,
			      (int)(tally_sum(&c->tx).bytes + tally_sum(&c->rx).bytes));
}

static void make_stack(struct stack *stack, const struct stack_iface *ifaces)
{
	*stack = (struct stack){};
	for (size_t i = 0; i < MOST && ifaces[i].index; i++)
		assert_int_equal(stack_add(stack, &ifaces[i]), 0);
	assert_int_equal(stack_finish(stack), 0);
}

static void test_scenes(void **state)
{
	for (const struct scene *s = scenes; s < scenes + ARRAY_SIZE(scenes); s++) {
		const struct flow_filter filter = { .ifindex = s->alone };
		struct stack stack;
		struct surroundings around = { &stack, s->attached, MOST };
		struct flow flows[MOST];
		struct snapshot snapshot = { .flows = flows };
		autofree struct conversation *list = NULL;
		char text[MOST * 100] = "", *end = text;
		size_t count;

		make_stack(&stack, s->ifaces);
		while (snapshot.flow_count < MOST && s->seen[snapshot.flow_count].ifindex) {
			flows[snapshot.flow_count] = flow_of(&s->seen[snapshot.flow_count]);
			snapshot.flow_count++;
		}
		assert_int_equal(conversations_make(&snapshot, &filter, &around, &list, &count), 0);
		for (size_t i = 0; i < count; i++)
			end = show(&list[i], end);
		if (strcmp(text, s->rows))
			fail_msg("%s:\n%sexpected:\n%s", s->what, text, s->rows);
		stack_free(&stack);
	}
}

/* Seen at the port as well, a row moves there and keeps its rate; what is not IP is the same packets, too. */
static void test_moved(void **state)
{
	static const struct stack_iface ifaces[MOST] = { BRIDGE };
	const struct sight seen[] = { IN(4, 5), IN(2, 5) };
	struct flow flows[] = { flow_of(&seen[0]), flow_of(&seen[1]) };
	const struct flow_filter all = {};
	struct stack stack;
	const struct surroundings around = { .stack = &stack };

	make_stack(&stack, ifaces);
	for (int family = 4; family >= 0; family -= 4) {
		struct snapshot snapshot = { .flows = flows, .flow_count = 1 };
		autofree struct conversation *before = NULL, *now = NULL;
		size_t before_count, count;

		for (int i = 0; i < 2 && !family; i++)
			flows[i] = (struct flow){ .ifindex = flows[i].ifindex,
						  .passed = { 5, 500 },
						  .dport = 0x0806 };
		assert_int_equal(
			conversations_make(&snapshot, &all, &around, &before, &before_count), 0);
		snapshot.flow_count = 2;
		assert_int_equal(conversations_make(&snapshot, &all, &around, &now, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(now->ifindex, 2);
		conversations_interval(now, count, before, before_count, 1000000000);
		assert_int_equal(now->rx_rate, 0);
	}
	stack_free(&stack);
}

/* A tunnel's outer packets are marked while the tunnel is attached, those of others are not. */
static void test_carriers(void **state)
{
	static const struct stack_iface ifaces[MOST] = {
		{ .index = 2 },
		{ .index = 5, .tunnel = { { IPPROTO_UDP }, .port = 53 } },
		{ .index = 6,
		  .tunnel = { { IPPROTO_UDP }, .port = 53, .remote = { .lo = THERE } } },
	};
	static const struct attached attached[] = { XDP(2), TC(5), XDP(6) };
	const struct sight seen = OUT(2, 5);
	struct flow flow = flow_of(&seen);
	const struct snapshot snapshot = { .flows = &flow, .flow_count = 1 };
	const struct flow_filter all = {};
	struct stack stack;

	make_stack(&stack, ifaces);
	for (size_t n = 1; n <= 3; n++) {
		const struct surroundings around = { &stack, attached, n };
		autofree struct conversation *c = NULL;
		size_t count;

		assert_int_equal(conversations_make(&snapshot, &all, &around, &c, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(c->carrier, n == 1 ? 0 : n == 2 ? 5 : 6);
	}
	stack_free(&stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_carriers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
