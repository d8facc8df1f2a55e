/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_types.h - the flow table as it crosses the kernel boundary: keys, entries and what is kept apart from them,
 * tags. The part of types.h about flows.
 */
#ifndef NETCTL_FLOW_TYPES_H
#define NETCTL_FLOW_TYPES_H

#include <linux/types.h>

/*
 * What a flow_id.kind byte says; part of a flow's identity, but for FIRST and LATER: fragments count
 * in the flow of their datagram.
 */
enum kind {
	KIND_IP4 = 1, /* neither IP4 nor IP6: another ethertype, kept in dport */
	KIND_IP6 = 2,
	KIND_FIRST = 4, /* first fragment */
	KIND_LATER = 8, /* later fragment */
	KIND_PORTS = 16, /* the transport header was read: ports; ICMP: id, type and code */
	KIND_HIDDEN = 32, /* there is one, but it could not be read: reasons TINY, EXT, TAGS */
	KIND_BEYOND = 64, /* what a limit drops of a flow is counted apart from what it passes */
	KIND_BLIND = 128, /* the protocol was not read either; not IP: nothing but the first tags */
};

#define KINDS_FRAGMENT (KIND_FIRST | KIND_LATER)
#define KINDS_UNSEEN (KIND_HIDDEN | KIND_LATER) /* what does not show its transport header */
#define KINDS_KEPT (KIND_PORTS | KIND_HIDDEN | KIND_BLIND | KIND_BEYOND) /* of a first fragment */
#define KINDS_ALONE (KINDS_FRAGMENT | KIND_HIDDEN) /* packets that are judged each by itself */

/*
 * The part of a flow key both families share, followed by three bytes of the entry that are not
 * identity and stand here because the key leaves room (FLOW_ID_MASK leaves them out of
 * comparisons).
 */
struct flow_id {
	__u16 sport; /* network order; ICMP echo: identifier; else 0 */
	__u16 dport; /* network order; ICMP: type << 8 | code; not IP: ethertype; else 0 */
	__u32 ifindex;
	__u32 tags; /* outer VLAN id << 20 | inner id << 8 | IP protocol; id 0: none or priority */
	__u8 kind;	/* enum kind bits */
	__u8 more;	/* not identity: enum more_bits, what of the entry's struct flow_more is its own */
	__u8 tcp_flags; /* not identity: every TCP flag seen */
	__u8 judged;	/* not identity: JUDGED(), the outcome and why a packet was dropped last */
};

/* An enum verdict, and the enum reason of the last packet that was dropped (REASON_OK: none was). */
#define JUDGED(verdict, reason) ((__u8)((verdict) | (reason) << 1))
#define JUDGED_VERDICT(judged) ((judged)&1)
#define JUDGED_REASON(judged) ((judged) >> 1)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FLOW_ID_MASK 0x000000ffffffffffULL
#else
#define FLOW_ID_MASK 0xffffffffff000000ULL
#endif

#define ID_TAGS(outer, inner, proto) ((__u32)(outer) << 20 | (__u32)(inner) << 8 | (__u32)(proto))
#define ID_OUTER(tags) ((tags) >> 20)
#define ID_INNER(tags) ((tags) >> 8 & 0xfff)
#define ID_PROTO(tags) ((tags)&0xff)

struct count {
	__u64 packets;
	__u64 bytes; /* xdp, tc: frame bytes on the wire without FCS; nf: from the IP header on */
};

/*
 * ---- an entry: what every packet touches, one cache line in IPv4, and struct flow_more ----
 *
 * "pending" is one word so that a packet is counted by one store (one compare-and-swap at OUTPUT)
 * and a reader always sees packets and bytes that belong together:
 *
 *	incarnation << 52 | packets << 32 | bytes
 *
 * It holds what the present outcome has counted. When the outcome changes, or before a part
 * overflows, that is folded: added to what was passed or dropped in struct flow_more, and to the
 * closed counters of the rule. So a flow has passed and dropped what was folded and, under its
 * verdict, what is pending; a rule has counted what is closed and what is pending in entries. No
 * count is ever taken away.
 *
 * An odd incarnation means the entry is being rewritten. Who made it odd writes whatever the entry
 * has, and its struct flow_more, and makes it even by the next. All others write pending, "last"
 * and flow_id.tcp_flags, as they count a packet. So a reader that finds the same even incarnation
 * before and after has everything as of one instant but for those two, which may be a packet newer.
 *
 * The outcome (rule, audit, flow_id.judged) is of the last packet that was judged, and holds, as
 * long as the generation does, for the classes in "known": see rules/lane.h. A flow whose packets
 * have several outcomes has an entry for each.
 *
 * ---- snapshots ----
 *
 * A reader begins an epoch (struct control). A packet reads the epoch once and counts by it: in the
 * half of the closed counters and totals that is the epoch's, and in an entry of the same epoch.
 * The first packet of an entry in an epoch leaves there what was pending when it began: the image.
 * When no packet of the former epoch is on its way any more, the former half stands still, and with
 * the images the reader has all counts as of the instant that the epoch began, however long it
 * reads; what was read must only not have moved meanwhile: see struct region.
 */
struct flow_state {
	__u64 pending;
	__u64 known;
	__u64 first; /* CLOCK_MONOTONIC, nanoseconds, to the tick */
	union {
		__u64 stamp;
		struct {
			__u32 generation; /* of the ruleset that the outcome comes from */
			__u32 epoch;	  /* control.epoch as the last packet read it */
		};
	};
	__u32 last; /* low 32 bits of jiffies; 8 bits more are the epoch's highest */
	__u32 rule : 20;   /* slot of the rule that decides (0: the policy) */
	__u32 audit : 12;  /* slot of the audit rule that matches, or 0: below RULE_SLOTS */
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define STAMP(generation, epoch) ((__u64)(epoch) << 32 | (generation))
#else
#define STAMP(generation, epoch) ((__u64)(generation) << 32 | (epoch))
#endif

/* control.epoch: a number of snapshots, and above it bits 32 to 39 of jiffies. */
#define EPOCH_BITS 24
#define EPOCH_MASK ((1U << EPOCH_BITS) - 1)
#define EPOCH_HIGH(jiffies) ((__u32)((jiffies) >> 32) << EPOCH_BITS)
#define EPOCH_HALF(epoch) ((epoch)&1)
#define LAST_SEEN(epoch, last) ((__u64)((epoch) >> EPOCH_BITS) << 32 | (last)) /* jiffies, 40 bits */

/* What of a struct flow_more holds; the rest is what another flow left there. */
enum more_bits {
	MORE_FOLDED = 1,       /* passed, dropped */
	MORE_IMAGE = 2,	       /* image, of the entry's epoch; else it has had no packet before that */
	MORE_IMAGE_DROP = 4,   /* the image's verdict */
	MORE_IMAGE_FOLDED = 8, /* what the image holds is folded, too */
	MORE_BUCKET = 16,      /* bucket */
	MORE_UNTIL = 32,       /* until */
	MORE_OWNER = 64,       /* owner */
};

/* What packets seldom touch of an entry, in an array of its own. One cache line. */
struct flow_more {
	struct count passed, dropped;
	__u64 image; /* pending, without its incarnation, when the epoch began */
	__u32 image_rule : 20, image_audit : 12; /* the outcome then */
	__u32 until;  /* second of CLOCK_BOOTTIME that the outcome ends by */
	__u64 owner;  /* who sends or gets it */
	__u32 bucket; /* the way, counted from the table's first, that its limit takes from */
	__u32 pad;
};

#define PENDING_BYTES_BITS 32
#define PENDING_PACKETS_BITS 20
#define PENDING_INC_SHIFT (PENDING_BYTES_BITS + PENDING_PACKETS_BITS)
#define PENDING_INC_ONE (1ULL << PENDING_INC_SHIFT)
#define PENDING_BYTES(w) ((w)&0xffffffffULL)
#define PENDING_PACKETS(w) ((w) >> PENDING_BYTES_BITS & 0xfffff)
#define PENDING_INC(w) ((w) >> PENDING_INC_SHIFT)
#define PENDING_ONE(packets, bytes) ((__u64)(packets) << PENDING_BYTES_BITS | (bytes))

/* IPv4 and everything that is not IP (addresses 0). One cache line. */
struct flow4 {
	__u32 src, dst; /* network order */
	struct flow_id id;
	struct flow_state state;
};

struct flow6 {
	__u64 src[2], dst[2]; /* network order, as in the header */
	struct flow_id id;
	struct flow_state state;
	__u64 pad[5];
};

#define WAYS 8

struct flow4_group {
	struct flow4 way[WAYS];
};

struct flow6_group {
	struct flow6 way[WAYS];
};

/* Of both families, indexed as the tags are. */
struct more_group {
	struct flow_more way[WAYS];
};

/*
 * One byte a way, so that most is known of a group before any of its entries is read: 0 empty, else
 * bits of the key's hash, never all zero, and which is to give way first. Byte i is way i in memory.
 */
enum tag {
	TAG_HASH = 0x3f,
	TAG_SINGLE = 0x40, /* the flow has had one packet */
	TAG_OLD = 0x80,	   /* entered before the last time that all single flows were marked old */
};

#define TAG_HASH_SHIFT 26 /* the hash's highest bits, of 32 */

struct tag_group {
	union {
		__u64 word;
		__u8 way[WAYS];
	};
};

_Static_assert(sizeof(struct flow_id) == 16, "flow_id has a hole");
_Static_assert(sizeof(struct flow_state) == 40, "flow_state has a hole");
_Static_assert(sizeof(struct flow_more) == 64, "flow_more is one cache line");
_Static_assert(REASONS <= 1 << 7, "a reason fits beside the verdict");
_Static_assert(sizeof(struct flow4) == 64, "flow4 is one cache line");
_Static_assert(sizeof(struct flow6) == 128, "flow6 is two cache lines");

#endif
