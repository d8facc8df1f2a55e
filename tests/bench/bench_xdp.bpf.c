// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_xdp.bpf.c - XDP for "make bench": nothing, the parser alone, and xdp.bpf.c with a new flow a packet. */
#include "../../xdp/length.bpf.h"
#include "../../bpf/cursor_ctx.bpf.h"
#define COUNT_ATOMIC 0
#define COUNT_HOOK HOOK_XDP
#include "../../bpf/parse.h"
#include "../../bpf/skb.bpf.h"
#include "bench.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("xdp.frags")
int bench_bare(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_parse(struct xdp_md *ctx)
{
	struct packet p = {};
	struct cursor c;

	cursor_xdp(&c, ctx, frame_length(ctx));
	p.id.ifindex = ctx->ingress_ifindex;
	use_packet(&p, parse_frame(&c, 0, &p));
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_new(struct xdp_md *ctx)
{
	struct visit v = {};
	struct cursor c;
	enum reason why;

	cursor_xdp(&c, ctx, frame_length(ctx));
	v.packet.id.ifindex = ctx->ingress_ifindex;
	why = parse_frame(&c, 0, &v.packet);
	next_flow(&v.packet);
	return verdict_drops(&v, why, wire_of(c.length, 1, 0), HOOK_XDP) ? XDP_DROP : XDP_PASS;
}
