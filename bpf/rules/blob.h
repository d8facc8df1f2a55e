/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob.h - the compiled ruleset as it crosses the kernel boundary: the part of types.h about rules. */
#ifndef NETCTL_BLOB_H
#define NETCTL_BLOB_H

#include "../limit/meter.h"
#include "class_types.h"

/*
 * One read-only value in one slot of an array of maps; a packet reads the slot once. A slot without
 * a map is the closed gate: everything passes uncounted, because the attach that loaded us is not
 * finished.
 *
 * Rules are boxes: every field lies in lo..hi, both ends in. A rule may need several boxes (lists,
 * "not", "host"), and the first box in rule order that matches decides. Each family has boxes of
 * its own: few of them are one list, walked from its beginning; more are a forest (struct tree).
 * Audit boxes are a list beside it, walked up to the rule that decides.
 *
 * What does not fit into the blob continues in parts, a map each: to user space one piece of memory,
 * BLOB_SIZE bytes and then the parts; to programs a lookup each, of one element, which the kernel
 * makes part of the program. Parts are as many as it takes, and a ruleset of few rules has none.
 */
#define BLOB_SIZE (512 << 10) /* power of two */
#define BLOB_MAGIC 0x6e637462 /* "nctb" */
#define PART_SIZE (1 << 20)   /* power of two */
#define MAX_PARTS 256	      /* 256 MiB */
#define BLOB_MAX (BLOB_SIZE + MAX_PARTS * PART_SIZE)
#define PARTS_PLACES 2 /* a ruleset's parts are in slots generation % 2 * MAX_PARTS and on */
#define PARTS_SLOTS (PARTS_PLACES * MAX_PARTS)
#define MAX_RULES 131072
#define MAX_BOXES (1 << 20) /* of one family */
#define MAX_AUDITS 256	    /* audit boxes of one family: every packet of a new flow meets all */
#define MAX_LINEAR 16	    /* boxes of one family that stay a list */

enum action {
	ACTION_PASS,
	ACTION_DROP,
	ACTION_AUDIT, /* counts, and the walk goes on */
	ACTION_LIMIT, /* passes up to a rate: see struct rule_extra */
};

/*
 * What a rule's number in boxes stands for: one record a rule, in the order of the list. "extra" is
 * the number of its struct rule_extra, from 1; 0: it has none.
 */
struct rule_record {
	__u32 slot;
	__u32 action : 4; /* enum action */
	__u32 extra : 28;
};

/* What few rules have. */
struct rule_extra {
	struct meter meter; /* ACTION_LIMIT */
	__u64 pad[2];
};

_Static_assert(sizeof(struct rule_record) == 8, "rule_record has a hole");
_Static_assert(sizeof(struct rule_extra) == 64, "rule_extra is one cache line");

/* What no packet may be that is to match: one bit of struct box's "refuses" each. */
#define NOT_HOOK(hook) (1 << (hook))	      /* enum hook_id */
#define NOT_PORTLESS (1 << HOOKS)	      /* a packet whose ports were not read */
#define NOT_FRAG(later) (2 << HOOKS << (later)) /* 1: later fragments; 0: all others */
#define NOT_BLIND (8 << HOOKS)		      /* KIND_BLIND */
#define NOT_BARE (16 << HOOKS)		      /* without an Ethernet header: struct packet's bare */

_Static_assert(NOT_BARE <= 255, "refuses is a byte");

enum box_flags {
	BOX_REST = 1,	 /* the packet must match a struct rest too */
	BOX_MORE = 2,	 /* and a struct more */
	BOX_CLASSES = 4, /* there is a rest alone, and it limits nothing but classes of addresses */
	BOX_TIMED = 8,	 /* the struct more has a time */
};

/* What IPv4, IPv6 and other frames are all compared in. */
struct box {
	__u16 sport_lo, sport_hi; /* host order */
	__u16 dport_lo, dport_hi; /* host order; ICMP: type << 8 | code; other: ethertype */
	__u8 proto_lo, proto_hi;
	__u8 refuses; /* NOT_HOOK() and the like */
	__u8 flags;   /* enum box_flags */
	__u32 rule;   /* RULE_NUMBER() of its position in the list: the priority */
};

/* What few rules look at. */
struct rest {
	__u32 ifindex_lo, ifindex_hi;
	__u16 outer_lo, outer_hi; /* VLAN ids */
	__u16 inner_lo, inner_hi;
	__u16 len_lo, len_hi; /* network-layer bytes of one wire packet; 65535: or more */
	__u16 src_class_lo, src_class_hi; /* of the addresses: which sets they are in */
	__u16 dst_class_lo, dst_class_hi;
	__u8 tcp_mask, tcp_value; /* flags & mask == value */
	__u8 pad[2];
};

/* What hardly any rule looks at. */
struct more {
	__u32 until; /* seconds of CLOCK_BOOTTIME, the first at which the rule is gone; or 0 */
	__u8 byte_lo[BYTE_COUNT], byte_hi[BYTE_COUNT];
	__u16 class_lo[NUMBER_COUNT], class_hi[NUMBER_COUNT]; /* see struct number_classes */
	__u8 pad[28 - 2 * BYTE_COUNT - 4 * NUMBER_COUNT];
};

/* Behind it, if BOX_REST, a struct rest; behind that, if BOX_MORE, a struct more. */
struct box4 {
	__u32 src_lo, src_hi; /* host order */
	__u32 dst_lo, dst_hi;
	struct box box;
};

struct addr6 { /* host order: an IPv6 address as one 128-bit number */
	__u64 hi, lo;
};

#include "../lookup/lookup_types.h"

/* Behind it, if BOX_MORE, a struct more in as many bytes. */
struct box6 {
	struct addr6 src_lo, src_hi;
	struct addr6 dst_lo, dst_hi;
	struct box box;
	struct rest rest;
	__u32 pad[4];
};

#include "overlay.h"

#define BOX_UNIT 32 /* IPv4's boxes and what is behind them stand in such units, one by one */

_Static_assert(sizeof(struct box) == 16, "box has a hole");
_Static_assert(sizeof(struct box4) == BOX_UNIT, "box4 is half a cache line");
_Static_assert(sizeof(struct rest) == BOX_UNIT, "rest is a unit");
_Static_assert(sizeof(struct more) == BOX_UNIT, "more is a unit");
_Static_assert(sizeof(struct box6) == 128, "box6 is two cache lines");

/*
 * A list of at most MAX_LINEAR boxes, or PAGE_BOXES of a leaf, lie in what begins with them: none
 * begins where that would reach past the end of the blob, or of its part. A leaf of more goes on in
 * the next page after its first.
 */
struct box_page {
	char bytes[8192];
};

/*
 * The forest: boxes of one family in at most four trees, by how much of the addresses they leave
 * open. Nodes send a packet down by words of its key; at the bottom is a
 * leaf, a few boxes in rule order. A box may be in several leaves of its tree.
 */
enum key_word {
	KEY_SRC, /* addresses: their last 32 bits */
	KEY_DST,
	KEY_SPORT,
	KEY_DPORT,
	KEY_PROTO,
	KEY_IFINDEX,
	KEY_OUTER,
	KEY_INNER,
	KEY_LENGTH,
	KEY_SRC_CLASS,
	KEY_DST_CLASS,
	KEY_BYTE,				/* enum packet_byte */
	KEY_NUMBER = KEY_BYTE + BYTE_COUNT,	/* enum packet_number: classes */
	KEY_WORDS4 = KEY_NUMBER + NUMBER_COUNT,
	KEY_SRC_HIGH = KEY_WORDS4,		/* the 96 bits before, highest first: IPv6 */
	KEY_DST_HIGH = KEY_SRC_HIGH + 3,
	KEY_WORDS = KEY_DST_HIGH + 3,
	KEY_JUMP = 30, /* no word: see struct node */
	KEY_LEAF = 31,
};

#define MAX_DEPTH 40 /* cuts above a leaf */
#define MAX_TREES 4
#define MAX_LEAF 512 /* boxes */
#define PAGE_BOXES 32 /* of a leaf: see struct box_page */
#define NO_RULE 0xffffffff

_Static_assert(2 * sizeof(struct box6) * PAGE_BOXES == sizeof(struct box_page), "a page holds the largest");

/*
 * A node sends a packet to one of four neighbours: by split[0], and by split[1] those at most that,
 * by split[2] the others. All three are looked at, since waiting for the first costs more.
 */
struct node {
	__u32 split[3]; /* leaf: how many boxes, and where in units of BOX_UNIT */
	__u32 next; /* NODE_NEXT(three enum key_word, quarter of the index of the first neighbour) */
};

#define NODE_NEXT(w0, w1, w2, group) \
	((__u32)(w0) << 27 | (__u32)(w1) << 22 | (__u32)(w2) << 17 | (group))
#define NODE_WORD(next, n) ((next) >> (27 - 5 * (n)) & 31) /* the first: KEY_LEAF, KEY_JUMP */
#define NODE_GROUP(next) ((next)&0x1ffff)		   /* in the same part */
#define NODE_WAYS 4
#define PART_NODES (PART_SIZE / sizeof(struct node))
/* KEY_JUMP: the node is that of index split[0], counted from the first part on. */

_Static_assert(KEY_WORDS < KEY_JUMP, "words and what is none are told apart");
_Static_assert(NODE_WAYS * sizeof(struct node) == 64, "neighbours are a cache line");
_Static_assert(PART_NODES / NODE_WAYS <= 1 << 17, "a part's groups can be numbered");

struct tree {
	__u32 root; /* index of its first node, counted from the first part on */
	__u32 best; /* first rule that is in it */
};

/* The first bytes of the parts. */
struct part_head {
	__u32 magic, generation; /* the blob's "built" */
	__u32 pad[14];
};

enum family {
	FAMILY_IP4,
	FAMILY_IP6,
	FAMILY_OTHER, /* compared as IPv4 without addresses */
	FAMILIES,
};

/* The boxes of one family; offsets are in bytes from the blob's beginning. */
struct family_rules {
	__u32 boxes, count;		/* the list, in rule order */
	__u32 audits, audit_count;	/* the list of audit boxes */
	struct tree tree[MAX_TREES];	/* in the order of their best rules */
	__u32 total;			/* boxes, audit boxes included */
	__u32 trees;			/* how many */
	__u32 worst_nodes, worst_boxes; /* what any packet can meet at most */
};

/*
 * A packet that does not show all (KIND_HIDDEN, KIND_LATER) is compared with boxes that it surely
 * matches, as every packet is, and then with those that it might match: what is left of a rule that
 * looks at what such packets do not show when that is left out. Those of rules that drop and those
 * of rules that pass are apart.
 */
enum might {
	MIGHT_DROP,
	MIGHT_PASS,
	MIGHTS,
};

/* By what is not shown: the transport header; the protocol too; all but the first tags. */
enum unseen {
	UNSEEN_IP4,
	UNSEEN_IP6,
	UNSEEN_TAGGED,
	UNSEEN_BLIND6,
	UNSEENS,
};

static inline enum family unseen_family(enum unseen unseen)
{
	return unseen == UNSEEN_BLIND6 ? FAMILY_IP6 : (enum family)unseen;
}

_Static_assert((int)UNSEEN_IP4 == FAMILY_IP4 && (int)UNSEEN_IP6 == FAMILY_IP6 &&
		       (int)UNSEEN_TAGGED == FAMILY_OTHER,
	       "of families");

struct blob {
	__u32 magic;
	__u32 built; /* the generation it was compiled as, which its parts have, too */
	union {
		__u64 state; /* OVERLAY_STATE() of both: they change together, see struct overlay */
		struct {
			__u32 generation; /* never 0; grows with every change */
			__u32 overlay;	  /* counts */
		};
	};
	__u8 policy;	  /* enum verdict */
	__u8 zero;
	__u8 pad[2];
	__u32 parts;	  /* how many; 0: none */
	__u32 parts_slot; /* of the first, in the map of parts */
	__u32 records; /* struct rule_record of every rule; in bytes, from the blob's beginning */
	__u32 extras;  /* struct rule_extra, and how many */
	__u32 extra_count;
	struct family_rules family[FAMILIES];
	struct family_rules might[MIGHTS][UNSEENS];
	struct lookup_head lookup;

	/* user space's own: the ruleset as text, one "ID SLOT BEYOND UNTIL RULE" a line */
	__u32 text, text_len;
	__u32 rules; /* how many */
	__u32 next_id, next_slot, next_audit;
	__u32 spares, spare[OVERLAY_RULES]; /* slots for rules added in place, once next_slot is at its end */
	__u32 sets, sets_len;		    /* all sets, see blob_sets.c */
	__u32 set_count;

	struct flow_classes classes;

	struct overlay edits __attribute__((aligned(128)));
};

_Static_assert(FAMILIES == 3 && sizeof(struct overlay_box) >= sizeof(struct box6), "overlay");
_Static_assert(sizeof(struct overlay_box) >= 3 * BOX_UNIT, "overlay");

/* Bytes of a compiled ruleset, its parts included. */
static inline unsigned long blob_size(const struct blob *blob)
{
	return BLOB_SIZE + (unsigned long)blob->parts * PART_SIZE;
}

#endif
