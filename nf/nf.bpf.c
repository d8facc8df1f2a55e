// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nf.bpf.c - netfilter OUTPUT: what this host itself sends, before it is routed into pieces for the
 * wire.
 */
#include "read.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * A netfilter link cannot be given another program. So the stub is attached for good, and what it
 * jumps to can be replaced. The array is filled before the stub is attached; the kernel empties it
 * when its last pin or descriptor goes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} netctl_jump SEC(".maps");

SEC("netfilter")
int netctl_nf_stub(struct bpf_nf_ctx *ctx)
{
	struct region *region;

	bpf_tail_call(ctx, &netctl_jump, 0);
	region = region_of(bpf_get_smp_processor_id());
	if (region)
		add(&region->no_program, 1);
	return NF_ACCEPT;
}

SEC("netfilter")
int netctl_nf(struct bpf_nf_ctx *ctx)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = read_output(ctx, &v.packet, &wire);

	return verdict_drops(&v, why, wire, look_output, ctx) ? NF_DROP : NF_ACCEPT;
}
