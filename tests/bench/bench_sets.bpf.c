// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_sets.bpf.c - XDP for "bench_sets": packets from one address after the other, and what becomes of them. */
#include "../../xdp/length.bpf.h"
#include "../../bpf/cursor_ctx.bpf.h"
#define COUNT_ATOMIC 0
#define COUNT_HOOK HOOK_XDP
#include "../../bpf/parse.h"
#include "../../bpf/skb.bpf.h"
#include "bench.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BENCH_ADDRESSES);
	__type(key, __u32);
	__type(value, struct bench_address);
} bench_addresses SEC(".maps");

/* The next of the addresses is the packet's source. */
static __always_inline enum reason next_packet(struct xdp_md *ctx, struct visit *v,
					       struct cursor *c)
{
	__u32 i = ++bench_serial & (BENCH_ADDRESSES - 1);
	const struct bench_address *a = bpf_map_lookup_elem(&bench_addresses, &i);
	enum reason why;

	cursor_xdp(c, ctx, frame_length(ctx));
	v->packet.id.ifindex = ctx->ingress_ifindex;
	why = parse_frame(c, 0, &v->packet);
	if (!a)
		return why;
	if (packet_is_ip6(&v->packet)) {
		v->packet.src6[0] = a->word[0];
		v->packet.src6[1] = a->word[1];
	} else {
		v->packet.src4 = a->word[0];
	}
	return why;
}

SEC("xdp.frags")
int bench_bare(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_pick(struct xdp_md *ctx)
{
	struct visit v = {};
	struct cursor c;

	use_packet(&v.packet, next_packet(ctx, &v, &c));
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_find(struct xdp_md *ctx)
{
	struct visit v = {};
	struct cursor c;

	use_packet(&v.packet, next_packet(ctx, &v, &c));
	find_classes(&v);
	return v.class[0] ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int bench_new(struct xdp_md *ctx)
{
	struct visit v = {};
	struct cursor c;
	enum reason why = next_packet(ctx, &v, &c);

	return verdict_drops(&v, why, wire_of(c.length, 1, 0), HOOK_XDP) ? XDP_DROP : XDP_PASS;
}
