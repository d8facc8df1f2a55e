// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc.bpf.c - egress of an interface: the tcx (or clsact) program. */
#include "read.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tcx/egress")
int netctl_tc(struct __sk_buff *ctx)
{
	return skb_drops(ctx) ? TCX_DROP : TCX_NEXT;
}
