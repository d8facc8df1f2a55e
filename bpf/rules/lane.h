/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lane.h - the classes of a flow's packets that an outcome is known for, in one word of its entry.
 *
 * The word is cut into lanes of so many bits as the ruleset's classes need (struct flow_classes'
 * bits): class c has lane c % (64 / bits), which holds c / (64 / bits) + 1 when the outcome is known
 * for it. Lanes of 1 bit are a bitmap of 64 classes; of 2 bits there is room for 96, of 4 for 240,
 * of 8 for 2040, of 16 for 262140. A class takes its lane from the one that was there, whose next
 * packet is judged anew.
 */
#ifndef NETCTL_LANE_H
#define NETCTL_LANE_H

#include <linux/types.h>

#include "../order.h"

#define LANE_MAX_BITS 16
#define LANE_CLASSES(bits) (64 / (bits) * ((1U << (bits)) - 1)) /* that have room */

/* A class as it is looked for: the shifts up and down again that leave its lane, and what is there. */
struct lane {
	__u8 up, down;
	__u16 value;
};

/* Of a ruleset that tells no packets of a flow apart: class 0 of one bit. */
#define LANE_WHOLE ((struct lane){ 63, 63, 1 })
/* In no word: one bit is never 2. */
#define LANE_NONE ((struct lane){ 63, 63, 2 })

/* LANE_NONE for a class that has no room. */
static __always_inline struct lane lane_of(__u32 class, __u32 bits)
{
	__u64 at = (__u64)class * bits, value = (at >> 6) + 1;
	__u32 down = 64 - bits;

	return value >> bits ? LANE_NONE : (struct lane){ down - (at & 63), down, value };
}

/* 0: the word has the class. */
static __always_inline __u64 lane_differs(__u64 word, struct lane lane)
{
	return (word << lane.up >> lane.down) ^ lane.value;
}

static __always_inline __u64 lane_add(__u64 word, struct lane lane)
{
	if (lane.value >> (64 - lane.down))
		return word; /* LANE_NONE */
	return word ^ lane_differs(word, lane) << (lane.down - lane.up);
}

#endif
