/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * jump.bpf.h - from a program that stays where it is attached to the one behind it, which can be replaced.
 */
#ifndef NETCTL_JUMP_BPF_H
#define NETCTL_JUMP_BPF_H

#include "flow/totals.bpf.h"

/* Filled before anything is attached; the kernel empties it when its last pin or descriptor goes. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} netctl_jump SEC(".maps");

/* Returns only when nothing is behind. */
static __always_inline void jump(void *ctx)
{
	struct region *region;

	bpf_tail_call(ctx, &netctl_jump, 0);
	region = region_of(bpf_get_smp_processor_id());
	if (region)
		add(&region->no_program, 1);
}

#endif
