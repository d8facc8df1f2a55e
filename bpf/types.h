/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * types.h - everything that crosses the kernel boundary: the one header both compilers read.
 *
 * Fixed widths, no pointers, padding written out, sizes asserted. "Network order" marks the fields
 * that hold bytes as they stood in the packet; everything else is in host order.
 */
#ifndef NETCTL_TYPES_H
#define NETCTL_TYPES_H

#include <linux/types.h>

/*
 * Bumped whenever a struct below changes shape: a running state of another version is refused by
 * name.
 */
#define NETCTL_LAYOUT 14

/* ---- hooks, verdicts, reasons: a value and its name are one line ---- */

#define NETCTL_HOOKS(X)                            \
	X(XDP, "xdp", "ingress, before the stack") \
	X(TC, "tc", "egress of an interface")      \
	X(NF, "nf", "netfilter OUTPUT: what this host itself sends")

enum hook_id {
#define X(id, name, text) HOOK_##id,
	NETCTL_HOOKS(X)
#undef X
	HOOKS,
};

#define NETCTL_VERDICTS(X) \
	X(PASS, "pass")    \
	X(DROP, "drop")

enum verdict {
#define X(id, name) VERDICT_##id,
	NETCTL_VERDICTS(X)
#undef X
	VERDICTS,
};

/*
 * Why a packet left the program: every packet is counted under exactly one reason, and the reason
 * decides the verdict. X(id, verdict, name, text). A packet that could not be parsed in full is
 * still judged by what was read of it; only if that passes it does its parse reason stand. Of a
 * packet that hides headers, the twin that drops comes next.
 */
#define NETCTL_REASONS(X)                                                                          \
	X(OK, PASS, "ok", "parsed in full and passed")                                             \
	X(RULE, DROP, "rule", "matched a drop rule")                                               \
	X(LIMIT, DROP, "limit", "beyond the rate of a limit rule")                                 \
	X(POLICY, DROP, "policy", "no rule matched and the policy is drop")                        \
	X(NOT_IP, PASS, "not-ip", "neither IPv4 nor IPv6 (ARP, LLC and others)")                   \
	X(FRAGMENT, PASS, "fragment", "later fragment, passed by what it shows or as its first")   \
	X(EARLY, PASS, "fragment-early", "later fragment, and its datagram's first was not seen")  \
	X(EARLY_DROP, DROP, "fragment-early-drop", "later fragment, its first unseen, that no rule may pass") \
	X(TINY, PASS, "tiny-fragment", "fragment that splits or overlaps the transport header")    \
	X(TINY_DROP, DROP, "tiny-fragment-drop", "fragment that hides its transport header from a drop rule") \
	X(SHORT_L2, PASS, "short-frame", "frame ends inside the Ethernet header or a VLAN tag")    \
	X(SHORT_L3, PASS, "short-ip", "frame ends inside the IP header")                           \
	X(SHORT_L4, PASS, "short-transport", "packet ends inside the transport header")            \
	X(BAD_IP, PASS, "bad-ip", "wrong IP version or header length")                             \
	X(BAD_LENGTH, PASS, "bad-length", "IP length shorter than its header or beyond the frame") \
	X(TAGS, PASS, "many-tags", "more than 8 VLAN tags")                                        \
	X(TAGS_DROP, DROP, "many-tags-drop", "more than 8 VLAN tags hide the rest from a drop rule") \
	X(EXT, PASS, "many-headers", "more than 16 IPv6 extension headers")                        \
	X(EXT_DROP, DROP, "many-headers-drop", "more than 16 IPv6 extension headers hide the rest from a drop rule")

enum reason {
#define X(id, verdict, name, text) REASON_##id,
	NETCTL_REASONS(X)
#undef X
	REASONS,
};

#define MAX_TAGS 8	   /* VLAN tags walked; Linux itself strips priority tags without a limit */
#define MAX_EXT_HEADERS 16 /* IPv6 extension headers walked; Linux itself has no limit */

/* ---- flows ---- */

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
	__u8 folded;	/* not identity: 1 when the entry's sums hold something */
	__u8 tcp_flags; /* not identity: every TCP flag seen */
	__u8 verdict;	/* not identity: the cached enum verdict */
};

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
 * The counting half of an entry. "pending" is one word so that a packet is counted by one store
 * (one compare-and-swap at OUTPUT) and a reader always sees packets and bytes that belong together:
 *
 *	incarnation << 52 | packets << 32 | bytes
 *
 * An odd incarnation means the entry is being rewritten. Before a part overflows, pending is moved
 * to the entry's sums, which then hold something: flow_id.folded. An entry's count is what pending
 * has and, if it is folded, what the sums have; before, they hold what another flow left there.
 *
 * Who made the incarnation odd writes whatever the entry has, and its sums, and makes it even by
 * the next. All others write pending, "last" and flow_id.tcp_flags, as they count a packet. So a
 * reader that finds the same even incarnation before and after has everything as of one instant
 * but for those two, which may be a packet newer.
 *
 * The outcome (rule, audit, flow_id.verdict) is of the last packet that was judged, and holds, as
 * long as the generation does, for the classes in "known": see rules/lane.h. A flow whose packets
 * have several outcomes has an entry for each.
 */
struct flow_state {
	__u64 pending;
	__u64 known;
	__u64 spare; /* 0 */
	__u32 first, last; /* low 32 bits of jiffies: 198 days at HZ=250 */
	__u32 generation;  /* of the ruleset that the outcome comes from */
	__u32 rule : 20;   /* slot of the rule that decides (0: the policy) */
	__u32 audit : 12;  /* slot of the audit rule that matches, or 0: below RULE_SLOTS */
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
	struct count sum;
	__u64 pad[3];
};

#define WAYS 8

struct flow4_group {
	struct flow4 way[WAYS];
};

struct flow6_group {
	struct flow6 way[WAYS];
};

/* The sums of IPv4's entries, apart, as few flows count that much: one cache line holds an entry. */
struct sum4_group {
	struct count way[WAYS];
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
_Static_assert(sizeof(struct flow4) == 64, "flow4 is one cache line");
_Static_assert(sizeof(struct flow6) == 128, "flow6 is two cache lines");

/* ---- counters ---- */

/*
 * Totals of one interface at one hook on one CPU. For each verdict: the sum of seen[] over the
 * reasons with that verdict = closed[verdict] + the counts of this CPU's live flow entries with it.
 * closed[] takes part in sums modulo 2^64: moving a flow to another verdict subtracts there.
 */
#define MAX_REASONS 24

struct totals {
	__u32 ifindex;
	__u32 pad;
	struct count closed[VERDICTS];
	struct count seen[MAX_REASONS];
	__u64 extra; /* at TC: of the packets that passed, those beyond one a frame, of super-packets */
	__u64 fill[10];
};

_Static_assert(REASONS <= MAX_REASONS, "totals hold every reason");
_Static_assert(sizeof(struct totals) == 512, "totals share no page boundary");

/*
 * A CPU has load_opts.iface_slots of them at each hook. An interface claims one of TOTALS_PROBES;
 * the last of all is nobody's and takes what finds no other (ifindex 0). Half full, a table has a
 * slot for practically every interface.
 */
#define IFACE_SLOTS_MIN 64
#define IFACE_SLOTS_MAX 1024
#define TOTALS_PROBES 16
#define TOTALS_STEP(ifindex) ((__u32)(ifindex)*0x9e3779b1U >> 16 | 1) /* odd: it comes to all slots */
#define TOTALS_SLOT(ifindex, probe, slots) \
	(((ifindex) + (probe)*TOTALS_STEP(ifindex)) & ((slots)-1))

/*
 * Packets and bytes a rule has judged that no live entry holds, per CPU and slot; sums modulo 2^64.
 * A rule's count = closed over all CPUs + its live entries.
 */
#define RULE_SLOTS \
	4096 /* power of two; slot 0 is the policy; a slot outlives its rule, see ctl/rules/ruleset.h */

/*
 * Slots from RULE_SLOTS on are in blocks of RULE_SLOTS, one map for all hooks each, made when the
 * first rule in it is: struct count [(hook * cpus + cpu) * RULE_SLOTS + slot % RULE_SLOTS]. Audit
 * rules' slots are all below RULE_SLOTS.
 */
#define SLOT_BLOCKS 64
#define MAX_SLOTS (RULE_SLOTS * SLOT_BLOCKS)

/*
 * One CPU's share of a hook's flow table. moves_begun == moves_done and unchanged over a read means
 * no count moved between live entries and closed counters meanwhile.
 */
struct region {
	__u64 moves_begun;
	__u64 moves_done;
	__u64 inserted;	       /* flows entered */
	__u64 evicted;	       /* flows closed to make room */
	struct count unlisted; /* packets counted without a flow entry */
	__u32 drop_tick;       /* jiffies when drop_entries began */
	__u32 drop_entries;    /* flows closed since to make room for flows that are dropped */
	__u64 no_table;	       /* fault: a map lookup failed */
	__u64 no_program;      /* fault: the OUTPUT stub found its jump table empty */
	__u64 fill[7];
};

/*
 * How many flows a CPU closes in a jiffy to make room for flows that are dropped. What exceeds it
 * is counted without an entry, so a flood that the rules drop neither pushes out what is listed nor
 * costs evictions.
 */
#define DROP_ENTRIES 64

_Static_assert(sizeof(struct region) == 128, "a region is two cache lines, the second of faults");

/* Written by user space alone. */
struct control {
	__u64 hold_until; /* jiffies; till then nothing is evicted: a reader takes a snapshot */
};

/*
 * ---- first fragments, for those that come later: sets of ways, shared by all hooks and CPUs ----
 *
 * Nobody waits: "check" is the key XORed with the other words, so that one who reads half of what
 * another writes finds no key.
 */
struct fragment {
	__u64 check; /* fragment_key() ^ flow ^ outcome ^ when */
	union {
		__u64 flow;
		struct {
			__u16 sport, dport; /* network order, as in struct flow_id */
			__u8 protocol;
			__u8 kind; /* KINDS_KEPT of its flow */
			__u16 pad;
		};
	};
	union {
		__u64 outcome;
		struct {
			__u32 slot;		       /* of the rule that decided */
			__u32 verdict : 1, limit : 31; /* struct rule_extra of the limit, or 0 */
		};
	};
	union {
		__u64 when;
		struct {
			__u32 built; /* struct blob's, of the rules that judged it */
			__u32 seen;  /* 2^24 ns (17 ms) of CLOCK_MONOTONIC */
		};
	};
};

#define FRAGMENT_WAYS 8
#define FRAGMENT_SETS 1024 /* power of two */
#define FRAGMENT_CLOCK(ns) ((__u32)((ns) >> 24))
#define FRAGMENT_LIFE FRAGMENT_CLOCK(30000000000ULL) /* as long as Linux waits for the others */

struct fragment_set {
	struct fragment way[FRAGMENT_WAYS];
};

#define FRAGMENT_MEMORY (FRAGMENT_SETS * sizeof(struct fragment_set))

_Static_assert(sizeof(struct fragment) == 32, "two are a cache line");

#include "rules/blob.h"

/* ---- what is settled when a program is loaded; the same struct in every object ---- */

struct load_opts {
	__u64 seed[2]; /* of the flow hash: random, so that nobody can aim at one group */
	__u32 cpus;    /* possible CPUs */
	__u32 groups4; /* of the flow table, a CPU; powers of two */
	__u32 groups6;
	__u32 buckets; /* sets of the table of buckets, a power of two; its head comes before them */
	__u32 iface_slots; /* struct totals of a CPU and hook, a power of two */
	__u32 pad;
};

#endif
