/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* class_types.h - what rules can tell apart among packets of one flow key: part of blob.h, which includes it. */
#ifndef NETCTL_CLASS_TYPES_H
#define NETCTL_CLASS_TYPES_H

#include "lane.h"

/*
 * What rules look at beyond the flow key, so that packets of one flow may differ in it; beside these
 * TCP flags and the length. X(id).
 *
 * Bytes are compared as ranges.
 */
#define BYTE_FIELDS(X) \
	X(DSCP)        \
	X(TTL) /* IPv6: hop limit */

enum packet_byte {
#define X(id) BYTE_##id,
	BYTE_FIELDS(X)
#undef X
		BYTE_COUNT,
};

/* Numbers too wide for that are compared by class: see struct number_classes. */
#define NUMBER_FIELDS(X) \
	X(ETHER_SRC)     \
	X(ETHER_DST)     \
	X(MARK)

enum packet_number {
#define X(id) NUMBER_##id,
	NUMBER_FIELDS(X)
#undef X
		NUMBER_COUNT,
};

/* The numbers, which are not in the packet: they are read when a rule asks for one. */
struct envelope {
	__u64 number[NUMBER_COUNT];
};

/*
 * The class of a number: numbers between which no match of a rule distinguishes are of one class, 0
 * if no match is about it. Each mask that rules use is a step, from state 0 on:
 *
 *	state = next[state << log2 | how many of the bounds are at most (number & mask)]
 *
 * until it has NEXT_CLASS, and the rest of it is the class. Bounds are sorted, 2^log2 - 1 of them,
 * those unused INT64_MAX, in one part. "bounds" and "next" are offsets in bytes from the first part
 * on.
 */
#define MAX_MASKS 16
#define BOUNDS_HERE 31 /* of a number with one mask, that stand in struct number_classes itself */
#define FEW_BOUNDS 3   /* that are all compared at once */
#define MAX_NUMBER_CLASSES 65536
#define NEXT_CLASS (1U << 31)

struct class_step {
	__u64 mask;
	__u32 bounds; /* of __u64 */
	__u32 log2;
	__u32 next; /* of __u32 */
	__u32 pad;
};

struct number_classes {
	__u64 weight; /* of its class in that of the packet */
	__u64 mask;   /* and what follows, if the bounds are here, as in a step */
	__u32 bounds; /* how many; more than BOUNDS_HERE: in the parts */
	__u32 steps;
	__u64 bound[BOUNDS_HERE];
	__u16 class[BOUNDS_HERE + 1];
	struct class_step step[MAX_MASKS];
};

/*
 * The class of a packet among those of its flow key: the verdict of rules is a function of both. It
 * is the sum of what its flags, bytes, numbers and length add. What no rule asks for adds nothing.
 */
#define NUMBER_LENGTH NUMBER_COUNT /* in number[] below alone: boxes compare it as it is */

struct flow_classes {
	__u32 bits; /* of a lane for every class there is; 0: there is but one */
	__u32 numbers[HOOKS]; /* 1 << enum packet_number, or NUMBER_LENGTH: of those that add */
	struct lane whole; /* LANE_WHOLE and 0, but not to the verifier: to it all ways are one */
	__u32 pad;
	__u64 zero;
	__u32 flags[256];
	__u32 byte[BYTE_COUNT][256];
	struct number_classes number[NUMBER_COUNT + 1];
};

#define NO_CLASS 0xffffffff /* of packets that differ in more than there is room for */

#endif
