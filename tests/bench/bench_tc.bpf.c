// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_tc.bpf.c - TC egress for "make bench": nothing, the parser alone, and tc.bpf.c with a new flow a packet. */
#include <linux/pkt_cls.h>
#include "../../bpf/cursor_ctx.bpf.h"
#define COUNT_ATOMIC 0
#define COUNT_HOOK HOOK_TC
#include "../../bpf/parse.h"
#include "../../bpf/skb.bpf.h"
#include "bench.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tcx/egress")
int bench_bare(struct __sk_buff *ctx)
{
	return TCX_NEXT;
}

SEC("tcx/egress")
int bench_parse(struct __sk_buff *ctx)
{
	struct packet p = {};
	struct cursor c;

	cursor_skb(&c, ctx);
	p.id.ifindex = ctx->ifindex;
	use_packet(&p, parse_frame(&c, metadata_tags(ctx, &p), &p));
	return TCX_NEXT;
}

SEC("tcx/egress")
int bench_new(struct __sk_buff *ctx)
{
	struct visit v = {};
	struct cursor c;
	struct wire wire;
	__u32 tags;
	enum reason why;

	cursor_skb(&c, ctx);
	v.packet.id.ifindex = ctx->ifindex;
	v.packet.gso_size = ctx->gso_size;
	tags = metadata_tags(ctx, &v.packet);
	why = parse_frame(&c, tags, &v.packet);
	next_flow(&v.packet);
	wire = wire_of(c.length, v.packet.gso_size ? segments_of(ctx, v.packet.header) : 1, v.packet.header);
	wire.bytes += tags * TAG_BYTES * wire.packets;
	return verdict_drops(&v, why, wire, HOOK_TC) ? TCX_DROP : TCX_NEXT;
}
