/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack.c - which interface stands on which, of what each says of itself; asks nobody. */
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "addr.h"
#include "array.h"
#include "stack.h"

/* The kernel nests 8 deep (MAX_NEST_DEV). Read while it changes, there may even be a ring. */
#define DEEPEST 16

void stack_free(struct stack *stack)
{
	free(stack->ifaces);
	free(stack->pairs);
	*stack = (struct stack){};
}

int stack_add(struct stack *stack, const struct stack_iface *iface)
{
	int r = array_grow(stack->ifaces, stack->count);

	if (!r)
		stack->ifaces[stack->count++] = *iface;
	return r;
}

static int compare_iface(const void *a, const void *b)
{
	return COMPARE(((const struct stack_iface *)a)->index,
		       ((const struct stack_iface *)b)->index);
}

/* Of two that name the same, the direct one first. */
static int compare_pair(const void *pa, const void *pb)
{
	const struct stack_pair *a = pa, *b = pb;

	return COMPARE(a->upper, b->upper) ?: COMPARE(a->lower, b->lower) ?: COMPARE(b->direct, a->direct);
}

static int add_pair(struct stack *stack, uint32_t upper, uint32_t lower, bool direct)
{
	int r;

	if (!upper || !lower || upper == lower)
		return 0;
	r = array_grow(stack->pairs, stack->pair_count);
	if (!r)
		stack->pairs[stack->pair_count++] = (struct stack_pair){ upper, lower, direct };
	return r;
}

static void sort_pairs(struct stack *stack)
{
	size_t kept = 0;

	if (stack->pair_count)
		qsort(stack->pairs, stack->pair_count, sizeof(*stack->pairs), compare_pair);
	for (size_t i = 0; i < stack->pair_count; i++) {
		const struct stack_pair *p = &stack->pairs[i],
					*last = kept ? &stack->pairs[kept - 1] : NULL;

		if (!last || last->upper != p->upper || last->lower != p->lower)
			stack->pairs[kept++] = *p;
	}
	stack->pair_count = kept;
}

size_t stack_lowers(const struct stack *stack, uint32_t index, const struct stack_pair **ret)
{
	size_t low = 0, high = stack->pair_count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stack->pairs[middle].upper < index)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = stack->pairs + low;
	for (end = low; end < stack->pair_count && stack->pairs[end].upper == index; end++)
		;
	return end - low;
}

/* What stands on something directly stands on all that this stands on so far. */
static int deepen(struct stack *stack)
{
	const size_t count = stack->pair_count;

	for (size_t i = 0; i < count; i++) {
		/* Copied: the array moves as it grows, and what is added lies beyond what is known. */
		const struct stack_pair pair = stack->pairs[i];
		const struct stack known = { .pairs = stack->pairs, .pair_count = count };
		const struct stack_pair *below;
		size_t n = pair.direct ? stack_lowers(&known, pair.lower, &below) : 0;
		size_t first = n ? (size_t)(below - known.pairs) : 0;

		for (size_t j = first; j < first + n; j++) {
			int r = add_pair(stack, pair.upper, stack->pairs[j].lower, false);

			if (r)
				return r;
		}
	}
	sort_pairs(stack);
	return 0;
}

int stack_finish(struct stack *stack)
{
	size_t before = 0;
	int r = 0;

	if (stack->count)
		qsort(stack->ifaces, stack->count, sizeof(*stack->ifaces), compare_iface);
	for (size_t i = 0; i < stack->count && !r; i++) {
		const struct stack_iface *iface = &stack->ifaces[i];

		r = add_pair(stack, iface->master, iface->index, true)
			    ?: add_pair(stack, iface->index, iface->lower, true);
	}
	if (!r)
		sort_pairs(stack);
	for (int depth = 0; depth < DEEPEST && !r && before != stack->pair_count; depth++) {
		before = stack->pair_count;
		r = deepen(stack);
	}
	return r;
}

const struct stack_iface *stack_find(const struct stack *stack, uint32_t index)
{
	const struct stack_iface key = { .index = index };

	return stack->count ? bsearch(&key, stack->ifaces, stack->count, sizeof(key), compare_iface)
			    : NULL;
}

bool stack_is_above(const struct stack *stack, uint32_t upper, uint32_t lower)
{
	const struct stack_pair *pairs;
	size_t low = 0, high = stack_lowers(stack, upper, &pairs);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pairs[middle].lower == lower)
			return upper != lower;
		if (pairs[middle].lower < lower)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool stack_is_alone(const struct stack *stack, uint32_t index)
{
	for (size_t i = 0; i < stack->pair_count; i++)
		if (stack->pairs[i].upper == index || stack->pairs[i].lower == index)
			return false;
	return true;
}

bool stack_is_wire(const struct stack *stack, uint32_t from, uint32_t to)
{
	const struct stack_iface *iface = stack_find(stack, from);

	return iface && (from == to ? iface->loopback : iface->peer == to);
}

static bool is_any(const struct addr6 *a)
{
	return !a->hi && !a->lo;
}

static bool is_multicast(uint8_t family, const struct addr6 *a)
{
	return family == 6 ? a->hi >> 56 == 0xff : a->lo >> 28 == 0xe;
}

static bool ports_fit(const struct tunnel *t, const struct outer *o)
{
	if (o->protocol != IPPROTO_UDP)
		return true;
	/* To its port in either direction: what is answered comes from a port of the sender's choice. */
	return o->local_port == t->port || (!t->own_port && o->peer_port == t->port);
}

/* By its link, or by what is below that or above. */
static bool link_fits(const struct stack *stack, const struct tunnel *t, const struct outer *o)
{
	return !t->link || t->link == o->ifindex || stack_is_above(stack, t->link, o->ifindex) ||
	       stack_is_above(stack, o->ifindex, t->link);
}

unsigned int stack_carries(const struct stack *stack, uint32_t tunnel, const struct outer *outer)
{
	const struct stack_iface *iface = stack_find(stack, tunnel);
	const struct tunnel *t = iface ? &iface->tunnel : NULL;
	bool local, remote;

	if (!t || !t->protocols[0] || !outer->protocol || !outer->family ||
	    (outer->protocol != t->protocols[0] && outer->protocol != t->protocols[1]) ||
	    (t->family && t->family != outer->family) || !ports_fit(t, outer) ||
	    !link_fits(stack, t, outer))
		return 0;
	local = !is_any(&t->local);
	/* To a group they go, but come from its members. */
	remote = !is_any(&t->remote) && !is_multicast(t->family, &t->remote);
	if ((local && addr_compare(&t->local, &outer->local) &&
	     !is_multicast(outer->family, &outer->local)) ||
	    (remote && addr_compare(&t->remote, &outer->peer)))
		return 0;
	return 1 + local + 2 * remote + (t->link != 0);
}
