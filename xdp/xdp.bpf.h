/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp.bpf.h - ingress: the XDP programs, and their stand-ins at tcx for drivers that have no native
 * XDP. The includer has defined frame_length(): see read.bpf.h, and network_offset(): see skb.bpf.h.
 */
#ifndef NETCTL_XDP_BPF_H
#define NETCTL_XDP_BPF_H

#include "read.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline int frame_drops(struct xdp_md *ctx, __u32 tag)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = read_xdp(ctx, tag, &v.packet, &wire);

	return verdict_drops(&v, why, wire, look_xdp, ctx);
}

SEC("xdp.frags")
int netctl_xdp(struct xdp_md *ctx)
{
	return frame_drops(ctx, tag_before(ctx)) ? XDP_DROP : XDP_PASS;
}

/* Of a device without Ethernet header. */
SEC("xdp.frags")
int netctl_xdp_bare(struct xdp_md *ctx)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = read_bare_xdp(ctx, &v.packet, &wire);

	return verdict_drops(&v, why, wire, look_bare_xdp, ctx) ? XDP_DROP : XDP_PASS;
}

SEC("tcx/ingress")
int netctl_ingress(struct __sk_buff *ctx)
{
	return skb_drops(ctx, FRAMED) ? TCX_DROP : TCX_NEXT;
}

SEC("tcx/ingress")
int netctl_in_bare(struct __sk_buff *ctx)
{
	return skb_drops(ctx, BARE) ? TCX_DROP : TCX_NEXT;
}

#endif
