// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* foreign.bpf.c - somebody else's programs: they count what reaches them and let it pass. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} foreign_seen SEC(".maps");

static __always_inline void count(void)
{
	__u32 key = 0;
	__u64 *seen = bpf_map_lookup_elem(&foreign_seen, &key);

	if (seen)
		__sync_fetch_and_add(seen, 1);
}

SEC("xdp")
int foreign_xdp(struct xdp_md *ctx)
{
	count();
	return XDP_PASS;
}

SEC("tcx/egress")
int foreign_tc(struct __sk_buff *ctx)
{
	count();
	return TCX_PASS;
}
