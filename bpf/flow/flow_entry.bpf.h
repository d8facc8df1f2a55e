/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_entry.bpf.h - one entry of the flow table: its key, its words, how it changes hands.
 *
 * The table is set-associative: one word of tags tells which of 8 ways may hold a key, so a hit
 * touches that word and one entry. Both families share this text: an entry is "words" u64 of
 * addresses, struct flow_id, struct flow_state.
 *
 * Nobody waits. An entry changes hands by swap_word() on its pending word; the loser counts its
 * packet into the closed counters instead. Two contexts may enter the same flow twice: readers
 * merge entries anyway, as every CPU has its own, and a flow one for each outcome its packets have.
 */
#ifndef NETCTL_FLOW_ENTRY_BPF_H
#define NETCTL_FLOW_ENTRY_BPF_H

#include "totals.bpf.h"
#include "../parse/packet.h"
#include "../order.h"
#include "../rules/lane.h"

#define WORDS4 1
#define WORDS6 4

/*
 * One packet on its way through the table; plain memory, so that the slow half can be verified by
 * itself.
 */
struct visit {
	struct packet packet;
	__u32 packets, bytes; /* on the wire */
	struct lane lane; /* of the packet's class; LANE_NONE: what the rules answer holds for it alone */
	union {
		__u32 place; /* PLACE() */
		struct {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			__u16 cpu, half;
#else
			__u16 half, cpu;
#endif
		};
	};
	union {
		__u64 stamp; /* as struct flow_state's */
		struct {
			__u32 generation; /* of the rules that answered */
			__u32 epoch;
		};
	};
	__u32 slot;	  /* of the rule that decides: what the rules answer, and so */
	union {
		__u32 audit; /* slot of the audit rule that matches, if it is just one */
		__u32 source; /* before: answer of the source that elements have counted, from 1; or 0 */
	};
	__u32 limit; /* struct rule_extra of the limit that decides, from 1; or 0 */
	__u8 verdict;
	__u8 parsed;	  /* the parse's enum reason */
	__u8 hosts;	  /* added to sets in place: see overlay.h */
	__u8 met : 4;	  /* MET_ bits: what elements of sets ask for */
	__u8 unsure : 2;  /* enum unsure: how much further than the parse's reason the packet's is */
	__u8 follows : 1; /* a later fragment that its datagram's first decides */
	__u8 counts : 1;  /* every audit rule that matches is to be counted by judge() */
};

_Static_assert(sizeof(struct visit) == 104, "a visit takes what stack there is on Linux 6.1");

/* The group a key falls into. */
struct group {
	struct tag_group *tags;
	void *ways;
	struct more_group *more; /* for the slow half */
	__u64 tag;		 /* the key's TAG_HASH bits */
};

static __always_inline __u32 entry_size(int words)
{
	return words == WORDS4 ? sizeof(struct flow4) : sizeof(struct flow6);
}

static __always_inline __u64 *entry_at(const struct group *group, int words, __u32 way)
{
	return (__u64 *)((char *)group->ways + (way & (WAYS - 1)) * entry_size(words));
}

static __always_inline struct flow_id *entry_id(__u64 *entry, int words)
{
	return (struct flow_id *)(entry + words);
}

static __always_inline struct flow_state *entry_state(__u64 *entry, int words)
{
	return (struct flow_state *)(entry + words + 2);
}

/* 0: the entry is of this packet's flow. */
static __always_inline __u64 key_differs(const __u64 *entry, int words, const struct packet *p)
{
	__u64 differ = (entry[words] ^ p->id_word[0]) |
		       ((entry[words + 1] ^ p->id_word[1]) & FLOW_ID_MASK);

	differ |= entry[0] ^ p->addr[0];
	if (words == WORDS6)
		differ |=
			(entry[1] ^ p->addr[1]) | (entry[2] ^ p->addr[2]) | (entry[3] ^ p->addr[3]);
	return differ;
}

/* Multiply and fold, keyed by the load's random seed: nobody outside can aim at one group. */
static __always_inline __u32 hash_key(const struct packet *p, int words)
{
	__u64 h = (p->addr[0] ^ opts.seed[0]) * 0xff51afd7ed558ccdULL;

	if (words == WORDS6) {
		h = (h ^ h >> 32 ^ p->addr[1]) * 0xc4ceb9fe1a85ec53ULL;
		h = (h ^ h >> 32 ^ p->addr[2]) * 0xff51afd7ed558ccdULL;
		h = (h ^ h >> 32 ^ p->addr[3]) * 0xc4ceb9fe1a85ec53ULL;
	}
	h = (h ^ h >> 32 ^ p->id_word[0]) * 0xc4ceb9fe1a85ec53ULL;
	h = (h ^ h >> 32 ^ p->id_word[1] ^ opts.seed[1]) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

/* The byte in each byte of a tag word. */
#define EACH(byte) ((byte)*0x0101010101010101ULL)

/* The byte in that of one way. */
static __always_inline __u64 way_byte(__u32 way, __u64 byte)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return byte << way * 8;
#else
	return byte << (WAYS - 1 - way) * 8;
#endif
}

/*
 * A bit at the top of each byte of x that is zero; a byte above a zero byte may be marked falsely.
 */
static __always_inline __u64 zero_bytes(__u64 x)
{
	return (x - EACH(1)) & ~x & EACH(0x80);
}

static __always_inline __u64 tag_word(const struct group *group)
{
	return *(volatile __u64 *)&group->tags->word;
}

/* The ways whose tag is the key's. */
static __always_inline __u64 like_tags(const struct group *group)
{
	return zero_bytes((tag_word(group) & EACH(TAG_HASH)) ^ EACH(group->tag));
}

/*
 * The flow has had more than one packet. At OUTPUT the way may be another flow's by now: then that
 * one counts for more than it is.
 */
static __always_inline void mark_again(const struct group *group, __u32 way)
{
	if (COUNT_ATOMIC)
		__sync_fetch_and_and(&group->tags->word, ~way_byte(way, TAG_SINGLE));
	else
		group->tags->way[way & (WAYS - 1)] &= ~TAG_SINGLE;
}

static __always_inline __u32 first_way(__u64 marks)
{
	__u64 low = (marks & -marks) >> 7;
	__u32 byte = (low * 0x0001020304050607ULL) >> 56;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return byte;
#else
	return WAYS - 1 - byte;
#endif
}

/*
 * Take the entry over as it was when "seen" was read; its pending count is the caller's then.
 * Atomic at every hook, and so is publish(): they are also the barriers between a reader on another
 * CPU and what lies between them.
 */
static __always_inline int claim(struct flow_state *s, __u64 seen, __u64 *ret_claimed)
{
	*ret_claimed = ((seen >> PENDING_INC_SHIFT) + 1) << PENDING_INC_SHIFT;
	return __sync_val_compare_and_swap(&s->pending, seen, *ret_claimed) == seen;
}

/* The next even incarnation with one packet's count in it: the entry is open to everybody again. */
static __always_inline void publish(struct flow_state *s, __u64 claimed, __u64 count)
{
	__sync_lock_test_and_set(
		&s->pending, (((claimed >> PENDING_INC_SHIFT) + 1) << PENDING_INC_SHIFT) | count);
}

#define PENDING_MUST_FOLD PENDING_ONE(1ULL << (PENDING_PACKETS_BITS - 1), 1ULL << (PENDING_BYTES_BITS - 1))

static __always_inline __u64 one_visit(const struct visit *v)
{
	return PENDING_ONE(v->packets, v->bytes);
}

static __always_inline void see_flags(struct flow_id *id, __u8 flags)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__u64 bits = (__u64)flags << 48;
#else
	__u64 bits = (__u64)flags << 8;
#endif
	if ((id->tcp_flags & flags) != flags)
		__sync_fetch_and_or((__u64 *)id + 1, bits);
}

static __always_inline __u32 groups_of(int words)
{
	return words == WORDS4 ? opts.groups4 : opts.groups6;
}

/* Where the tags are of the group that a packet of this hash falls into, and its second half. */
static __always_inline __u32 tags_index(const struct visit *v, __u32 hash, int words)
{
	return v->cpu * (opts.groups4 + opts.groups6) + (hash & (groups_of(words) - 1)) +
	       (words == WORDS6 ? opts.groups4 : 0);
}

static __always_inline int find_tags(const struct visit *v, __u32 hash, int words,
				     struct group *ret)
{
	__u32 i = tags_index(v, hash, words);

	ret->tags = bpf_map_lookup_elem(&netctl_tags, &i);
	ret->tag = hash >> TAG_HASH_SHIFT ? hash >> TAG_HASH_SHIFT : 1;
	return !!ret->tags;
}

static __always_inline int find_group(const struct visit *v, __u32 hash, int words,
				      struct group *ret)
{
	__u32 i = v->cpu * groups_of(words) + (hash & (groups_of(words) - 1));

	if (words == WORDS4)
		ret->ways = bpf_map_lookup_elem(&netctl_flow4, &i);
	else
		ret->ways = bpf_map_lookup_elem(&netctl_flow6, &i);
	return find_tags(v, hash, words, ret) && ret->ways;
}

static __always_inline __u64 pending_of(const struct group *group, int words, __u32 way)
{
	return *(volatile __u64 *)&entry_state(entry_at(group, words, way), words)->pending;
}

#endif
