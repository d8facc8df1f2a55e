// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_sets.bpf.c - XDP for "bench_sets": packets from one address after the other, and what becomes of them. */
#define BENCH_NEXT next_address
#include "xdp.bpf.h"

#define BENCH_ADDRESSES (1 << 20)

/* Network order; IPv4: in the low half of the first. */
struct bench_address {
	__u64 word[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BENCH_ADDRESSES);
	__type(key, __u32);
	__type(value, struct bench_address);
} bench_addresses SEC(".maps");

/* The next of the addresses is the packet's source. */
static __always_inline void next_address(struct packet *p)
{
	__u32 i = ++bench_serial & (BENCH_ADDRESSES - 1);
	const struct bench_address *a = bpf_map_lookup_elem(&bench_addresses, &i);

	if (!a)
		return;
	if (packet_is_ip6(p)) {
		p->src6[0] = a->word[0];
		p->src6[1] = a->word[1];
	} else {
		p->src4 = a->word[0];
	}
}

static __always_inline void read_next(struct xdp_md *ctx, struct packet *p)
{
	struct wire wire;
	enum reason why = read_xdp(ctx, 0, p, &wire);

	next_address(p);
	use_packet(p, why);
}

SEC("xdp.frags")
int bench_pick(struct xdp_md *ctx)
{
	struct visit v = {};

	read_next(ctx, &v.packet);
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_find(struct xdp_md *ctx)
{
	const struct blob *blob = ruleset();
	struct visit v = {};
	read_next(ctx, &v.packet);
	if (!blob)
		return XDP_PASS;
	return find_sets(&blob->lookup, parts_of(blob), &v.packet, 0) ? XDP_DROP : XDP_PASS;
}
