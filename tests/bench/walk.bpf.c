// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* walk.bpf.c - XDP for "walk": nothing, the choice of a header, that and the rules, a new flow of that header. */
#define BENCH_NEXT next_header
#include "xdp.bpf.h"
#include "walk.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, WALK_HEADERS);
	__type(key, __u32);
	__type(value, struct walk_header);
} walk_headers SEC(".maps");

static __always_inline void put_address(__u64 *to, __u32 address)
{
	to[0] = net64(0x20010db800000000ULL | address);
	to[1] = net64(address * 0x9e3779b97f4a7c15ULL);
}

/* Every time round the inner tag is another one: no flow comes twice. */
static __always_inline void next_header(struct packet *p)
{
	__u32 serial = bench_serial++, at = serial & (WALK_HEADERS - 1);
	const struct walk_header *h = bpf_map_lookup_elem(&walk_headers, &at);

	if (!h)
		return;
	if (h->family == 6) {
		put_address(p->src6, h->address[0]);
		put_address(p->dst6, h->address[1]);
		p->id.kind = KIND_IP6 | KIND_PORTS;
	} else {
		p->src4 = net32(h->address[0]);
		p->dst4 = net32(h->address[1]);
		p->id.kind = KIND_IP4 | KIND_PORTS;
	}
	p->id.sport = h->port[0];
	p->id.dport = h->port[1];
	p->id.tags = ID_TAGS(0, serial / WALK_HEADERS & 0xfff, h->proto);
	p->tcp_flags = h->flags;
}

SEC("xdp.frags")
int walk_pick(struct xdp_md *ctx)
{
	struct visit v = {};

	next_header(&v.packet);
	use_packet(&v.packet, REASON_OK);
	return XDP_PASS;
}

SEC("xdp.frags")
int walk_judge(struct xdp_md *ctx)
{
	const struct blob *blob = ruleset();
	struct key key = {};
	struct visit v = {};

	if (!blob)
		return XDP_PASS;
	next_header(&v.packet);
	judge(&v, &key, blob);
	return v.verdict == VERDICT_DROP ? XDP_DROP : XDP_PASS;
}
