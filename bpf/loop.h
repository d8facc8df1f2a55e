/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loop.h - call a function for 0, 1, ... until it returns nonzero: bpf_loop() in the kernel (Linux
 * 5.17).
 */
#ifndef NETCTL_LOOP_H
#define NETCTL_LOOP_H

#ifdef __bpf__

/* A function the verifier takes by itself, once: its arguments are numbers and plain memory. */
#define VERIFIED_ALONE __attribute__((noinline))

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The verifier sees the callback a few times, not "count" times. */
static __always_inline void repeat(__u32 count, long (*step)(__u32, void *), void *ctx)
{
	bpf_loop(count, step, ctx, 0);
}

#else

#define VERIFIED_ALONE static inline

static inline void repeat(__u32 count, long (*step)(__u32, void *), void *ctx)
{
	for (__u32 i = 0; i < count && !step(i, ctx); i++)
		;
}

#endif

#endif
