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
#define NETCTL_LAYOUT 1

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
 * still judged by what was read of it; only if that passes it does its parse reason stand.
 */
#define NETCTL_REASONS(X)                                                                          \
	X(OK, PASS, "ok", "parsed in full and passed")                                             \
	X(RULE, DROP, "rule", "matched a drop rule")                                               \
	X(POLICY, DROP, "policy", "no rule matched and the policy is drop")                        \
	X(NOT_IP, PASS, "not-ip", "neither IPv4 nor IPv6 (ARP, LLC and others)")                   \
	X(FRAGMENT, PASS, "fragment", "later fragment: it has no ports")                           \
	X(TINY, PASS, "tiny-fragment", "fragment that splits or overlaps the transport header")    \
	X(TINY_DROP, DROP, "tiny-fragment-drop", "the same, and a drop rule looks at that header") \
	X(SHORT_L2, PASS, "short-frame", "frame ends inside the Ethernet header or a VLAN tag")    \
	X(SHORT_L3, PASS, "short-ip", "frame ends inside the IP header")                           \
	X(SHORT_L4, PASS, "short-transport", "packet ends inside the transport header")            \
	X(BAD_IP, PASS, "bad-ip", "wrong IP version or header length")                             \
	X(BAD_LENGTH, PASS, "bad-length", "IP length shorter than its header or beyond the frame") \
	X(TAGS, PASS, "many-tags", "more than 8 VLAN tags")                                        \
	X(TAGS_DROP, DROP, "many-tags-drop", "the same, and a drop rule looks at IP")              \
	X(EXT, PASS, "many-headers", "more than 16 IPv6 extension headers")                        \
	X(EXT_DROP, DROP, "many-headers-drop", "the same, and a drop rule looks behind them")

enum reason {
#define X(id, verdict, name, text) REASON_##id,
	NETCTL_REASONS(X)
#undef X
	REASONS,
};

#define MAX_TAGS 8	   /* VLAN tags walked; Linux itself strips priority tags without a limit */
#define MAX_EXT_HEADERS 16 /* IPv6 extension headers walked; Linux itself has no limit */

/* ---- flows ---- */

/* What a flow_id.kind byte says; part of a flow's identity. */
enum kind {
	KIND_IP4 = 1, /* neither IP4 nor IP6: another ethertype, kept in dport */
	KIND_IP6 = 2,
	KIND_FIRST = 4, /* first fragment */
	KIND_LATER = 8, /* later fragment */
	KIND_PORTS = 16, /* the transport header was read: ports; ICMP: id, type and code */
	KIND_HIDDEN = 32, /* what a rule may look at could not be read: reasons TINY, TAGS, EXT */
};

/*
 * The part of a flow key both families share, followed by two bytes of the entry that are not
 * identity and stand here because the key leaves room (FLOW_ID_MASK leaves them out of
 * comparisons).
 */
struct flow_id {
	__u16 sport; /* network order; ICMP echo: identifier; else 0 */
	__u16 dport; /* network order; ICMP: type << 8 | code; not IP: ethertype; else 0 */
	__u32 ifindex;
	__u32 tags; /* outer VLAN id << 20 | inner id << 8 | IP protocol; id 0: none or priority */
	__u8 kind;	/* enum kind bits */
	__u8 cls;	/* predicate class under the entry's ruleset: see struct blob */
	__u8 tcp_flags; /* not identity: every TCP flag seen */
	__u8 verdict;	/* not identity: the cached enum verdict */
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FLOW_ID_MASK 0x0000ffffffffffffULL
#else
#define FLOW_ID_MASK 0xffffffffffff0000ULL
#endif

#define ID_TAGS(outer, inner, proto) ((__u32)(outer) << 20 | (__u32)(inner) << 8 | (__u32)(proto))
#define ID_OUTER(tags) ((tags) >> 20)
#define ID_INNER(tags) ((tags) >> 8 & 0xfff)
#define ID_PROTO(tags) ((tags)&0xff)

/*
 * The counting half of an entry. "pending" is one word so that a packet is counted by one store
 * (one compare-and-swap at OUTPUT) and a reader always sees packets and bytes that belong together:
 *
 *	incarnation << 52 | packets << 32 | bytes
 *
 * An odd incarnation means the entry is being rewritten. Before a part overflows, pending is moved
 * to packets and bytes. A flow's count is packets + pending packets, and so for bytes.
 */
struct flow_state {
	__u64 pending;
	__u64 packets;
	__u64 bytes;
	__u32 first, last; /* low 32 bits of jiffies: 198 days at HZ=250 */
	__u32 generation;  /* ruleset the cached verdict comes from; 0: judge every packet anew */
	__u16 rule;	   /* slot of the rule that decides (0: the policy) */
	__u16 audit;	   /* slot of the audit rule that matches, or 0 */
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

struct flow4_set {
	struct flow4 way[WAYS];
};

struct flow6_set {
	struct flow6 way[WAYS];
};

/* One byte a way: 0 empty, else 0x80 | 7 bits of the hash. Byte i is way i in memory. */
struct tag_set {
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

struct count {
	__u64 packets;
	__u64 bytes; /* xdp, tc: frame bytes on the wire without FCS; nf: from the IP header on */
};

/*
 * Totals of one interface at one hook on one CPU. For each verdict: the sum of seen[] over the
 * reasons with that verdict = closed[verdict] + the counts of this CPU's live flow entries with it.
 * closed[] takes part in sums modulo 2^64: moving a flow to another verdict subtracts there.
 */
#define IFACE_SLOTS \
	64 /* interfaces told apart; the last slot takes what finds no other (ifindex 0) */
#define MAX_REASONS 24

struct totals {
	__u32 ifindex;
	__u32 pad;
	struct count closed[VERDICTS];
	struct count seen[MAX_REASONS];
	__u64 fill[11];
};

_Static_assert(REASONS <= MAX_REASONS, "totals hold every reason");
_Static_assert(sizeof(struct totals) == 512, "totals share no page boundary");

/*
 * Packets and bytes a rule has judged that no live entry holds, per CPU and slot; sums modulo 2^64.
 * A rule's count = closed over all CPUs + its live entries.
 */
#define RULE_SLOTS \
	4096 /* power of two; slot 0 is the policy; a slot outlives its rule, see ctl/ruleset.h */

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
	__u64 no_table;	       /* fault: a map lookup failed */
	__u64 no_program;      /* fault: the OUTPUT stub found its jump table empty */
};

_Static_assert(sizeof(struct region) == 64, "a region is one cache line");

/* Written by user space alone. */
struct control {
	__u64 hold_until; /* jiffies; till then nothing is evicted: a reader takes a snapshot */
};

/* ---- the compiled ruleset ---- */

/*
 * One read-only value in one slot of an array of maps; a packet reads the slot once. A slot without
 * a map is the closed gate: everything passes uncounted, because the attach that loaded us is not
 * finished.
 *
 * Rules are boxes: every field lies in lo..hi, both ends in. A rule may need several boxes (lists,
 * "not", "host"); they are in rule order, and the first box that matches decides. Three lists, one
 * a family.
 */
#define BLOB_SIZE (512 << 10) /* power of two */
#define BLOB_MAGIC 0x6e637462 /* "nctb" */
#define MAX_RULES 256
#define MAX_BOXES 2048 /* of one list */
#define LEN_CLASSES 31 /* so that a search takes five steps */

enum action {
	ACTION_PASS,
	ACTION_DROP,
	ACTION_AUDIT, /* counts, and the walk goes on */
};

enum box_flags {
	BOX_PORTS = 1, /* the packet's ports must have been read */
};

/* What IPv4, IPv6 and other frames are all compared in. */
struct box {
	__u16 sport_lo, sport_hi; /* host order */
	__u16 dport_lo, dport_hi; /* host order; ICMP: type << 8 | code; other: ethertype */
	__u32 ifindex_lo, ifindex_hi;
	__u16 outer_lo, outer_hi; /* VLAN ids */
	__u16 inner_lo, inner_hi;
	__u16 len_lo, len_hi; /* network-layer bytes of one wire packet; 65535: or more */
	__u8 proto_lo, proto_hi;
	__u8 frag_lo, frag_hi;	  /* 0 whole, 1 first fragment, 2 later fragment */
	__u8 tcp_mask, tcp_value; /* flags & mask == value */
	__u8 hooks;		  /* 1 << enum hook_id */
	__u8 flags;		  /* enum box_flags */
	__u16 slot;
	__u8 action; /* enum action */
	__u8 pad[5];
	__u32 rule; /* position in the list: the priority */
};

struct box4 {
	__u32 src_lo, src_hi; /* host order */
	__u32 dst_lo, dst_hi;
	struct box box;
};

struct addr6 { /* host order: an IPv6 address as one 128-bit number */
	__u64 hi, lo;
};

struct box6 {
	struct addr6 src_lo, src_hi;
	struct addr6 dst_lo, dst_hi;
	struct box box;
	__u64 pad[2];
};

_Static_assert(sizeof(struct box) == 48, "box has a hole");
_Static_assert(sizeof(struct box4) == 64, "box4 is one cache line");
_Static_assert(sizeof(struct box6) == 128, "box6 is two cache lines");

/* Which packets that could not be parsed a drop rule might have meant. */
enum unparsed {
	UNPARSED_L4 = 1, /* some drop rule looks at the transport header */
	UNPARSED_IP = 2, /* some drop rule looks at IP */
};

struct blob {
	__u32 magic;
	__u32 generation; /* never 0; grows by one with every change */
	__u8 policy;	  /* enum verdict */
	__u8 unparsed;	  /* enum unparsed bits */
	__u8 len_classes; /* how many of len_class[] count */
	__u8 zero;
	__u32 count4, count6, count_other; /* boxes */
	__u32 boxes4, boxes6, boxes_other; /* byte offsets in the blob, multiples of the box size */

	/* user space's own: the ruleset as text, one "ID SLOT RULE" a line */
	__u32 text, text_len;
	__u32 rules; /* how many */
	__u32 next_id, next_slot;

	/*
	 * What rules can tell apart beyond the flow key, folded into one byte of it, so that a
	 * verdict is a function of the key: class = flag_class[TCP flags] + the number of
	 * len_class[] values < length. flag_class values are multiples of (len_classes + 1);
	 * len_class is sorted, unused values are 65535.
	 */
	__u16 len_class[LEN_CLASSES + 1];
	__u8 flag_class[256];
};

/* ---- what is settled when a program is loaded; the same struct in every object ---- */

struct load_opts {
	__u64 seed[2]; /* of the flow hash: random, so that nobody can aim at one set */
	__u32 cpus;    /* possible CPUs */
	__u32 sets4;   /* flow table sets a CPU, powers of two */
	__u32 sets6;
	__u32 pad;
};

#endif
