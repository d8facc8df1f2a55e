/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cursor_ctx.bpf.h - bytes of a frame at the hooks that see it from its Ethernet header on, XDP and
 * tcx: direct access, and one copy a header for what lies outside the linear part.
 */
#ifndef NETCTL_CURSOR_BPF_H
#define NETCTL_CURSOR_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../order.h"
#include "../types.h"

struct cursor {
	void *ctx;
	const char *data, *data_end;
	/*
	 * A constant once inlined: the other kind's helper is never in the program. Written after
	 * its neighbour, or Linux 6.1 does not know it.
	 */
	int skb;
	__u32 length;
	__u64 buf[5]; /* room for one header; a program has 512 bytes of stack in all */
};

#define CURSOR_LIMIT 0x3fff /* direct access needs a bound the verifier can add to */

/* length: of the frame, fragments included */
static __always_inline void cursor_xdp(struct cursor *c, struct xdp_md *ctx, __u32 length)
{
	c->ctx = ctx;
	c->data = (const char *)(long)ctx->data;
	c->data_end = (const char *)(long)ctx->data_end;
	*(volatile __u32 *)&c->length = length;
	*(volatile int *)&c->skb = 0;
}

static __always_inline void cursor_skb(struct cursor *c, struct __sk_buff *ctx)
{
	c->ctx = ctx;
	c->data = (const char *)(long)ctx->data;
	c->data_end = (const char *)(long)ctx->data_end;
	*(volatile __u32 *)&c->length = ctx->len;
	*(volatile int *)&c->skb = 1;
}

/* The linear part of an skb may hold no more than its headers: never ask for more than is due. */
static __always_inline const void *cursor_pull(struct cursor *c, __u32 off, __u32 size)
{
	long r;

	if (off <= CURSOR_LIMIT && c->data + off + size <= c->data_end)
		return c->data + off;
	if (c->skb)
		r = bpf_skb_load_bytes(c->ctx, off, c->buf, size);
	else
		r = bpf_xdp_load_bytes(c->ctx, off, c->buf, size);
	return r ? NULL : c->buf;
}

#endif
