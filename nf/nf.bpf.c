// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nf.bpf.c - netfilter OUTPUT: what this host itself sends, before it is routed into pieces for the
 * wire.
 */
#include "read.bpf.h"
#include "../bpf/jump.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A netfilter link cannot be given another program: so this stays, and what it jumps to can be replaced. */
SEC("netfilter")
int netctl_nf_stub(struct bpf_nf_ctx *ctx)
{
	jump(ctx);
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
