/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * list.bpf.h - the slow half of the flow table: the first packet of a flow is listed, a flow the
 * rules have changed for is renewed; what must give way is closed without losing a count.
 */
#ifndef NETCTL_LIST_BPF_H
#define NETCTL_LIST_BPF_H

#include "entry.bpf.h"
#include "loop.h"

#define TCP_FIN 1
#define TCP_RST 4
#define SCORE_EMPTY (1ULL << 60)
#define SCORE_SINGLE (1ULL << 40)
#define SCORE_ENDED (1ULL << 36)

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

static __always_inline void set_outcome(const struct visit *v, struct flow_id *id,
					struct flow_state *s)
{
	s->rule = v->slot;
	s->audit = v->audit;
	s->generation = v->generation;
	id->verdict = v->verdict;
}

/*
 * The entry's verdict is of an older ruleset (or never cached): take the new one. What it has
 * counted so far stays with the rule that judged it: added to that rule's closed counters, taken
 * from the new one's.
 */
static __always_inline int renew(const struct visit *v, struct region *region, __u64 *entry,
				 int words, __u64 seen)
{
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	int moves = s->rule != v->slot || s->audit != v->audit || id->verdict != v->verdict;
	__u64 claimed;

	if (moves)
		begin_move(region);
	if (!claim(s, seen, &claimed)) {
		if (moves)
			end_move(region);
		return 0;
	}
	fold_pending(s, seen);
	if (moves) {
		close_as(v->cpu, id, id->verdict, s->rule, s->audit, s->packets, s->bytes);
		close_as(v->cpu, id, v->verdict, v->slot, v->audit, -s->packets, -s->bytes);
	}
	set_outcome(v, id, s);
	s->last = v->now;
	publish(s, claimed, one_visit(v));
	if (moves)
		end_move(region);
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/* The search for the way most willingly given up. */
struct pick {
	const struct set *set;
	__u32 now;
	__u64 best; /* score << 3 | way; 0: none can be had */
};

static __always_inline __u64 pending_of(const struct set *set, int words, __u32 way)
{
	return *(volatile __u64 *)&entry_state(entry_at(set, words, way), words)->pending;
}

/*
 * How willingly a way is given up, 0 never: empty first, then flows of one packet, then ended TCP,
 * then the one seen longest ago. A flood of new flows so recycles its own entries.
 */
static __always_inline __u64 victim_score(const struct pick *pick, int words, __u32 way)
{
	__u64 *entry = entry_at(pick->set, words, way);
	struct flow_state *s = entry_state(entry, words);
	__u64 seen = pending_of(pick->set, words, way);
	__u64 score;

	if (seen & PENDING_INC_ONE)
		return 0;
	if (!pick->set->tags->way[way & (WAYS - 1)])
		return SCORE_EMPTY;
	score = (__u64)(__u32)(pick->now - s->last) + 1;
	if (s->packets + PENDING_PACKETS(seen) == 1)
		score |= SCORE_SINGLE;
	else if (entry_id(entry, words)->tcp_flags & (TCP_FIN | TCP_RST))
		score |= SCORE_ENDED;
	return score;
}

static __always_inline long step_pick(struct pick *pick, int words, __u32 way)
{
	__u64 score = victim_score(pick, words, way);

	if (score && (score << 3 | way) > pick->best)
		pick->best = score << 3 | way;
	return 0;
}

static long step_pick4(__u32 way, void *pick)
{
	return step_pick(pick, WORDS4, way);
}

static long step_pick6(__u32 way, void *pick)
{
	return step_pick(pick, WORDS6, way);
}

static __always_inline __u64 pick_victim(const struct set *set, __u32 now, int words)
{
	struct pick pick = { .set = set, .now = now };
	__u64 empty = zero_bytes(set->tags->word);

	/* The lowest mark is never a false one. */
	if (empty && !(pending_of(set, words, first_way(empty)) & PENDING_INC_ONE))
		return SCORE_EMPTY << 3 | first_way(empty);
	/* A callback, not a loop: the verifier would try every way of the choice, way by way. */
	if (words == WORDS4)
		repeat(WAYS, step_pick4, &pick);
	else
		repeat(WAYS, step_pick6, &pick);
	return pick.best;
}

/*
 * While a reader takes a snapshot nothing is evicted; the deadline holds even if the reader has
 * died.
 */
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

/* What the entry has counted has no entry any more. */
static __always_inline void close_entry(const struct visit *v, struct region *region, __u64 *entry,
					int words, __u64 seen)
{
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);

	fold_pending(s, seen);
	close_as(v->cpu, id, id->verdict, s->rule, s->audit, s->packets, s->bytes);
	add(&region->evicted, 1);
}

/* Enter a flow in the way most willingly given up; what was there is closed first. */
static __always_inline int enter(const struct visit *v, const struct set *set,
				 struct region *region, int words)
{
	__u64 best = pick_victim(set, v->now, words);
	__u32 way = best & (WAYS - 1);
	__u64 *entry = entry_at(set, words, way);
	struct flow_state *s = entry_state(entry, words);
	__u64 seen = *(volatile __u64 *)&s->pending;
	/*
	 * After "seen": a way taken in between must fail the claim, not be taken for an empty one.
	 */
	int used = *(volatile __u8 *)&set->tags->way[way];
	__u64 claimed;

	if (!best || seen & PENDING_INC_ONE || (used && evictions_held()))
		return 0;
	/* The region moves before the entry: a reader that sees no move has seen no half of one. */
	if (used)
		begin_move(region);
	if (!claim(s, seen, &claimed)) {
		if (used)
			end_move(region);
		return 0;
	}
	if (used)
		close_entry(v, region, entry, words, seen);
	write_entry(v, entry, words);
	*(volatile __u8 *)&set->tags->way[way] = set->tag;
	publish(s, claimed, one_visit(v));
	if (used)
		end_move(region);
	add(&region->inserted, 1);
	return 1;
}

/*
 * Find the key's entry whatever its generation; NULL when there is none that is not being
 * rewritten.
 */
static __always_inline __u64 *find(const struct visit *v, const struct set *set, int words,
				   __u64 *ret_seen)
{
	__u64 *entry;

	ROLLED for (__u32 i = 0; i < WAYS; i++)
	{
		if (set->tags->way[i] != set->tag)
			continue;
		entry = entry_at(set, words, i);
		*ret_seen = *(volatile __u64 *)&entry_state(entry, words)->pending;
		if (!(*ret_seen & PENDING_INC_ONE) && same_key(entry, words, &v->packet))
			return entry;
	}
	return NULL;
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
		/* Another context has the entry: the flow gets a second one. */
		listed = (entry && renew(v, region, entry, words, seen)) ||
			 enter(v, &set, region, words);
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

#endif
