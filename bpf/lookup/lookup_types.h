/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_types.h - which sets an address is in, as it crosses the kernel boundary: the part of blob.h about sets. */
#ifndef NETCTL_LOOKUP_TYPES_H
#define NETCTL_LOOKUP_TYPES_H

#include <linux/types.h>

/*
 * The sets that rules use cut the addresses into disjoint ranges; a range's class tells which of the
 * sets hold it, 0: none. Rules compare classes, so any number of sets costs a packet one lookup of
 * its source, one of its destination.
 *
 * The ranges of one family, in order, are the leaves of a static tree two levels high. A node has up
 * to 17 leaves (IPv6: 11). Which node: a table by the high bits of an address tells the first and the
 * last that it may be, mostly the same one; between them, the nodes' last addresses are searched.
 *
 * A leaf is one cache line, and it is memory that packets wait for. So a leaf of IPv6 has its ranges
 * in the shortest way of three that all of them can be told in: see struct leaf6.
 */
#define LEAF4 8	 /* ranges of a leaf */
#define NODE4 16 /* leaves of a node but one */
#define NODE6 11 /* leaves of a node at most */
#define NODE_SIZE 64
#define MAX_BUCKETS 65536
#define MAX_LOOKUP_NODES 65535 /* of one family, and as many as their fences fit in one part */

/* A range from lo on; for how far: SPAN_OF(info). */
struct leaf4_range {
	__u32 lo; /* host order */
	__u32 info;
};

struct leaf4 {
	struct leaf4_range range[LEAF4];
};

/*
 * Ranges of whole /64, and /64 in which one host is all there is, in one info. A range's high half
 * is base + (at << shift), and "at" of the first 0.
 */
#define NEAR6 10

struct near6 {
	__u64 base;
	__u32 lows; /* number of the first low half of a host among those of the directory */
	__u32 info;
	__u32 at[NEAR6 - 1];
	__u8 span[NEAR6]; /* 2 to this power of /64; or NEAR_ */
	__u8 shift, kind;
};

#define NEAR_OPEN 64  /* up to the next range */
#define NEAR_GAP 65   /* up to the next range, and in no set */
#define NEAR_HOST 128 /* bit: a host, and its number in the leaf */

/* Single hosts in one info, several of them in a /64; high halves as above, in whole /64. */
#define HOST6 4

struct hosts6 {
	__u64 base;
	__u64 low[HOST6];
	__u32 at[HOST6];
	__u32 info;
	__u8 pad[3], kind;
};

/* Any ranges. */
#define ANY6 3

struct any6 {
	struct addr6 lo[ANY6];
	__u32 info[ANY6];
	__u8 pad[3], kind;
};

enum leaf6_kind {
	LEAF6_NEAR,
	LEAF6_HOSTS,
	LEAF6_ANY,
	LEAF6_KINDS,
};

#define LEAF6_AFTER \
	4 /* bit beside it: before its ranges, but in its node's unit, are the last leaf's */
#define LEAF6_KIND(kind) ((kind)&3)
#define INFO_BEFORE 0xffffffff /* what such a leaf says of that */

struct leaf6 {
	union {
		struct near6 near;
		struct hosts6 hosts;
		struct any6 any;
		struct {
			__u8 bytes[63], kind; /* of all three */
		};
	};
};

/* The last addresses that belong to its leaves but one; unused: the last there is. */
struct node4 {
	__u32 last[NODE4];
};

/* In which units of 2^shift, from base on, its leaves but the first begin. Unused: NO_LEAF6. */
struct node6 {
	struct addr6 base; /* at or before its first leaf */
	__u32 leaf;	   /* number of its first leaf */
	__u8 shift, pad[3];
	__u32 at[NODE6 - 1];
};

#define NO_LEAF6 0xffffffff

_Static_assert(sizeof(struct leaf4) == 64, "one cache line");
_Static_assert(sizeof(struct near6) == 64 && sizeof(struct hosts6) == 64, "one cache line");
_Static_assert(sizeof(struct any6) == 64 && sizeof(struct leaf6) == 64, "one cache line");
_Static_assert(sizeof(struct node4) == NODE_SIZE && sizeof(struct node6) == NODE_SIZE, "nodes");

/* special | span | class, or number of the struct lookup_record if special */
#define INFO_SPECIAL 0x80000000
#define INFO_WHAT(info) ((info)&0x7fffff)
#define SPAN_OF(info) ((info) >> 23 & 0xff) /* 2 to this power of addresses */
#define SPAN_OPEN4 63			    /* up to the next range */
#define SPAN_OPEN6 128
#define MAX_RECORDS (1 << 23)
#define MAX_CLASSES 65536

/* Places are in bytes from the beginning of the parts. */
struct directory {
	__u32 table;  /* __u16: the node that has the first address of each bucket; and one more */
	__u32 fences; /* last addresses of the nodes, in the table's part */
	__u32 nodes, leaves;
	__u32 shift; /* bucket = (address - first) >> shift */
	__u32 node_count;
	__u32 ranges;
	__u32 worst_steps;	  /* beside table, node and leaf */
	struct addr6 first, last; /* outside of these nothing is in a set; IPv4: lo */
};

/*
 * Very many IPv4 ranges of few kinds are beside the tree, two bytes a prefix or host: so what a
 * packet needs of a million is one line of memory, and all of them mostly stay in the processor's
 * cache, from where memory is ten times as far.
 *
 * The high 17 bits of an address name a page. A page has the prefixes in it, one in 16 bits: those
 * of the prefix's bits that are below the page's, a one, and zeros. Where there are too many, it has
 * 2^cuts blocks, each of an equal part of the page, instead. What is in no prefix is in no set.
 * Blocks with too many still, or with some of another kind, are left to the tree.
 */
#define PAGES 131072
#define PAGE_BITS 15 /* of an address */
#define PAGE_WORDS 4
#define PAGE_PREFIXES 15
#define BLOCK_WORDS 2
#define BLOCK_PREFIXES 8
#define BLOCK_MAX_CUTS 12 /* that leaves 8 addresses; 0: there are no blocks */
#define BLOCK_NONE 0x8001 /* what is in no use: a block's bits leave the highest of 16 free */
#define BLOCK_TREE 0	  /* the first word of a block left to the tree */
#define PAGE_INFOS 32
#define INFO_TREE ~0U	  /* the info of what is left to the tree */
#define PAGES_FROM 200000 /* fewer ranges are no trouble in the tree */

/* The lowest 16 bits: cuts << 5 | number of the info. With cuts, the highest 32: number of the first block. */
struct dense4_page {
	__u64 word[PAGE_WORDS];
};

#define PAGE_INFO(word) ((word) & (PAGE_INFOS - 1))
#define PAGE_CUTS(word) ((word) >> 5 & 15)
#define PAGE_BLOCKS(word) ((word) >> 32)

struct dense4_block {
	__u64 word[BLOCK_WORDS];
};

struct dense4_pages {
	__u32 pages;  /* place of struct dense4_page[PAGES]; 0: there are none */
	__u32 blocks; /* place of all blocks */
	__u32 count;  /* prefixes */
	__u32 pad;
	__u32 info[PAGE_INFOS]; /* of what is in a page's prefixes, or INFO_TREE */
};

/* A range that needs more than a class: what it says of packets without the ports below. */
struct lookup_record {
	__u32 answer; /* number of a struct lookup_outcome */
	__u32 steps;  /* number of its first struct lookup_step */
	__u32 count;  /* of its steps */
	__u32 any;    /* steps are of ports alone, whatever the protocol */
};

/* A service: protocol << 16 | port, both ends in; sorted by it. */
struct lookup_step {
	__u32 lo, hi;
	__u32 answer;
	__u32 pad;
};

/*
 * The class until a second of CLOCK_BOOTTIME; from then on, the next answer's. The last one's until
 * is 0. Its elements' counters are slots[slots..slots + count]: slot | direction bits << 30.
 */
struct lookup_outcome {
	__u32 until;
	__u16 class;
	__u16 count;
	__u32 slots;
	__u32 pad;
};

#define SLOT_OF(word) ((word)&0x3fffffff)
#define SLOT_DIRECTIONS(word) ((word) >> 30)
#define MAX_CHAIN 16	      /* answers one after the other */
#define MAX_LOOKUP_SLOTS 64   /* counters of one answer */

/*
 * Instead of protocol << 16 | port: of a packet that has none; and of one that does not show its port,
 * of a protocol or, UNSEEN_PROTO, of one that it does not show either, whose answer has the sets that have any
 * such service of the address.
 */
#define NO_SERVICE 0xffffffff
#define UNSEEN_SERVICE(proto) (0x80000000 | UNSEEN_PORT(proto))
#define UNSEEN_PROTO 256
#define UNSEEN_PORT(proto) (0x10000 | (proto)) /* the same among steps of ports alone */

enum direction {
	DIRECTION_SRC = 1,
	DIRECTION_DST = 2,
};

struct lookup_head {
	__u32 directions; /* bits of those that rules look at; 0: no sets are used */
	__u32 records, steps, answers, slots; /* places */
	__u32 classes;			      /* how many */
	__u32 worst_steps;		      /* searching services */
	__u32 lows;	       /* place: __u64 of hosts in leaves of the kind LEAF6_NEAR */
	__u32 port_directions; /* bits of those where rules look for sets of ports that have counters */
	__u32 port_record;     /* number of the record whose steps are the ports of all of them */
	__u32 port_steps;      /* searching it */
	__u32 pad;
	struct directory directory[2]; /* FAMILY_IP4, FAMILY_IP6 */
	struct dense4_pages pages;
};

#endif
