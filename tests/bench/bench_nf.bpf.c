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

static __always_inline enum reason parse_output(struct bpf_nf_ctx *ctx, struct cursor *c, struct packet *p)
{
	__u16 type = ctx->state->pf == NFPROTO_IPV4 ? net16(ETH_P_IP) : net16(ETH_P_IPV6);

	cursor_nf(c, ctx->skb);
	p->id.ifindex = ctx->state->out->ifindex;
	p->gso_size = c->gso_size;
	return parse_network(c, 0, type, p);
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
	struct cursor c;

	use_packet(&p, parse_output(ctx, &c, &p));
	return NF_ACCEPT;
}

SEC("netfilter")
int bench_new(struct bpf_nf_ctx *ctx)
{
	struct visit v = {};
	struct cursor c;
	enum reason why = parse_output(ctx, &c, &v.packet);
	struct wire wire;

	next_flow(&v.packet);
	wire = wire_of(c.length, c.gso_size ? c.segments : 1, v.packet.header);
	return verdict_drops(&v, why, wire, HOOK_NF) ? NF_DROP : NF_ACCEPT;
}
