/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet.h - what the parser makes of a frame: the one shape that flows, rules and tests share. */
#ifndef NETCTL_PACKET_H
#define NETCTL_PACKET_H

#include "../types.h"

/*
 * IP protocol numbers (IANA), under names of our own: <netinet/in.h> and <linux/in6.h> cannot both
 * be had.
 */
enum protocol {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_ICMPV6 = 58,
	PROTO_NONE = 59,
	PROTO_DSTOPTS = 60,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

/*
 * X(id, bytes) of the headers of IPv6 that are walked on the way to the protocol, where n is what
 * their length field says: those of Linux (its ipv6_ext_hdr()). Mobility (135), HIP (139) and shim6
 * (140) are protocols to it, and so here; no header at all (59) is one, too.
 */
#define WALKED_HEADERS(X)           \
	X(PROTO_HOPOPTS, (n + 1) * 8) \
	X(PROTO_ROUTING, (n + 1) * 8) \
	X(PROTO_FRAGMENT, 8)        \
	X(PROTO_AH, (n + 2) * 4)    \
	X(PROTO_DSTOPTS, (n + 1) * 8)

/* 1: such a header follows, 0: what the packet carries. All are below 64. */
static inline __attribute__((always_inline)) __u64 is_walked(__u8 protocol)
{
#define X(id, bytes) | 1ULL << id
	const __u64 all = 0 WALKED_HEADERS(X);
#undef X
	__u64 high = protocol >> 6;

	return all >> (protocol & 63) & 1 & (high - 1) >> 63;
}

/* Bytes that such a header takes, or 0 when the number is what the packet carries. */
static inline __attribute__((always_inline)) __u32 walked_length(__u8 protocol, __u8 n)
{
	switch (protocol) {
#define X(id, bytes) \
	case id:     \
		return bytes;
		WALKED_HEADERS(X)
#undef X
	}
	return 0;
}

struct packet {
	union { /* network order, as in the header; zero when not IP */
		struct {
			__u32 src4, dst4;
		};
		struct {
			__u64 src6[2], dst6[2];
		};
		__u64 addr[4];
	};
	union {
		struct flow_id id; /* the last three bytes are 0 */
		__u64 id_word[2];
	};
	union {
		__u32 header;	/* bytes from the frame's beginning to the transport header's end */
		__u32 fragment; /* KIND_FIRST, KIND_LATER: the datagram's identification */
	};
	__u32 length;	/* network-layer bytes as the IP header tells; not IP: after Ethernet */
	__u16 gso_size; /* payload bytes of one wire packet when the frame is several, else 0 */
	__u8 tcp_flags;
	__u8 byte[BYTE_COUNT];
	__u8 bare; /* 1: its device has no Ethernet header, so that rules on that do not judge it */
};

_Static_assert(sizeof(struct packet) == 64, "packet is one cache line");

static inline __attribute__((always_inline)) int packet_is_ip6(const struct packet *p)
{
	return p->id.kind & KIND_IP6;
}

#endif
