// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc.bpf.c - egress of an interface: the tcx (or clsact) program. */
#include "../bpf/cursor_ctx.bpf.h"
#define COUNT_ATOMIC 0 /* the transmit path runs with softirqs off */
#define COUNT_HOOK HOOK_TC
#include "../bpf/parse.h"
#include "../bpf/skb.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tcx/egress")
int netctl_tc(struct __sk_buff *ctx)
{
	return skb_drops(ctx, HOOK_TC) ? TCX_DROP : TCX_NEXT;
}
