/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * read.bpf.h - a frame at XDP. The includer has defined frame_length(): the bytes of an XDP frame, fragments included.
 */
#ifndef NETCTL_READ_BPF_H
#define NETCTL_READ_BPF_H

#include "../bpf/parse/cursor_ctx.bpf.h"
#define COUNT_ATOMIC 0 /* receiving runs in softirq */
#define COUNT_HOOK HOOK_XDP
#include "../bpf/parse/parse.h"
#include "../bpf/parse/skb.bpf.h"
#include "tag.bpf.h"

/*
 * By itself, for the stack: what comes after it takes the cursor's place. tag: what the device took off, TAG_FOUND
 * and the rest, or 0.
 */
static __always_inline enum reason read_xdp(struct xdp_md *ctx, __u32 tag, struct packet *p,
					    struct wire *ret)
{
	__u32 tags = tag / TAG_FOUND;
	struct cursor c;

	cursor_xdp(&c, ctx, frame_length(ctx));
	p->id.ifindex = ctx->ingress_ifindex;
	add_tag(p, 0, tag & 0xfff);
	*ret = wire_of(c.length + tags * TAG_BYTES, 1, 0);
	return parse_frame(&c, tags, p);
}

/* Of a device without Ethernet header. */
static __always_inline enum reason read_bare_xdp(struct xdp_md *ctx, struct packet *p,
						 struct wire *ret)
{
	struct cursor c;

	cursor_xdp(&c, ctx, frame_length(ctx));
	p->id.ifindex = ctx->ingress_ifindex;
	p->bare = 1;
	*ret = wire_of(c.length, 1, 0);
	return parse_bare(&c, p);
}

/* Numbers of a frame: see enum packet_number. */
static __always_inline void look_xdp(void *ctx, struct envelope *ret)
{
	const struct xdp_md *xdp = ctx;
	const struct eth_header *eth = (const void *)(long)xdp->data;
	struct eth_header copy;

	if ((const void *)(eth + 1) <= (const void *)(long)xdp->data_end)
		look_ether(eth, ret);
	else if (!bpf_xdp_load_bytes(ctx, 0, &copy, sizeof(copy)))
		look_ether(&copy, ret);
}

/* Without Ethernet header there are none. */
static __always_inline void look_bare_xdp(void *ctx, struct envelope *ret)
{
}

#endif
