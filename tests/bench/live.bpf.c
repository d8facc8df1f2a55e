// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* live.bpf.c - what "make bench-peers" sends frames with, and the plain programs all filters are held against. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include "../../bpf/order.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NF_DROP 0

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

/* Set before load: the device to send from, how many sources, and the header's sum without a source. */
const volatile __u32 send_to = 0, source_count = 1, header_sum = 0;

/* Network order; a cache line of them a value. */
struct sources {
	__u32 at[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sources);
} live_sources SEC(".maps");

__u32 next_source;

static __always_inline __u16 checksum(__u32 source)
{
	__u32 sum = header_sum + (source & 0xffff) + (source >> 16);

	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

/* A live test run: the frame gets the next source and goes out. Pages are used again: all that changes is written. */
SEC("xdp")
int live_send(struct xdp_md *ctx)
{
	struct headers *h = (void *)(long)ctx->data;
	__u32 number = next_source, key = number / 16, source;
	struct sources *line = bpf_map_lookup_elem(&live_sources, &key);

	next_source = number + 1 == source_count ? 0 : number + 1;
	if (!line || (void *)(h + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	source = line->at[number % 16];
	h->ip.saddr = source;
	h->ip.check = checksum(source);
	return bpf_redirect(send_to, 0);
}

SEC("xdp")
int live_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp")
int live_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("netfilter")
int live_output(void *ctx)
{
	return NF_DROP;
}

SEC("tcx/egress")
int live_egress(struct __sk_buff *skb)
{
	return TCX_DROP;
}

struct flow {
	__u32 source, destination;
	__u16 sport, dport;
	__u8 protocol, pad[3];
};

struct count {
	__u64 packets, bytes;
};

/* Entries: set before load. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct flow);
	__type(value, struct count);
} live_lru SEC(".maps");

/* What is usually written to count flows: the kernel's own map, nothing but packets and bytes. */
SEC("xdp")
int live_flows(struct xdp_md *ctx)
{
	struct headers *h = (void *)(long)ctx->data;
	__u64 bytes = ctx->data_end - ctx->data;
	struct count first = { 1, bytes }, *seen;
	struct flow flow = {};

	if ((void *)(h + 1) > (void *)(long)ctx->data_end || h->eth.h_proto != net16(ETH_P_IP) ||
	    h->ip.ihl != 5)
		return XDP_DROP;
	flow.source = h->ip.saddr;
	flow.destination = h->ip.daddr;
	flow.sport = h->udp.source;
	flow.dport = h->udp.dest;
	flow.protocol = h->ip.protocol;
	seen = bpf_map_lookup_elem(&live_lru, &flow);
	if (seen) {
		__sync_fetch_and_add(&seen->packets, 1);
		__sync_fetch_and_add(&seen->bytes, bytes);
	} else {
		bpf_map_update_elem(&live_lru, &flow, &first, BPF_NOEXIST);
	}
	return XDP_DROP;
}
