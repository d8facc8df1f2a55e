/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* headers.h - the headers that the parser reads, as they are on the wire: all in network order. */
#ifndef NETCTL_HEADERS_H
#define NETCTL_HEADERS_H

#include <linux/if_ether.h>
#include <linux/types.h>

#define ETH_P_QINQ1 0x9100 /* QinQ before 802.1ad gave it a number */

struct eth_header {
	__u16 dst[3], src[3];
	__u16 type;
};

struct tag_header { /* what follows an ethertype of 802.1Q or 802.1ad */
	__u16 tci;
	__u16 type;
};

struct ip4_header { /* RFC 791 */
	__u8 version_ihl, tos;
	__u16 total, id, frag;
	__u8 ttl, protocol;
	__u16 check;
	__u32 src, dst;
};

struct ip6_header { /* RFC 8200 */
	__u32 version_class_label;
	__u16 payload;
	__u8 next, hops;
	__u64 src[2], dst[2];
} __attribute__((packed, aligned(4)));

struct ext_header { /* RFC 8200 section 4; the fragment header is 8 bytes as well */
	__u8 next, len;
	__u16 frag;
	__u32 id;
};

struct tcp_header { /* RFC 9293 */
	__u16 sport, dport;
	__u32 seq, ack;
	__u8 offset, flags;
	__u16 window, check, urgent;
};

struct port_header { /* the first 8 bytes of UDP, UDP-Lite, SCTP, DCCP; of ICMP with other names */
	__u16 sport, dport;
	__u16 id, sequence;
};

#define IP4_MORE 0x2000
#define IP4_OFFSET 0x1fff
#define IP6_OFFSET 0xfff8
#define IP6_MORE 0x0001

#endif
