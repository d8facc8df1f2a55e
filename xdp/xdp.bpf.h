/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp.bpf.h - ingress: the XDP program, and its stand-in at tcx for drivers that have no native
 * XDP. The includer has defined frame_length(): see read.bpf.h.
 */
#ifndef NETCTL_XDP_BPF_H
#define NETCTL_XDP_BPF_H

#include "read.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("xdp.frags")
int netctl_xdp(struct xdp_md *ctx)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = read_xdp(ctx, &v.packet, &wire);

	return verdict_drops(&v, why, wire, look_xdp, ctx) ? XDP_DROP : XDP_PASS;
}

SEC("tcx/ingress")
int netctl_ingress(struct __sk_buff *ctx)
{
	return skb_drops(ctx) ? TCX_DROP : TCX_NEXT;
}

#endif
