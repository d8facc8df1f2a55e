/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* clock.h - jiffies, the packet path's clock, measured once and turned into times of day. */
#ifndef NETCTL_CLOCK_H
#define NETCTL_CLOCK_H

#include "util.h"

/* The kernel advances jiffies by CLOCK_MONOTONIC, so this pair holds until the next boot. */
struct clock {
	uint64_t tick_ns;	  /* length of a jiffy */
	uint64_t jiffies_at_zero; /* jiffies64 when CLOCK_MONOTONIC was 0, modulo 2^64 */
};

/* An instant: what many jiffies values are converted against. */
struct instant {
	uint64_t tick_ns;
	uint64_t jiffies;  /* jiffies64 now: what bpf_jiffies64() returns */
	uint64_t realtime; /* CLOCK_REALTIME now, nanoseconds */
	uint64_t start;	   /* CLOCK_REALTIME when CLOCK_MONOTONIC was 0, to the millisecond */
	uint64_t offset;   /* the same of jiffies64, modulo 2^64 */
};

/* Asks the kernel by running a two-instruction program: needs the right to load one. */
int clock_measure(struct clock *ret, struct fault *fault);

/* Takes no privilege: "clock" comes from the pinned meta map. */
void clock_now(const struct clock *clock, struct instant *ret);

/*
 * CLOCK_REALTIME in nanoseconds of jiffies64, and of nanoseconds of CLOCK_MONOTONIC (bpf_ktime_get_ns()), modulo
 * 2^64 for times before its 0: right for years. The same gives the same; what would be after "now" is "now".
 */
uint64_t clock_realtime_jiffies(const struct instant *now, uint64_t jiffies);
uint64_t clock_realtime_monotonic(const struct instant *now, uint64_t ns);

#endif
