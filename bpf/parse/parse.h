/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse.h - bytes to struct packet and a reason; one text for the three hooks and, natively, for
 * the tests.
 *
 * The includer has included a cursor first, which is two calls:
 *	const void *cursor_pull(struct cursor *c, __u32 off, __u32 size)
 *		size (at most 40) bytes at off, in place or copied to c->buf, until the next call;
 *		NULL when the frame ends before
 *	c->length
 *		bytes of the frame
 * and has set id.ifindex and gso_size of the packet.
 *
 * What could be read before a parse ended early stays in the packet: rules still judge it by that.
 */
#ifndef NETCTL_PARSE_H
#define NETCTL_PARSE_H

#include "headers.h"
#include "packet.h"
#include "../order.h"
#include "../loop.h"

/* An Ethernet address as a number. */
static __always_inline __u64 ether_number(const __u16 address[3])
{
	return (__u64)net16(address[0]) << 32 | (__u64)net16(address[1]) << 16 | net16(address[2]);
}

static __always_inline void look_ether(const struct eth_header *eth, struct envelope *ret)
{
	ret->number[NUMBER_ETHER_SRC] = ether_number(eth->src);
	ret->number[NUMBER_ETHER_DST] = ether_number(eth->dst);
}

/*
 * Where the parse of a packet stands: the IP header, the transport header, the end the IP header
 * tells.
 */
struct extent {
	__u32 l3, l4, end;
	__u8 protocol;
	__u64 fragment; /* identification of a first one; apart, for the verifier */
};

static __always_inline enum reason hidden(struct packet *p, enum reason why)
{
	p->id.kind |= KIND_HIDDEN;
	return why;
}

/*
 * A transport header that is not all there: an ordinary short packet, or a first fragment made to
 * hide it.
 */
static __always_inline enum reason no_transport(const struct extent *at, struct packet *p)
{
	if (!(p->id.kind & KIND_FIRST))
		return REASON_SHORT_L4;
	p->fragment = at->fragment;
	return hidden(p, REASON_TINY);
}

static __always_inline enum reason parse_tcp(struct cursor *c, const struct extent *at,
					     struct packet *p)
{
	const struct tcp_header *tcp;

	if (at->l4 + sizeof(*tcp) > at->end)
		return no_transport(at, p);
	tcp = cursor_pull(c, at->l4, sizeof(*tcp));
	if (!tcp)
		return no_transport(at, p);
	p->id.sport = tcp->sport;
	p->id.dport = tcp->dport;
	p->id.kind |= KIND_PORTS;
	p->tcp_flags = tcp->flags;
	p->header = at->l4 + (tcp->offset >> 4) * 4;
	return REASON_OK;
}

/*
 * Echo requests and replies carry an identifier (RFC 792, RFC 4443): pings of two processes are two
 * flows.
 */
static __always_inline int is_echo(__u8 protocol, __u8 type)
{
	return protocol == PROTO_ICMP ? type == 0 || type == 8 : type == 128 || type == 129;
}

static __always_inline enum reason parse_ports(struct cursor *c, const struct extent *at,
					       struct packet *p, int icmp)
{
	const struct port_header *ports;

	if (at->l4 + sizeof(*ports) > at->end)
		return no_transport(at, p);
	ports = cursor_pull(c, at->l4, sizeof(*ports));
	if (!ports)
		return no_transport(at, p);
	if (icmp) {
		p->id.dport = ports->sport; /* type << 8 | code as it stands there */
		if (is_echo(at->protocol, net16(ports->sport) >> 8))
			p->id.sport = ports->id;
	} else {
		p->id.sport = ports->sport;
		p->id.dport = ports->dport;
	}
	p->id.kind |= KIND_PORTS;
	p->header = at->l4 + sizeof(*ports);
	return REASON_OK;
}

static __always_inline enum reason parse_transport(struct cursor *c, const struct extent *at,
						   struct packet *p)
{
	enum reason why = REASON_OK;

	p->header = at->l4;
	switch (at->protocol) {
	case PROTO_TCP:
		why = parse_tcp(c, at, p);
		break;
	case PROTO_UDP:
	case PROTO_UDPLITE:
	case PROTO_SCTP:
	case PROTO_DCCP:
		why = parse_ports(c, at, p, 0);
		break;
	case PROTO_ICMP:
		if (p->id.kind & KIND_IP4)
			why = parse_ports(c, at, p, 1);
		break;
	case PROTO_ICMPV6:
		if (p->id.kind & KIND_IP6)
			why = parse_ports(c, at, p, 1);
		break;
	}
	/* One test: hardly any packet is either. */
	if (p->gso_size | (p->id.kind & KIND_FIRST)) {
		if (p->gso_size)
			p->length = p->header - at->l3 + p->gso_size;
		else
			p->fragment = at->fragment;
	}
	return why;
}

/* A later fragment begins in the middle of the payload: nothing of it may be read as ports. */
static __always_inline enum reason later_fragment(struct packet *p, __u8 protocol, __u32 offset,
						  __u32 fragment)
{
	p->id.kind |= KIND_LATER;
	p->fragment = fragment;
	/* Bytes 8 to 15 of a TCP header rewritten by an overlapping fragment: RFC 3128. */
	if (protocol == PROTO_TCP && offset == 8)
		return hidden(p, REASON_TINY);
	return REASON_FRAGMENT;
}

static __always_inline enum reason parse_ip4(struct cursor *c, __u32 l3, struct packet *p)
{
	const struct ip4_header *ip;
	struct extent at = { .l3 = l3, .fragment = c->length };
	__u32 total, ihl;
	__u16 frag;

	p->id.kind = KIND_IP4;
	p->header = l3;
	p->length = c->length - l3;
	ip = cursor_pull(c, l3, sizeof(*ip));
	if (!ip)
		return REASON_SHORT_L3;
	ihl = (ip->version_ihl & 15) * 4;
	if (ip->version_ihl >> 4 != 4 || ihl < sizeof(*ip))
		return REASON_BAD_IP;
	p->src4 = ip->src;
	p->dst4 = ip->dst;
	p->byte[BYTE_DSCP] = ip->tos >> 2;
	p->byte[BYTE_TTL] = ip->ttl;
	p->id.tags |= ip->protocol;
	total = net16(ip->total);
	/* A super-packet of more than 64 KiB has no room for its length there (Linux 6.3). */
	if (!total && p->gso_size)
		total = p->length;
	if (total < ihl || total > p->length)
		return REASON_BAD_LENGTH;
	p->length = total;
	at.l4 = l3 + ihl;
	at.end = l3 + total;
	at.protocol = ip->protocol;
	frag = net16(ip->frag);
	if (frag & IP4_OFFSET)
		return later_fragment(p, at.protocol, (frag & IP4_OFFSET) * 8, net16(ip->id));
	if (frag & IP4_MORE) {
		p->id.kind |= KIND_FIRST;
		at.fragment = net16(ip->id);
	}
	return parse_transport(c, &at, p);
}

/* The walk over a chain of extension headers. */
struct ext_walk {
	struct cursor *cursor;
	struct extent *at;
	struct packet *packet;
	enum reason why;
};

/* One header; 1 when the chain ends here. */
static long step_ext(__u32 i, void *walk)
{
	struct ext_walk *w = walk;
	struct extent *at = w->at;
	const struct ext_header *ext;
	__u8 protocol = at->protocol;
	__u32 fragment;
	__u16 frag;

	if (!walked_length(protocol, 0))
		return 1;
	w->packet->header = at->l4;
	ext = at->l4 + sizeof(*ext) > at->end ? NULL : cursor_pull(w->cursor, at->l4, sizeof(*ext));
	if (!ext) {
		w->why = no_transport(at, w->packet);
		return 1;
	}
	frag = net16(ext->frag);
	fragment = net32(ext->id);
	at->l4 += walked_length(protocol, ext->len);
	at->protocol = ext->next;
	if (protocol != PROTO_FRAGMENT)
		return 0;
	if (frag & IP6_OFFSET) {
		w->why = later_fragment(w->packet, at->protocol, frag & IP6_OFFSET, fragment);
		return 1;
	}
	if (frag & IP6_MORE) {
		w->packet->id.kind |= KIND_FIRST;
		at->fragment = fragment;
	}
	return 0;
}

/* Not inlined: rare, and what it needs of the stack is given back. */
static __noinline int parse_ext(struct cursor *c, struct extent *at, struct packet *p)
{
	struct ext_walk w = { c, at, p, REASON_OK };

	repeat(MAX_EXT_HEADERS, step_ext, &w);
	if (w.why == REASON_OK && walked_length(at->protocol, 0)) {
		p->fragment = at->fragment;
		return hidden(p, REASON_EXT);
	}
	return w.why;
}

/* What a chain of headers ends with; the number of one that is walked is none of the packet's. */
static __always_inline void end_chain(__u8 protocol, struct packet *p)
{
	__u64 blind = is_walked(protocol);

	settle(blind);
	p->id.tags |= protocol & (blind - 1);
	p->id.kind |= blind * KIND_BLIND;
}

static __always_inline enum reason parse_ip6(struct cursor *c, __u32 l3, struct packet *p)
{
	const struct ip6_header *ip;
	struct extent at = { .l3 = l3, .fragment = c->length };
	enum reason why = REASON_OK;
	__u32 total;

	p->id.kind = KIND_IP6;
	p->header = l3;
	p->length = c->length - l3;
	ip = cursor_pull(c, l3, sizeof(*ip));
	if (!ip)
		return REASON_SHORT_L3;
	if (net32(ip->version_class_label) >> 28 != 6)
		return REASON_BAD_IP;
	p->byte[BYTE_DSCP] = net32(ip->version_class_label) >> 22 & 63;
	p->byte[BYTE_TTL] = ip->hops;
	p->src6[0] = ip->src[0];
	p->src6[1] = ip->src[1];
	p->dst6[0] = ip->dst[0];
	p->dst6[1] = ip->dst[1];
	at.protocol = ip->next;
	at.l4 = l3 + sizeof(*ip);
	/*
	 * No length: a jumbogram (RFC 2675) or a super-packet of more than 64 KiB; what is there
	 * counts.
	 */
	total = ip->payload ? sizeof(*ip) + net16(ip->payload) : p->length;
	at.end = l3 + total;
	if (total > p->length) {
		end_chain(at.protocol, p);
		return REASON_BAD_LENGTH;
	}
	p->length = total;
	if (walked_length(at.protocol, 0))
		why = parse_ext(c, &at, p);
	end_chain(at.protocol, p);
	if (why != REASON_OK)
		return why;
	return parse_transport(c, &at, p);
}

static __always_inline enum reason parse_network(struct cursor *c, __u32 l3, __u16 type,
						 struct packet *p)
{
	if (type == net16(ETH_P_IP))
		return parse_ip4(c, l3, p);
	if (type == net16(ETH_P_IPV6))
		return parse_ip6(c, l3, p);
	/* Below 1536 the field is a length (IEEE 802.3): all such frames are LLC. */
	p->id.dport = net16(type) < ETH_P_802_3_MIN ? net16(ETH_P_802_2) : type;
	p->header = l3;
	p->length = c->length - l3;
	return REASON_NOT_IP;
}

/*
 * A packet at XDP of a device without Ethernet header: nobody says there what it is. The version it
 * names is what such devices go by themselves (ip_tunnel_parse_protocol() of Linux).
 */
static __always_inline enum reason parse_bare(struct cursor *c, struct packet *p)
{
	const struct ip4_header *ip = cursor_pull(c, 0, sizeof(ip->version_ihl));

	p->length = c->length;
	if (!ip)
		return REASON_SHORT_L3;
	if (ip->version_ihl >> 4 == 4)
		return parse_ip4(c, 0, p);
	if (ip->version_ihl >> 4 == 6)
		return parse_ip6(c, 0, p);
	return REASON_BAD_IP;
}

static __always_inline int is_tag(__u16 type)
{
	return type == net16(ETH_P_8021Q) || type == net16(ETH_P_8021AD) ||
	       type == net16(ETH_P_QINQ1);
}

/*
 * The first two tags are the flow's; a tag the device took off the frame comes before those in it.
 */
static __always_inline void add_tag(struct packet *p, __u32 index, __u16 vid)
{
	if (index < 2)
		p->id.tags |= index ? ID_TAGS(0, vid, 0) : ID_TAGS(vid, 0, 0);
}

static __always_inline enum reason too_many_tags(const struct cursor *c, __u32 off, struct packet *p)
{
	p->id.kind |= KIND_BLIND;
	p->header = off;
	p->length = c->length - off;
	return hidden(p, REASON_TAGS);
}

/* A frame from its Ethernet header on; "tags" of it are in the packet already (skb metadata). */
static __always_inline enum reason parse_frame(struct cursor *c, __u32 tags, struct packet *p)
{
	const struct eth_header *eth;
	const struct tag_header *tag;
	__u32 off = sizeof(*eth);
	__u16 type;

	eth = cursor_pull(c, 0, sizeof(*eth));
	if (!eth)
		return REASON_SHORT_L2;
	type = eth->type;
	ROLLED for (int i = 0; i < MAX_TAGS && is_tag(type); i++)
	{
		tag = cursor_pull(c, off, sizeof(*tag));
		if (!tag)
			return REASON_SHORT_L2;
		add_tag(p, tags + i, net16(tag->tci) & 0xfff);
		type = tag->type;
		off += sizeof(*tag);
	}
	return is_tag(type) ? too_many_tags(c, off, p) : parse_network(c, off, type, p);
}

#endif
