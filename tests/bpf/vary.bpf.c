// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* vary.bpf.c - the product's XDP path, with the next source port in every packet: each is a new flow. */
#include "../../xdp/xdp.bpf.c"

#define SPORT4 34 /* Ethernet and an IPv4 header without options */
#define SPORT6 54 /* Ethernet and IPv6 */

SEC("xdp.frags")
int vary_xdp(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data;
	struct visit v = {};
	struct cursor c;
	enum reason why;

	/* A test run repeats over the same bytes: what is written here the next packet finds. */
	if (data + SPORT6 + 2 <= (char *)(long)ctx->data_end && data[12] != 8)
		++*(__u16 *)(data + SPORT6);
	else if (data + SPORT4 + 2 <= (char *)(long)ctx->data_end)
		++*(__u16 *)(data + SPORT4);
	cursor_xdp(&c, ctx, frame_length(ctx));
	v.packet.id.ifindex = ctx->ingress_ifindex;
	why = parse_frame(&c, 0, &v.packet);
	return verdict_drops(&v, why, wire_of(c.length, 1, 0), HOOK_XDP) ? XDP_DROP : XDP_PASS;
}
