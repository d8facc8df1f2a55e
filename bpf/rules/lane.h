/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lane.h - the classes of a flow's packets that an outcome is known for, in one word of its entry.
 *
 * The word is cut into lanes of so many bits as the ruleset's classes need (struct blob's
 * class_bits): class c has lane c % (64 / bits), which holds c / (64 / bits) + 1 when the outcome
 * is known for it. Lanes of 1 bit are a bitmap of 64 classes; of 2 bits there is room for 96, of 4
 * for 240, of 8 for 2040, of 16 for 262140. A class takes its lane from the one that was there,
 * whose next packet is judged anew.
 */
#ifndef NETCTL_LANE_H
#define NETCTL_LANE_H

#include <linux/types.h>

#include "../order.h"

#define LANE_MAX_BITS 16
#define LANE_CLASSES(bits) (64 / (bits) * ((1U << (bits)) - 1)) /* that have room */

/*
 * A class as it is looked for: what its lane holds, and the shifts up and down again that leave
 * nothing but the lane.
 */
#define LANE(value, down, up) ((__u32)(value) << 16 | (down) << 8 | (up))
#define LANE_VALUE(lane) ((lane) >> 16)
#define LANE_DOWN(lane) ((lane) >> 8 & 63)
#define LANE_UP(lane) ((lane)&63)

#define LANE_WHOLE LANE(1, 63, 63) /* the rules tell no packets of a flow apart: class 0 of one bit */
#define LANE_NONE LANE(2, 63, 63)  /* in no word: one bit is never 2 */

/* LANE_NONE for a class that has no room. */
static __always_inline __u32 lane_of(__u32 class, __u32 bits)
{
	__u32 at = class * bits, value = (at >> 6) + 1, down = 64 - bits;

	return value >> bits ? LANE_NONE : LANE(value, down, down - (at & 63));
}

/* 0: the word has the class. */
static __always_inline __u64 lane_differs(__u64 word, __u32 lane)
{
	return (word << LANE_UP(lane) >> LANE_DOWN(lane)) ^ LANE_VALUE(lane);
}

static __always_inline __u64 lane_add(__u64 word, __u32 lane)
{
	if (lane == LANE_NONE)
		return word;
	return word ^ lane_differs(word, lane) << (LANE_DOWN(lane) - LANE_UP(lane));
}

#endif
