/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * front.bpf.h - ingress of devices that take VLAN tags off and tell them (Linux 6.8). Only a program that is bound to
 * its device may ask, so each has one of its own; what is behind it is the one that all share, as far as the kernel
 * lets a bound program call another (6.15).
 */
#ifndef NETCTL_FRONT_BPF_H
#define NETCTL_FRONT_BPF_H

#include "xdp.bpf.h"
#include "../bpf/jump.bpf.h"

extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *ret_protocol,
					__u16 *ret_tci) __ksym __weak;

static __always_inline __u32 ask_device(struct xdp_md *ctx)
{
	__be16 protocol;
	__u16 tci = 0;

	if (bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tci))
		return 0;
	return TAG_FOUND | tci;
}

/* Global, so that the verifier takes its answer for any. */
__noinline __u32 device_tag(struct xdp_md *ctx)
{
	return ask_device(ctx);
}

/* For the program behind. */
static __always_inline void note_tag(struct xdp_md *ctx, __u32 tag)
{
	struct tag_note *note;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*note)))
		return; /* a driver without room for metadata, which none is that tells tags */
	note = (void *)(long)ctx->data_meta;
	if ((const void *)(note + 1) > (const void *)(long)ctx->data)
		return;
	note->magic = TAG_NOTE;
	note->tag = tag;
}

/* What came with the frame, as by a redirect, is nobody's word for a tag. */
static __always_inline void spoil_note(struct xdp_md *ctx)
{
	struct tag_note *note = (void *)(long)ctx->data_meta;

	if ((const void *)(note + 1) <= (const void *)(long)ctx->data && note->magic == TAG_NOTE)
		note->magic = 0;
}

SEC("xdp.frags")
int netctl_front(struct xdp_md *ctx)
{
	__u32 tag = ask_device(ctx);

	if (tag)
		note_tag(ctx, tag);
	else
		spoil_note(ctx);
	jump(ctx);
	return XDP_PASS;
}

/* The same in one, where the kernel refuses that. */
SEC("xdp.frags")
int netctl_tagged(struct xdp_md *ctx)
{
	return frame_drops(ctx, device_tag(ctx)) ? XDP_DROP : XDP_PASS;
}

#endif
