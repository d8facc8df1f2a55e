/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cursor_nf.bpf.h - bytes of an skb at netfilter, from its IP header on: reads of the linear part
 * through bpf_rdonly_cast (6 ns a packet where two dynptr slices cost 43), a dynptr for what lies
 * outside.
 */
#ifndef NETCTL_CURSOR_BPF_H
#define NETCTL_CURSOR_BPF_H

#include "kernel.bpf.h"
#include "../bpf/order.h"
#include "../bpf/types.h"

struct cursor {
	struct sk_buff *skb;
	const char *data;
	__u32 linear;
	__u32 length;
	__u32 gso_size;
	__u32 segments;
	__u64 buf[5]; /* room for one header */
};

static __always_inline void cursor_nf(struct cursor *c, struct sk_buff *skb)
{
	const struct skb_shared_info *shared;

	c->skb = skb;
	c->data = (const char *)skb->data;
	c->length = skb->len;
	c->linear = c->length - skb->data_len;
	shared = bpf_rdonly_cast(skb->head + skb->end,
				 bpf_core_type_id_kernel(struct skb_shared_info));
	c->gso_size = shared->gso_size;
	c->segments = shared->gso_segs;
}

/*
 * The one place that reads foreign memory: past the linear part it would not fault but return
 * others' bytes.
 */
static __always_inline void copy_linear(struct cursor *c, __u32 off, __u32 size)
{
	const struct in6_addr *at;

	for (__u32 i = 0; i < sizeof(c->buf) / 8; i++) {
		if (i * 8 >= size)
			break;
		at = bpf_rdonly_cast(c->data + off + i * 8,
				     bpf_core_type_id_kernel(struct in6_addr));
		if (size - i * 8 >= 8)
			c->buf[i] = *(const __u64 *)at;
		else
			*(__u32 *)&c->buf[i] = *(const __u32 *)at;
	}
}

static __noinline int copy_outside(struct cursor *c, __u32 off, __u32 size)
{
	struct bpf_dynptr all;
	const __u64 *at;
	__u64 last = 0;

	if (off > c->length || size > c->length - off)
		return -1;
	if (bpf_dynptr_from_skb((struct __sk_buff *)c->skb, 0, &all))
		return -1;
	for (__u32 i = 0; i < sizeof(c->buf) / 8 && i * 8 < size; i++) {
		/* Headers are multiples of 4 bytes. */
		at = i * 8 + 8 <= size ? bpf_dynptr_slice(&all, off + i * 8, &last, 8)
				       : bpf_dynptr_slice(&all, off + i * 8, &last, 4);
		if (!at)
			return -1;
		c->buf[i] = i * 8 + 8 <= size ? *at : *(const __u32 *)at;
	}
	return 0;
}

static __always_inline const void *cursor_pull(struct cursor *c, __u32 off, __u32 size)
{
	if (off <= c->linear && size <= c->linear - off)
		copy_linear(c, off, size);
	else if (copy_outside(c, off, size))
		return NULL;
	return c->buf;
}

#endif
