// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_nf.bpf.c - OUTPUT for "make bench": nothing, the parser alone, and nf.bpf.c with a new flow a packet. */
#include "../../nf/cursor_nf.bpf.h"
#define COUNT_ATOMIC 1
#define COUNT_HOOK HOOK_NF
#include "../../bpf/parse.h"
#include "../../bpf/verdict.bpf.h"
#include "bench.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NF_DROP 0
#define NF_ACCEPT 1
#define NFPROTO_IPV4 2

/* As nf.bpf.c does it: what comes after the cursor takes its place on the stack. */
static __always_inline enum reason read_output(struct bpf_nf_ctx *ctx, struct packet *p, struct wire *ret)
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

SEC("netfilter")
int bench_bare(struct bpf_nf_ctx *ctx)
{
	return NF_ACCEPT;
}

SEC("netfilter")
int bench_parse(struct bpf_nf_ctx *ctx)
{
	struct packet p = {};
	struct wire wire;

	use_packet(&p, read_output(ctx, &p, &wire));
	return NF_ACCEPT;
}

SEC("netfilter")
int bench_new(struct bpf_nf_ctx *ctx)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = read_output(ctx, &v.packet, &wire);

	next_flow(&v.packet);
	return verdict_drops(&v, why, wire, HOOK_NF) ? NF_DROP : NF_ACCEPT;
}
