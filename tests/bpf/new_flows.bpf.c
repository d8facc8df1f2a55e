// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* new_flows.bpf.c - the product's XDP path, with the next source port in every packet: each is a new flow. */
#include "../../xdp/xdp.bpf.c"

#define SPORT4 34 /* Ethernet and an IPv4 header without options */
#define SPORT6 54 /* Ethernet and IPv6 */

/* A test run repeats over the same bytes: what is written here the next packet finds. */
__noinline int next_port(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data;

	if (data + SPORT6 + 2 <= (char *)(long)ctx->data_end && data[12] != 8)
		++*(__u16 *)(data + SPORT6);
	else if (data + SPORT4 + 2 <= (char *)(long)ctx->data_end)
		++*(__u16 *)(data + SPORT4);
	return 0;
}

SEC("xdp.frags")
int new_flows_xdp(struct xdp_md *ctx)
{
	struct visit v = {};
	struct wire wire;
	enum reason why;

	next_port(ctx);
	why = read_xdp(ctx, 0, &v.packet, &wire);
	return verdict_drops(&v, why, wire, look_xdp, ctx) ? XDP_DROP : XDP_PASS;
}
