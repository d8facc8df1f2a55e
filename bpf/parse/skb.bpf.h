/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * skb.bpf.h - an skb at tcx, either direction: tags and super-packets as its metadata tell them. The includer has
 * defined network_offset(): bytes from an skb's data to its network header.
 */
#ifndef NETCTL_SKB_BPF_H
#define NETCTL_SKB_BPF_H

#include "../verdict.bpf.h"

#define TAG_BYTES 4

/* What an skb's data begins with: constants, a program each. */
enum framing {
	FRAMED, /* an Ethernet header */
	BARE,	/* a network header, of what protocol its metadata tell */
};

/* A device takes the outer tag off (or will put it on): it is on the wire all the same. */
static __always_inline __u32 metadata_tags(const struct __sk_buff *ctx, struct packet *p)
{
	if (!ctx->vlan_present)
		return 0;
	add_tag(p, 0, ctx->vlan_tci & 0xfff);
	return 1;
}

static __always_inline __u32 segments_of(const struct __sk_buff *ctx, __u32 header)
{
	__u32 size = ctx->gso_size;

	if (!size || ctx->gso_segs || ctx->len <= header)
		return ctx->gso_segs;
	/* From a guest the count may be missing. */
	return (ctx->len - header + size - 1) / size;
}

/* Where something begins, and its ethertype. */
#define WHERE(off, type) ((off) | (__u32)(type) << 16)
#define WHERE_OFF(where) ((where) & 511)

/*
 * Tags before an IP header: Linux takes them off here, too, as many without an id as there are; "tags" it has by now.
 * Global, for the verifier: hardly any packet has one.
 */
__noinline __u32 skip_tags(struct __sk_buff *ctx, struct packet *p, __u32 where, __u32 tags)
{
	struct tag_header tag;
	__u32 off = WHERE_OFF(where);
	__u16 type = where >> 16;

	if (!p)
		return where;
	for (__u32 i = 0; i < MAX_TAGS && is_tag(type); i++) {
		if (bpf_skb_load_bytes(ctx, off, &tag, sizeof(tag)))
			return WHERE(off, 0);
		add_tag(p, tags + i, net16(tag.tci) & 0xfff);
		type = tag.type;
		off += sizeof(tag);
	}
	return WHERE(off, type);
}

static __always_inline enum reason parse_bare_skb(struct cursor *c, struct __sk_buff *ctx, __u32 before,
						  __u32 tags, struct packet *p)
{
	__u32 where = WHERE(before, ctx->protocol);

	if (is_tag(where >> 16))
		where = skip_tags(ctx, p, where, tags);
	if (is_tag(where >> 16))
		return too_many_tags(c, WHERE_OFF(where), p);
	return parse_network(c, WHERE_OFF(where), where >> 16, p);
}

/* By itself, for the stack: what comes after it takes the cursor's place. */
static __always_inline enum reason read_skb(struct __sk_buff *ctx, enum framing framing,
					    struct packet *p, struct wire *ret)
{
	/* GRE without a remote end has its outer header there, at egress and at ingress. */
	__u32 before = framing == BARE ? network_offset(ctx) : 0;
	struct cursor c;
	__u32 tags;
	enum reason why;

	cursor_skb(&c, ctx);
	p->id.ifindex = ctx->ifindex;
	p->gso_size = ctx->gso_size;
	p->bare = framing == BARE;
	tags = metadata_tags(ctx, p);
	if (framing == BARE)
		why = parse_bare_skb(&c, ctx, before, tags, p);
	else
		why = parse_frame(&c, tags, p);
	*ret = wire_of(c.length - before, p->gso_size ? segments_of(ctx, p->header) : 1,
		       p->header - before);
	ret->bytes += tags * TAG_BYTES * ret->packets;
	return why;
}

/* Numbers of an skb: see enum packet_number. What is received has no mark, here as at XDP. */
static __always_inline void look_bare_skb(void *ctx, struct envelope *ret)
{
	if (COUNT_HOOK != HOOK_XDP)
		ret->number[NUMBER_MARK] = ((const struct __sk_buff *)ctx)->mark;
}

static __always_inline void look_skb(void *ctx, struct envelope *ret)
{
	const struct __sk_buff *skb = ctx;
	const struct eth_header *eth = (const void *)(long)skb->data;
	struct eth_header copy;

	look_bare_skb(ctx, ret);
	if ((const void *)(eth + 1) <= (const void *)(long)skb->data_end)
		look_ether(eth, ret);
	else if (!bpf_skb_load_bytes(ctx, 0, &copy, sizeof(copy)))
		look_ether(&copy, ret);
}

static __always_inline int skb_drops(struct __sk_buff *ctx, enum framing framing)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = read_skb(ctx, framing, &v.packet, &wire);

	return verdict_drops(&v, why, wire, framing == BARE ? look_bare_skb : look_skb, ctx);
}

#endif
