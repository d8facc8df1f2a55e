/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* read.bpf.h - a packet at netfilter OUTPUT, and what can be answered there. */
#ifndef NETCTL_READ_BPF_H
#define NETCTL_READ_BPF_H

#include "cursor_nf.bpf.h"
#define COUNT_ATOMIC 1 /* a softirq or another sender may come between any two instructions */
#define COUNT_HOOK HOOK_NF
#include "../bpf/parse/parse.h"
#include "../bpf/verdict.bpf.h"

#define NF_DROP 0
#define NF_ACCEPT 1
#define NFPROTO_IPV4 2

/* By itself, for the stack: what comes after it takes the cursor's place. */
static __always_inline enum reason read_output(struct bpf_nf_ctx *ctx, struct packet *p,
					       struct wire *ret)
{
	__u16 type = ctx->state->pf == NFPROTO_IPV4 ? net16(ETH_P_IP) : net16(ETH_P_IPV6);
	struct cursor c;
	enum reason why;

	cursor_nf(&c, ctx->skb);
	p->id.ifindex = ctx->state->out->ifindex;
	p->gso_size = c.gso_size;
	why = parse_network(&c, 0, type, p);
	*ret = wire_of(c.length, c.gso_size ? c.segments : 1, p->header);
	return why;
}

/* Numbers of a packet: see enum packet_number. It has no Ethernet header yet. */
static __always_inline void look_output(void *ctx, struct envelope *ret)
{
	ret->number[NUMBER_MARK] = ((struct bpf_nf_ctx *)ctx)->skb->mark;
}

#endif
