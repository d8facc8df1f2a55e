/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* boottime.h - seconds of CLOCK_BOOTTIME, which timed rules and elements end by. */
#ifndef NETCTL_BOOTTIME_H
#define NETCTL_BOOTTIME_H

#ifdef __bpf__

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static inline __u32 boottime_seconds(void)
{
	return bpf_ktime_get_boot_ns() / 1000000000;
}

#else

#include <linux/types.h>

__u32 boottime_seconds(void);

/*
 * The first second at which what is to last that many seconds more (not 0) is over. Whole seconds
 * are compared, so one more: nothing ends before its time.
 */
__u32 boottime_until(__u32 seconds);
/* Seconds till then, as boottime_until() was given them; 0: it is over. */
__u32 boottime_left(__u32 until);

/*
 * From here on it is that late, so that two judges mean the same moment; 0: time goes on. What was
 * held before, or 0.
 */
__u32 boottime_seconds_hold(__u32 now);

#endif

#endif
