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
#define NETCTL_LAYOUT 15

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

#include "flow/flow_types.h"

/* ---- counters ---- */

/*
 * Counters have two halves, by the parity of the epoch in which they were counted: what a counter
 * has is the sum of both. While an epoch lasts the other's half stands still.
 */
struct halves {
	struct count half[2];
};

/*
 * Totals of one interface at one hook on one CPU. For each verdict: the sum of seen[] over the
 * reasons with that verdict = closed[verdict] + what this CPU's live flow entries have of it.
 * Both are counted by the packets, neither is made from the other.
 */
#define MAX_REASONS 24

struct totals_half {
	__u64 pad;
	struct count closed[VERDICTS]; /* no live entry has it */
	struct count seen[MAX_REASONS];
	__u64 extra; /* at TC: of the packets that passed, those beyond one a frame, of super-packets */
	__u64 fill[10];
};

struct totals {
	union {
		__u32 ifindex; /* in the place of the first half's pad */
		struct totals_half half[2];
	};
};

_Static_assert(REASONS <= MAX_REASONS, "totals hold every reason");
_Static_assert(sizeof(struct totals) == 1024, "totals share no page boundary");

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

/* Packets and bytes a rule has judged that are not pending in an entry, per CPU and slot. */
#define RULE_SLOTS \
	4096 /* power of two; slot 0 is the policy; a slot outlives its rule, see ctl/rules/ruleset.h */

/*
 * Slots from RULE_SLOTS on are in blocks of RULE_SLOTS, one map for all hooks each, made when the
 * first rule in it is: struct halves [(hook * cpus + cpu) * RULE_SLOTS + slot % RULE_SLOTS]. Audit
 * rules' slots are all below RULE_SLOTS.
 */
#define SLOT_BLOCKS 64
#define MAX_SLOTS (RULE_SLOTS * SLOT_BLOCKS)

/*
 * One CPU's share of a hook's flow table. A move is what a reader of the epoch's images would miss:
 * an entry that is closed, or folded again after its image was taken. moves_begun == moves_done and
 * unchanged from before the epoch to the end of a reading means that there was none.
 */
struct region {
	__u64 moves_begun;
	__u64 moves_done;
	__u64 inserted;	       /* flows entered */
	__u64 evicted;	       /* flows closed to make room */
	struct halves unlisted; /* packets counted without a flow entry */
	__u32 drop_tick;       /* jiffies when drop_entries began */
	__u32 drop_entries;    /* flows closed since to make room for flows that are dropped */
	__u64 no_table;	       /* fault: a map lookup failed */
	__u64 no_program;      /* fault: a program found its jump table empty */
	__u64 fill[5];
};

/*
 * How many flows a CPU closes in a jiffy to make room for flows that are dropped. What exceeds it
 * is counted without an entry, so a flood that the rules drop neither pushes out what is listed nor
 * costs evictions.
 */
#define DROP_ENTRIES 64

_Static_assert(sizeof(struct region) == 128, "a region is two cache lines, the second of faults");

/*
 * Written by readers that take a snapshot, one after the other; but for the highest byte of the
 * epoch, which the packet path keeps as jiffies go on (by compare-and-swap, as readers do).
 */
struct control {
	__u64 hold_until; /* jiffies; till then nothing moves: see struct region */
	__u32 epoch;	  /* see EPOCH_BITS */
	__u32 settled;	  /* EPOCH_BITS of the last epoch since which none before is counted in */
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
	__u64 tick_ns;	       /* length of a jiffy */
	__u64 jiffies_at_zero; /* jiffies64 when CLOCK_MONOTONIC was 0, modulo 2^64 */
};

#endif
