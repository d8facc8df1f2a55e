/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* meter.h - rate limits as they cross the kernel boundary: the part of types.h about them. */
#ifndef NETCTL_METER_H
#define NETCTL_METER_H

#include <linux/types.h>

/*
 * Time is in ticks, modulo 2^64: 16 a nanosecond of CLOCK_MONOTONIC, so that a byte at 100 Gbit/s
 * is more than one.
 */
#define TICKS_NS 16

/* What a limit has a bucket for each of. */
enum meter_per {
	PER_RULE, /* one for all */
	PER_SRC,  /* source addresses, or prefixes */
	PER_DST,
	PER_FLOW, /* addresses, ports, protocol */
};

enum meter_unit {
	METER_PACKETS,
	METER_BYTES,
};

/* The rate of a limit, and whose buckets it has. */
struct meter {
	__u64 cost;   /* ticks of one packet or byte, << shift */
	__u64 burst;  /* ticks that a bucket may be ahead of the clock */
	__u32 most;   /* packets or bytes that one packet is taken for at most: sums stay small */
	__u32 beyond; /* slot that counts what is dropped */
	__u32 mask4;  /* network order: what of an address tells keys apart */
	__u8 shift;
	__u8 per;  /* enum meter_per */
	__u8 unit; /* enum meter_unit */
	__u8 once; /* 1 << enum hook_id: there what was charged below is not charged again */
	__u64 mask6[2]; /* network order */
};

_Static_assert(sizeof(struct meter) == 48, "meter has a hole");

#define MAX_BELOW 1024 /* interfaces whose packets were charged below: as many as can be attached */

/* The limits of all hooks share one table of buckets. */
struct bucket {
	__u64 key;     /* see limit_key() */
	__u64 full_at; /* ticks; in the past: it is full, and free for any key */
};

#define BUCKET_WAYS 8
#define BUCKET_BITS 59 /* of ticks, 417 days: no bucket is further ahead of the clock */

/* The first set of the table is none, but its head. */
struct bucket_set {
	union {
		struct bucket way[BUCKET_WAYS];
		__u64 full; /* packets that found all ways of their set in use */
	};
};

_Static_assert(sizeof(struct bucket_set) == 128, "bucket_set is two cache lines");

#endif
