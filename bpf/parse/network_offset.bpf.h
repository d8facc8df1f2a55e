/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * network_offset.bpf.h - where an skb's network header begins, where the kernel's own types can be read (BTF, Linux
 * 6.2); elsewhere it is taken to be the data's beginning, as it is but for GRE without a remote end.
 */
#ifndef NETCTL_NETWORK_OFFSET_BPF_H
#define NETCTL_NETWORK_OFFSET_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sk_buff {
	__u16 network_header; /* from head on */
	unsigned char *head, *data;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;

#define MAX_NETWORK_OFFSET 255 /* more than any header of a device takes */

static __always_inline __u32 network_offset(struct __sk_buff *ctx)
{
	const struct sk_buff *skb;
	__u64 offset;

	if (!bpf_cast_to_kern_ctx)
		return 0;
	skb = bpf_cast_to_kern_ctx(ctx);
	offset = (__u64)skb->head + skb->network_header - (__u64)skb->data;
	return offset <= MAX_NETWORK_OFFSET ? offset : 0;
}

#endif
