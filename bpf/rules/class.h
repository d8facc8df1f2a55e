/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * class.h - the class of a packet, see struct flow_classes; compiles as BPF and natively. The
 * includer has included parts.bpf.h or parts_native.h first.
 */
#ifndef NETCTL_CLASS_H
#define NETCTL_CLASS_H

#include "../lookup/lookup_node.h"

/* The half that a step of a search goes on by; settled, or clang makes a branch of it. */
static __always_inline __u64 half_of(__u64 half, __u64 x, __u64 bound)
{
	__u64 mask = is_less(x, bound) - 1;

	settle(mask);
	return half & mask;
}

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
		at += half_of(half, x, *bound);
		settle(at);
	}
	return at;
}

/* One step of a search among the bounds that are here. */
static __always_inline __u64 here_step(const struct number_classes *n, __u64 at, __u64 half,
				       __u64 x)
{
	at += half_of(half, x, n->bound[(at + half - 1) & BOUNDS_HERE]);
	settle(at);
	return at;
}

/* By five steps, no call. */
static __always_inline __u64 class_here(const struct number_classes *n, __u64 x)
{
	__u64 at = 0;

	at = here_step(n, at, 16, x);
	at = here_step(n, at, 8, x);
	at = here_step(n, at, 4, x);
	at = here_step(n, at, 2, x);
	at = here_step(n, at, 1, x);
	return n->class[at & BOUNDS_HERE];
}

/* The class of a number, wherever its bounds are. */
VERIFIED_ALONE __u32 number_class(const struct number_classes *n, parts_ref parts, __u64 x)
{
	__u64 state = 0;

	if (!n)
		return 0;
	if (n->bounds <= BOUNDS_HERE)
		return class_here(n, x & n->mask);
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

/* By three comparisons that wait for nothing: a rule that names one value. */
static __always_inline __u64 class_of_few(const struct number_classes *n, __u64 x)
{
	__u64 above = is_less(x, n->bound[0]) + is_less(x, n->bound[1]) + is_less(x, n->bound[2]);

	above = FEW_BOUNDS - above;
	settle(above); /* the bound that follows is the verifier's */
	return n->class[above & FEW_BOUNDS];
}

/* The class of a number. Most rulesets have few bounds, and a call costs as much as a search. */
static __always_inline __u64 class_of_number(const struct number_classes *n, parts_ref parts,
					     __u64 x)
{
	return n->bounds <= FEW_BOUNDS ? class_of_few(n, x & n->mask) : number_class(n, parts, x);
}

/* The class of number i, x; 0 where it adds nothing. */
static __always_inline __u64 class_if_asked(const struct flow_classes *c, parts_ref parts,
					    enum hook_id hook, __u32 i, __u64 x)
{
	__u64 class = c->zero;

	if (c->numbers[hook] >> i & 1)
		class = class_of_number(&c->number[i], parts, x);
	class &= MAX_NUMBER_CLASSES - 1;
	settle(class);
	return class;
}

/* The class of a packet; *ret_numbers: those of its numbers, 16 bits each. */
static __always_inline __u32 packet_class(const struct flow_classes *c, parts_ref parts,
					  const struct packet *p, const struct envelope *e,
					  enum hook_id hook, __u64 *ret_numbers)
{
	__u64 length = p->length > 65535 ? 65535 : p->length;
	__u64 sum = c->flags[p->tcp_flags], class;

	*ret_numbers = c->zero;
	for (int i = 0; i < BYTE_COUNT; i++)
		sum += c->byte[i][p->byte[i]];
	if (c->numbers[hook]) {
		class = class_if_asked(c, parts, hook, NUMBER_LENGTH, length);
		sum += class * c->number[NUMBER_LENGTH].weight;
		ROLLED for (__u32 i = 0; i < NUMBER_COUNT; i++)
		{
			settle(i); /* or clang makes a loop of it that Linux 6.1 refuses */
			class = class_if_asked(c, parts, hook, i, e->number[i]);
			sum += class * c->number[i].weight;
			*ret_numbers += class << 16 * i;
		}
	}
	return sum < NO_CLASS ? sum : NO_CLASS;
}

#define NUMBER_CLASS(numbers, i) ((numbers) >> 16 * (i) & 0xffff)

#endif
