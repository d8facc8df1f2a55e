/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * class.h - the class of a packet, see struct flow_classes; compiles as BPF and natively. The
 * includer has included parts.bpf.h or parts_native.h first.
 */
#ifndef NETCTL_CLASS_H
#define NETCTL_CLASS_H

#include "../lookup/lookup_node.h"

/* How many of the step's bounds are at most x. */
VERIFIED_ALONE __u64 bounds_below(const struct class_step *step, parts_ref parts, __u64 x)
{
	const char *part;
	__u64 at = 0, half;

	if (!step)
		return 0;
	part = part_at(parts, step->bounds / PART_SIZE);
	if (!part)
		return 0;
	settle(part); /* nothing is added to what may be NULL */
	half = 1ULL << (step->log2 & 31);
	ROLLED for (int i = 0; i < SEARCH_STEPS; i++)
	{
		const __u64 *bound;

		half >>= 1;
		settle(half);
		if (!half)
			break;
		bound = (const void *)(part + ((step->bounds + (at + half - 1) * sizeof(*bound)) &
					       (PART_SIZE - sizeof(*bound))));
		at += half & (is_less(x, *bound) - 1);
		settle(at);
	}
	return at;
}

/* The class of a number. */
VERIFIED_ALONE __u32 number_class(const struct number_classes *n, parts_ref parts, __u64 x)
{
	__u64 state = 0;

	if (!n)
		return 0;
	ROLLED for (__u32 i = 0; i < MAX_MASKS; i++)
	{
		const struct class_step *step = &n->step[i];
		const __u32 *next;

		if (i >= n->steps || state & NEXT_CLASS)
			break;
		state = (state << (step->log2 & 31)) + bounds_below(step, parts, x & step->mask);
		next = place_at(parts, step->next + state * sizeof(*next), sizeof(*next));
		if (!next)
			break;
		state = *next;
	}
	return state & (MAX_NUMBER_CLASSES - 1);
}

/* What the numbers and the length add; each number's class takes the number's place. */
VERIFIED_ALONE __u64 class_of_numbers(const struct flow_classes *c, parts_ref parts, __u32 length,
				      struct envelope *e)
{
	__u64 sum = 0, class;

	if (!c || !e)
		return 0;
	if (length > 65535)
		length = 65535;
	for (__u32 i = 0; i < NUMBER_COUNT; i++) {
		class = 0;
		if (c->numbers >> i & 1)
			class = number_class(&c->number[i], parts, e->number[i]);
		e->number[i] = class;
		sum += class * c->number[i].weight;
	}
	if (c->numbers >> NUMBER_LENGTH & 1)
		sum += number_class(&c->number[NUMBER_LENGTH], parts, length) *
		       c->number[NUMBER_LENGTH].weight;
	return sum;
}

/* The class of a packet. If rules ask for numbers, each one's class takes its place. */
static __always_inline __u32 packet_class(const struct flow_classes *c, parts_ref parts,
					  const struct packet *p, struct envelope *e)
{
	__u64 sum = c->flags[p->tcp_flags];

	for (int i = 0; i < BYTE_COUNT; i++)
		sum += c->byte[i][p->byte[i]];
	if (c->numbers)
		sum += class_of_numbers(c, parts, p->length, e);
	return sum < NO_CLASS ? sum : NO_CLASS;
}

#endif
