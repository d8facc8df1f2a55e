/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow.bpf.h - the flow table: find an entry, count into it, cache the verdict, evict without losing a count.
 *
 * Set-associative: one word of tags tells which of 8 ways may hold the key, so a hit touches that word and one
 * entry. Both families share this text: an entry is "words" u64 of addresses, struct flow_id, struct flow_state.
 *
 * Nobody waits. An entry changes hands by swap_word() on its pending word; who loses counts its packet into
 * the closed counters instead. Two contexts may enter the same flow twice; readers merge entries anyway, as
 * every CPU has its own.
 */
#ifndef NETCTL_FLOW_BPF_H
#define NETCTL_FLOW_BPF_H

#include "totals.bpf.h"
#include "classify.h"

#define WORDS4 1
#define WORDS6 4
#define TCP_FIN 1
#define SCORE_EMPTY (1ULL << 60)
#define SCORE_SINGLE (1ULL << 40)
#define SCORE_ENDED (1ULL << 36)
#define TCP_RST 4

/* One packet on its way through the table; plain memory, so that the slow half can be verified by itself. */
struct visit {
	struct packet packet;
	__u64 packets, bytes; /* on the wire */
	__u32 cpu, now;
	__u32 hook;
	__u32 verdict, slot; /* what the rules answer */
	__u32 audit;	     /* slot of the audit rule that matches, if it is just one */
	__u32 generation;    /* of the rules that answered; 0: the answer holds for this packet alone */
	__u32 pad;
};

/* The set a key falls into. */
struct set {
	struct tag_set *tags;
	void *ways;
	__u8 tag;
};

static __always_inline __u32 entry_size(int words)
{
	return words == WORDS4 ? sizeof(struct flow4) : sizeof(struct flow6);
}

static __always_inline __u64 *entry_at(const struct set *set, int words, __u32 way)
{
	return (__u64 *)((char *)set->ways + (way & (WAYS - 1)) * entry_size(words));
}

static __always_inline struct flow_id *entry_id(__u64 *entry, int words)
{
	return (struct flow_id *)(entry + words);
}

static __always_inline struct flow_state *entry_state(__u64 *entry, int words)
{
	return (struct flow_state *)(entry + words + 2);
}

static __always_inline int same_key(const __u64 *entry, int words, const struct packet *p)
{
	__u64 differ = (entry[words] ^ p->id_word[0]) | ((entry[words + 1] ^ p->id_word[1]) & FLOW_ID_MASK);

	differ |= entry[0] ^ p->addr[0];
	if (words == WORDS6)
		differ |= (entry[1] ^ p->addr[1]) | (entry[2] ^ p->addr[2]) | (entry[3] ^ p->addr[3]);
	return !differ;
}

/* Multiply and fold, keyed by the load's random seed: nobody outside can aim at one set. */
static __always_inline __u64 hash_key(const struct packet *p, int words)
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

/* A bit at the top of each byte of x that is zero; a byte above a zero byte may be marked falsely. */
static __always_inline __u64 zero_bytes(__u64 x)
{
	return (x - 0x0101010101010101ULL) & ~x & 0x8080808080808080ULL;
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

/* The next even incarnation with one visit's packets in it: the entry is open to everybody again. */
static __always_inline void publish(struct flow_state *s, __u64 claimed, __u64 count)
{
	__u64 next = ((claimed >> PENDING_INC_SHIFT) + 1) << PENDING_INC_SHIFT;

	if (COUNT_ATOMIC)
		__sync_lock_test_and_set(&s->pending, next | count);
	else
		*(volatile __u64 *)&s->pending = next | count;
}

/* Take the entry over as it was when "seen" was read; its pending count is the caller's then. */
static __always_inline int claim(struct flow_state *s, __u64 seen, __u64 *ret_claimed)
{
	*ret_claimed = ((seen >> PENDING_INC_SHIFT) + 1) << PENDING_INC_SHIFT;
	return swap_word(&s->pending, seen, *ret_claimed);
}

static __always_inline void fold_pending(struct flow_state *s, __u64 seen)
{
	s->packets += PENDING_PACKETS(seen);
	s->bytes += PENDING_BYTES(seen);
}

static __always_inline int must_fold(__u64 pending)
{
	return PENDING_BYTES(pending) >> (PENDING_BYTES_BITS - 1) ||
	       PENDING_PACKETS(pending) >> (PENDING_PACKETS_BITS - 1);
}

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

/* ---- the slow half: first packet of a flow, or of a flow the rules have changed for ---- */

/* Count under an outcome what no entry holds any more; negated, what one holds again. */
static __always_inline void close_as(__u32 cpu, const struct flow_id *id, __u32 verdict, __u32 slot,
				     __u32 audit, __u64 packets, __u64 bytes)
{
	total_closed(cpu, id->ifindex, verdict, packets, bytes);
	closed_add(cpu, slot, packets, bytes);
	if (audit)
		closed_add(cpu, audit, packets, bytes);
}

/* A packet no entry could take: counted all the same. */
static __always_inline void count_unlisted(const struct visit *v, struct region *region)
{
	close_as(v->cpu, &v->packet.id, v->verdict, v->slot, v->audit, v->packets, v->bytes);
	add_count(&region->unlisted, v->packets, v->bytes);
}

static __always_inline void begin_move(struct region *r)
{
	add(&r->moves_begun, 1);
}

static __always_inline void end_move(struct region *r)
{
	add(&r->moves_done, 1);
}

struct audit_walk {
	struct walk walk;
	const struct visit *visit;
};

static __always_inline long audit_box(struct audit_walk *a, const struct box *b)
{
	__u32 before = a->walk.found.audits;
	long done = take_box(&a->walk, b);

	if (a->walk.found.audits != before)
		closed_add(a->visit->cpu, b->slot, a->visit->packets, a->visit->bytes);
	return done;
}

static long audit_box4(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const struct box4 *b = box4_at(&a->walk, i);

	return outside4(&a->walk, b) ? 0 : audit_box(a, &b->box);
}

static long audit_box6(__u32 i, void *ctx)
{
	struct audit_walk *a = ctx;
	const struct box6 *b = box6_at(&a->walk, i);

	return outside6(&a->walk, b) ? 0 : audit_box(a, &b->box);
}

/* An entry names one audit rule. Where several match, each packet is judged anew and counted for all here. */
static __always_inline void count_audits(const struct visit *v, const struct blob *blob)
{
	struct audit_walk a;

	a.visit = v;
	walk_begin(&a.walk, blob, &v->packet, v->hook);
	walk_list(&a.walk, &v->packet, audit_box4, audit_box6);
}

/* A packet whose headers hide what a drop rule looks at is dropped, unless a rule decided by what is seen. */
static __always_inline int hides_from(const struct blob *blob, const struct packet *p)
{
	__u8 needs = p->id.kind & (KIND_IP4 | KIND_IP6) ? UNPARSED_L4 : UNPARSED_IP;

	return p->id.kind & KIND_HIDDEN && blob->unparsed & needs;
}

/* The ruleset in force, read once a judgement: whoever has it keeps to it. NULL: the gate is closed. */
static __always_inline const struct blob *ruleset(void)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&netctl_rules, &zero);

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

/*
 * Ask the rules: class and answer of one ruleset, whatever the fast half has read before.
 *
 * Global functions, as the others of the slow half are, because the verifier takes them one by one, not anew for
 * every way a packet can come to them.
 */
__noinline int judge(struct visit *v)
{
	const struct blob *blob = ruleset();
	struct decision d;

	if (!v || !blob)
		return 0;
	v->packet.id.cls = packet_class(blob, &v->packet);
	classify(blob, &v->packet, v->hook, &d);
	if (!d.slot && hides_from(blob, &v->packet))
		d.verdict = VERDICT_DROP;
	v->verdict = d.verdict;
	v->slot = d.slot;
	v->audit = d.audit;
	v->generation = blob->generation;
	return d.audits > 1;
}

__noinline int judge_audits(struct visit *v)
{
	const struct blob *blob = ruleset();

	if (!v || !blob)
		return 0;
	v->audit = 0;
	v->generation = 0;
	count_audits(v, blob);
	return 0;
}

static __always_inline void set_outcome(const struct visit *v, struct flow_id *id, struct flow_state *s)
{
	s->rule = v->slot;
	s->audit = v->audit;
	s->generation = v->generation;
	id->verdict = v->verdict;
}

/*
 * The entry's verdict is of an older ruleset (or never cached): take the new one. What it has counted so far
 * stays with the rule that judged it: added to that rule's closed counters, taken from the new one's.
 */
static __always_inline int renew(const struct visit *v, struct region *region, __u64 *entry, int words,
				 __u64 seen)
{
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	__u64 claimed;
	int moves;

	/* The region moves before the entry does: a reader that sees no move has seen no half of one. */
	begin_move(region);
	if (!claim(s, seen, &claimed)) {
		end_move(region);
		return 0;
	}
	fold_pending(s, seen);
	moves = s->rule != v->slot || s->audit != v->audit || id->verdict != v->verdict;
	if (moves) {
		close_as(v->cpu, id, id->verdict, s->rule, s->audit, s->packets, s->bytes);
		close_as(v->cpu, id, v->verdict, v->slot, v->audit, -s->packets, -s->bytes);
	}
	set_outcome(v, id, s);
	s->last = v->now;
	publish(s, claimed, one_visit(v));
	end_move(region);
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/* The search for the way most willingly given up. */
struct pick {
	const struct set *set;
	__u32 now;
	int words;
	__u64 best; /* score << 3 | way; 0: none can be had */
};

/*
 * How willingly a way is given up, 0 never: empty first, then flows of one packet, then ended TCP, then the one
 * seen longest ago. A flood of new flows so recycles its own entries.
 */
static __always_inline __u64 victim_score(const struct pick *pick, __u32 way)
{
	__u64 *entry = entry_at(pick->set, pick->words, way);
	struct flow_state *s = entry_state(entry, pick->words);
	__u64 seen = *(volatile __u64 *)&s->pending;
	__u64 score;

	if (seen & PENDING_INC_ONE)
		return 0;
	if (!pick->set->tags->way[way & (WAYS - 1)])
		return SCORE_EMPTY;
	score = (__u64)(__u32)(pick->now - s->last) + 1;
	if (s->packets + PENDING_PACKETS(seen) == 1)
		score |= SCORE_SINGLE;
	else if (entry_id(entry, pick->words)->tcp_flags & (TCP_FIN | TCP_RST))
		score |= SCORE_ENDED;
	return score;
}

static __always_inline long step_pick(struct pick *pick, __u32 way)
{
	__u64 score = victim_score(pick, way);

	if (score && (score << 3 | way) > pick->best)
		pick->best = score << 3 | way;
	return 0;
}

static long step_pick4(__u32 way, void *ctx)
{
	struct pick *pick = ctx;

	pick->words = WORDS4;
	return step_pick(pick, way);
}

static long step_pick6(__u32 way, void *ctx)
{
	struct pick *pick = ctx;

	pick->words = WORDS6;
	return step_pick(pick, way);
}

static __always_inline __u64 pick_victim(const struct set *set, __u32 now, int words)
{
	struct pick pick = { set, now, words, 0 };

	/* A callback, not a loop: the verifier would try every way of the choice, way by way. */
	if (words == WORDS4)
		repeat(WAYS, step_pick4, &pick);
	else
		repeat(WAYS, step_pick6, &pick);
	return pick.best;
}

/* While a reader takes a snapshot nothing is evicted; the deadline holds even if the reader has died. */
static __always_inline int evictions_held(void)
{
	__u32 zero = 0;
	struct control *c = bpf_map_lookup_elem(&netctl_control, &zero);

	return c && c->hold_until > bpf_jiffies64();
}

static __always_inline void write_entry(const struct visit *v, __u64 *entry, int words)
{
	const struct packet *p = &v->packet;
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);

	entry[0] = p->addr[0];
	if (words == WORDS6) {
		entry[1] = p->addr[1];
		entry[2] = p->addr[2];
		entry[3] = p->addr[3];
	}
	entry[words] = p->id_word[0];
	entry[words + 1] = p->id_word[1];
	id->tcp_flags = p->tcp_flags;
	s->packets = 0;
	s->bytes = 0;
	s->first = s->last = v->now;
	set_outcome(v, id, s);
}

/* Enter a flow in the way most willingly given up; what was there is closed first. */
static __always_inline int enter(const struct visit *v, const struct set *set, struct region *region, int words)
{
	__u64 seen, claimed, *entry;
	struct flow_state *s;
	__u64 best = pick_victim(set, v->now, words);
	__u32 way = best & (WAYS - 1);

	if (!best || (best >> 3 != SCORE_EMPTY && evictions_held()))
		return 0;
	entry = entry_at(set, words, way);
	s = entry_state(entry, words);
	seen = *(volatile __u64 *)&s->pending;
	if (seen & PENDING_INC_ONE)
		return 0;
	begin_move(region);
	if (!claim(s, seen, &claimed)) {
		end_move(region);
		return 0;
	}
	if (set->tags->way[way & (WAYS - 1)]) {
		struct flow_id *id = entry_id(entry, words);

		fold_pending(s, seen);
		close_as(v->cpu, id, id->verdict, s->rule, s->audit, s->packets, s->bytes);
		add(&region->evicted, 1);
	}
	write_entry(v, entry, words);
	*(volatile __u8 *)&set->tags->way[way & (WAYS - 1)] = set->tag;
	publish(s, claimed, one_visit(v));
	end_move(region);
	add(&region->inserted, 1);
	return 1;
}

/* Find the key's entry whatever its generation; NULL when there is none that is not being rewritten. */
static __always_inline __u64 *find(const struct visit *v, const struct set *set, int words, __u64 *ret_seen)
{
	__u64 *entry;

	ROLLED for (__u32 i = 0; i < WAYS; i++) {
		if (set->tags->way[i] != set->tag)
			continue;
		entry = entry_at(set, words, i);
		*ret_seen = *(volatile __u64 *)&entry_state(entry, words)->pending;
		if (!(*ret_seen & PENDING_INC_ONE) && same_key(entry, words, &v->packet))
			return entry;
	}
	return NULL;
}

/* The set a packet's key falls into; its class is in the key. */
static __always_inline int find_set(const struct visit *v, int words, struct set *ret)
{
	__u32 sets = words == WORDS4 ? opts.sets4 : opts.sets6;
	__u64 hash = hash_key(&v->packet, words);
	__u32 n = hash & (sets - 1);
	__u32 i = v->cpu * (opts.sets4 + opts.sets6) + n + (words == WORDS6 ? opts.sets4 : 0);

	ret->tags = bpf_map_lookup_elem(&netctl_tags, &i);
	i = v->cpu * sets + n;
	if (words == WORDS4)
		ret->ways = bpf_map_lookup_elem(&netctl_flow4, &i);
	else
		ret->ways = bpf_map_lookup_elem(&netctl_flow6, &i);
	ret->tag = hash >> 57 | 0x80;
	return ret->tags && ret->ways;
}

static __always_inline int list(struct visit *v, int words)
{
	struct region *region = region_of(v->cpu);
	struct set set;
	__u64 *entry, seen;
	int listed = 0;

	if (!region)
		return 0;
	if (find_set(v, words, &set)) {
		entry = find(v, &set, words, &seen);
		listed = entry ? renew(v, region, entry, words, seen) : enter(v, &set, region, words);
	} else {
		add(&region->no_table, 1);
	}
	if (!listed)
		count_unlisted(v, region);
	return 0;
}

__noinline int list4(struct visit *v)
{
	return v ? list(v, WORDS4) : 0;
}

__noinline int list6(struct visit *v)
{
	return v ? list(v, WORDS6) : 0;
}

/* ---- the fast half ---- */

/* Count into an entry whose verdict holds: 1 done, 0 not this one. */
static __always_inline int hit(struct visit *v, __u32 generation, __u64 *entry, int words)
{
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	__u64 seen = *(volatile __u64 *)&s->pending;

	if (seen & PENDING_INC_ONE || !same_key(entry, words, &v->packet))
		return 0;
	if (s->generation != generation || must_fold(seen))
		return 0;
	v->verdict = id->verdict;
	v->slot = s->rule;
	if (!swap_word(&s->pending, seen, seen + one_visit(v)))
		return 0;
	s->last = v->now;
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/* Count one packet in the table; its verdict and rule are in the visit then. */
static __always_inline void visit_flow(struct visit *v, const struct blob *blob, int words)
{
	struct set set;
	__u64 marks;

	v->packet.id.cls = packet_class(blob, &v->packet);
	if (find_set(v, words, &set)) {
		marks = zero_bytes(set.tags->word ^ set.tag * 0x0101010101010101ULL);
		ROLLED for (int n = 0; n < WAYS && marks; n++) {
			if (hit(v, blob->generation, entry_at(&set, words, first_way(marks)), words))
				return;
			marks &= marks - 1;
		}
	}
	if (judge(v))
		judge_audits(v);
	if (words == WORDS4)
		list4(v);
	else
		list6(v);
}

#endif
