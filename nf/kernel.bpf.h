/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.bpf.h - the little of the kernel's own types the netfilter program reads. Offsets are
 * settled by CO-RE when it is loaded, so only the names and types of the fields matter here.
 */
#ifndef NETCTL_KERNEL_BPF_H
#define NETCTL_KERNEL_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net_device {
	int ifindex;
};

struct nf_hook_state {
	__u8 pf;
	struct net_device *out;
};

struct sk_buff {
	unsigned int len, data_len; /* data_len: the bytes outside the linear part */
	unsigned int mark;
	unsigned int end;	    /* offset from head (64-bit kernels) */
	unsigned char *head, *data;
};

struct skb_shared_info {
	unsigned short gso_size, gso_segs;
};

struct bpf_nf_ctx {
	const struct nf_hook_state *state;
	struct sk_buff *skb;
};

/* Sixteen plain bytes: the verifier allows reads of any size within an array of integers. */
struct in6_addr {
	__u64 words[2];
};

#pragma clang attribute pop

/* Linux 6.2 and 6.4. */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;
extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 off, void *buf,
			      __u32 size) __ksym;

#endif
