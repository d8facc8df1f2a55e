// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* push_tag.bpf.c - puts VLAN 5 on every IPv4 frame that leaves, as metadata that the device at the other end takes off. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tcx/egress")
int push_tag(struct __sk_buff *ctx)
{
	if (ctx->protocol == bpf_htons(ETH_P_IP))
		bpf_skb_vlan_push(ctx, bpf_htons(ETH_P_8021Q), 5);
	return TCX_PASS;
}
