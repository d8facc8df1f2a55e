/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tc.bpf.h - egress of an interface: the tcx (or clsact) programs. The includer has defined network_offset(): see
 * skb.bpf.h.
 */
#ifndef NETCTL_TC_BPF_H
#define NETCTL_TC_BPF_H

#include "read.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tcx/egress")
int netctl_tc(struct __sk_buff *ctx)
{
	return skb_drops(ctx, FRAMED) ? TCX_DROP : TCX_NEXT;
}

/* Of a device without Ethernet header. */
SEC("tcx/egress")
int netctl_tc_bare(struct __sk_buff *ctx)
{
	return skb_drops(ctx, BARE) ? TCX_DROP : TCX_NEXT;
}

#endif
