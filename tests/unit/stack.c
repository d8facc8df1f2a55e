/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack.c - which interface stands on which, and which packets are a tunnel's. */
#include <string.h>

#include <netinet/in.h>

#include "../../ctl/base/stack.h"

/* After ours: it defines a macro fail(). */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void make(struct stack *stack, const struct stack_iface *ifaces, size_t count)
{
	*stack = (struct stack){};
	while (count--)
		assert_int_equal(stack_add(stack, &ifaces[count]), 0);
	assert_int_equal(stack_finish(stack), 0);
}

/* 7, a VLAN of bridge 6, whose ports are 5, a VLAN of bond 4 with ports 2 and 3, and 8. */
static void test_above(void **state)
{
	static const struct stack_iface ifaces[] = {
		{ .index = 1, .loopback = true },
		{ .index = 2, .master = 4 },
		{ .index = 3, .master = 4 },
		{ .index = 4 },
		{ .index = 5, .lower = 4, .vlan = 10, .master = 6 },
		{ .index = 6 },
		{ .index = 7, .lower = 6, .vlan = 20 },
		{ .index = 8, .master = 6 },
		{ .index = 9, .peer = 10 },
		{ .index = 10, .peer = 9 },
	};
	static const char *const lowers[] = { "", "", "", "", "23", "234", "23458", "234568" };
	static const size_t direct[] = { 0, 0, 0, 0, 2, 1, 2, 1 };
	struct stack stack;

	make(&stack, ifaces, ARRAY_SIZE(ifaces));
	for (uint32_t i = 1; i < ARRAY_SIZE(lowers); i++) {
		const struct stack_pair *pairs;
		size_t n = stack_lowers(&stack, i, &pairs), near = 0;

		assert_int_equal(n, strlen(lowers[i]));
		for (size_t j = 0; j < n; j++) {
			assert_int_equal(pairs[j].lower, lowers[i][j] - '0');
			near += pairs[j].direct;
		}
		assert_int_equal(near, direct[i]);
		for (uint32_t j = 0; j < 12; j++)
			assert_int_equal(stack_is_above(&stack, i, j),
					 j && strchr(lowers[i], (int)('0' + j)) != NULL);
	}
	assert_true(stack_is_wire(&stack, 9, 10) && stack_is_wire(&stack, 1, 1));
	assert_false(stack_is_wire(&stack, 9, 9) || stack_is_wire(&stack, 5, 4));
	assert_int_equal(stack_find(&stack, 7)->vlan, 20);
	assert_null(stack_find(&stack, 11));
	stack_free(&stack);
}

/* Interfaces that move while they are asked about may seem to stand on themselves. */
static void test_ring(void **state)
{
	static const struct stack_iface ifaces[] = { { .index = 1, .master = 2 },
						     { .index = 2, .master = 3 },
						     { .index = 3, .master = 1, .lower = 3 } };
	struct stack stack;

	make(&stack, ifaces, ARRAY_SIZE(ifaces));
	assert_true(stack_is_above(&stack, 1, 2) && stack_is_above(&stack, 2, 1));
	assert_false(stack_is_above(&stack, 1, 1));
	stack_free(&stack);
	make(&stack, NULL, 0);
	assert_false(stack_is_above(&stack, 1, 2));
	stack_free(&stack);
}

/* A tunnel, and whether it carries the packet of a row: by what its ends say. */
static void test_tunnels(void **state)
{
	enum { FROM = 10, TO = 20, OTHER = 30 };
	static const struct addr6 group = { .lo = 0xe0000001 };
	static const struct tunnel
		vxlan = { { IPPROTO_UDP }, .family = 4, .port = 4789, .local = { .lo = FROM } },
		multicast = { { IPPROTO_UDP }, .family = 4, .port = 4789, .remote = group },
		gre = { { IPPROTO_GRE }, .family = 4, .remote = { .lo = TO }, .link = 2 },
		any6 = { { IPPROTO_IPV6, IPPROTO_IPIP }, .family = 6 },
		guard = { { IPPROTO_UDP }, .port = 51820, .own_port = true };
	const struct {
		const struct tunnel *tunnel;
		struct outer outer;
		unsigned int carries;
	} rows[] = {
		{ &vxlan, { 2, 4, IPPROTO_UDP, { 0, FROM }, { 0, TO }, 33333, 4789 }, 2 },
		{ &vxlan, { 2, 4, IPPROTO_UDP, { 0, FROM }, { 0, TO }, 4789, 33333 }, 2 },
		{ &vxlan, { 2, 4, IPPROTO_UDP, { 0, FROM }, { 0, TO }, 4788, 33333 }, 0 },
		{ &vxlan, { 2, 4, IPPROTO_UDP, { 0, OTHER }, { 0, TO }, 4789, 33333 }, 0 },
		{ &vxlan, { 2, 4, IPPROTO_TCP, { 0, FROM }, { 0, TO }, 4789, 33333 }, 0 },
		{ &vxlan, { 2, 6, IPPROTO_UDP, { 0, FROM }, { 0, TO }, 4789, 33333 }, 0 },
		{ &multicast, { 2, 4, IPPROTO_UDP, group, { 0, TO }, 4789, 33333 }, 1 },
		{ &multicast, { 2, 4, IPPROTO_UDP, { 0, FROM }, { 0, TO }, 33333, 4789 }, 1 },
		{ &gre, { 2, 4, IPPROTO_GRE, { 0, FROM }, { 0, TO }, 0, 0 }, 4 },
		{ &gre,
		  { 1, 4, IPPROTO_GRE, { 0, FROM }, { 0, TO }, 0, 0 },
		  4 }, /* below its link */
		{ &gre, { 3, 4, IPPROTO_GRE, { 0, FROM }, { 0, TO }, 0, 0 }, 0 },
		{ &gre, { 2, 4, IPPROTO_GRE, { 0, FROM }, { 0, OTHER }, 0, 0 }, 0 },
		{ &any6, { 3, 6, IPPROTO_IPIP, { 1, FROM }, { 1, TO }, 0, 0 }, 1 },
		{ &any6, { 3, 4, IPPROTO_IPIP, { 0, FROM }, { 0, TO }, 0, 0 }, 0 },
		{ &guard, { 3, 6, IPPROTO_UDP, { 1, FROM }, { 1, TO }, 51820, 99 }, 1 },
		{ &guard, { 3, 6, IPPROTO_UDP, { 1, FROM }, { 1, TO }, 99, 51820 }, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct stack_iface ifaces[] = { { .index = 1 },
						      { .index = 2, .lower = 1 },
						      { .index = 3 },
						      { .index = 9, .tunnel = *rows[i].tunnel } };
		struct stack stack;

		make(&stack, ifaces, ARRAY_SIZE(ifaces));
		assert_int_equal(stack_carries(&stack, 9, &rows[i].outer), rows[i].carries);
		assert_int_equal(stack_carries(&stack, 1, &rows[i].outer), 0);
		stack_free(&stack);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_above),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_tunnels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
