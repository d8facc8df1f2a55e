/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack_notes.c - says which attached interfaces stand on which, and how often their packets are counted. */
#include <stdio.h>
#include <string.h>

#include "../base/stack.h"
#include "../base/text.h"
#include "stack_notes.h"

#define MOST_NAMED 4 /* pairs */

static bool is_attached(const struct belows *belows, uint32_t ifindex)
{
	for (size_t i = 0; i < belows->count; i++)
		if (belows->list[i].attached.ifindex == ifindex)
			return true;
	return false;
}

/* With nothing attached between them. */
static bool is_next(const struct stack *stack, const struct belows *belows,
		    const struct stack_pair *pair)
{
	const struct stack_pair *below;
	size_t count = stack_lowers(stack, pair->upper, &below);

	if (!is_attached(belows, pair->upper) || !is_attached(belows, pair->lower))
		return false;
	for (size_t i = 0; i < count; i++)
		if (stack_is_above(stack, below[i].lower, pair->lower) &&
		    is_attached(belows, below[i].lower))
			return false;
	return true;
}

static void print_pair(const struct stack *stack, const struct stack_pair *pair, bool first)
{
	const struct stack_iface *upper = stack_find(stack, pair->upper),
				 *lower = stack_find(stack, pair->lower);
	autofree char *up = upper ? text_escape(upper->name, strlen(upper->name)) : NULL;
	autofree char *low = lower ? text_escape(lower->name, strlen(lower->name)) : NULL;

	printf(first ? "stats: %s stands on %s" : ", %s on %s", up ? up : "?", low ? low : "?");
}

void print_stacks(const struct belows *belows)
{
	struct stack stack = {};
	size_t pairs = 0;

	if (stack_read(&stack))
		return;
	for (size_t i = 0; i < stack.pair_count; i++) {
		if (!is_next(&stack, belows, &stack.pairs[i]))
			continue;
		if (pairs < MOST_NAMED)
			print_pair(&stack, &stack.pairs[i], !pairs);
		pairs++;
	}
	if (pairs > MOST_NAMED)
		printf(" and %zu more", pairs - MOST_NAMED);
	if (pairs)
		printf(": a packet they both see counts once in conversations, and in totals at "
		       "each\n");
	stack_free(&stack);
}
