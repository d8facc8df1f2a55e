/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* boottime.c - the time that timed rules end by, as the machine has it or as it is held. */
#include <stdint.h>
#include <time.h>

#include "util.h"
#include "../../bpf/boottime.h"

static __u32 held;

__u32 boottime_seconds(void)
{
	struct timespec t;

	if (held)
		return held;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

__u32 boottime_until(__u32 seconds)
{
	__u32 now = boottime_seconds();

	return seconds < UINT32_MAX - now ? now + seconds + 1 : UINT32_MAX;
}

__u32 boottime_left(__u32 until)
{
	__u32 now = boottime_seconds();

	return now < until ? MAX(until - now, 2) - 1 : 0;
}

__u32 boottime_seconds_hold(__u32 now)
{
	__u32 before = held;

	held = now;
	return before;
}
