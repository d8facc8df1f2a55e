/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_insert.bpf.h - the slow half of the flow table: the first packet of a flow is listed, an
 * entry whose outcome is old is renewed; what must give way is closed without losing a count.
 */
#ifndef NETCTL_FLOW_INSERT_BPF_H
#define NETCTL_FLOW_INSERT_BPF_H

#include "flow_renew.bpf.h"

#define TCP_FIN 1
#define TCP_RST 4
#define SCORE_EMPTY_SHIFT 44
#define SCORE_SINGLE_SHIFT 40
#define SCORE_ENDED_SHIFT 36

/* The flow may make another give way. */
static __always_inline int may_evict(const struct visit *v, struct region *region)
{
	__u32 now;

	if (v->verdict == VERDICT_PASS)
		return 1;
	now = bpf_jiffies64();
	if (!has_budget(region, now))
		return 0;
	if (region->drop_tick != now) {
		region->drop_tick = now;
		region->drop_entries = 0;
	}
	region->drop_entries++;
	return 1;
}

/*
 * How willingly a way is given up, 0 never: empty first, then flows of one packet, then ended TCP,
 * then the one seen longest ago. A flood of new flows so recycles its own entries.
 */
static __always_inline __u64 victim_score(const struct group *group, int words, __u32 now,
					  __u32 way)
{
	__u64 *entry = entry_at(group, words, way);
	struct flow_state *s = entry_state(entry, words);
	__u64 seen = pending_of(group, words, way);
	__u64 single = is_zero(PENDING_PACKETS(seen) ^ 1) & ~entry_id(entry, words)->more; /* MORE_FOLDED */
	__u64 flags = entry_id(entry, words)->tcp_flags;
	__u64 score = (__u64)(__u32)(now - s->last) + 1;

	flags = flags / TCP_FIN | flags / TCP_RST;
	score |= (flags & 1) << SCORE_ENDED_SHIFT;
	score |= single << SCORE_SINGLE_SHIFT;
	score |= is_zero(group->tags->way[way]) << SCORE_EMPTY_SHIFT;
	return score & -is_zero(seen >> PENDING_INC_SHIFT & 1);
}

/*
 * Look at all entries of a group: score << 3 | way; below 1 << 3: none can be had. Without branches,
 * or the verifier would try every way of the choice, way by way.
 */
static __always_inline __u64 search_victim(const struct group *group, __u32 now, int words)
{
	__u64 best = 0, less, better;

	for (__u32 way = 0; way < WAYS; way++) {
		less = best - (victim_score(group, words, now, way) << 3 | way);
		settle(less);
		better = -(less >> 63);
		settle(better);
		best -= less & better;
		settle(best);
	}
	return best;
}

/* By themselves: the verifier comes to them in many ways, and packets seldom. */
VERIFIED_ALONE __u64 search4(const struct tag_group *tags, const struct flow4_group *ways,
			     __u32 now)
{
	const struct group group = { .tags = (struct tag_group *)tags, .ways = (void *)ways };

	return tags && ways ? search_victim(&group, now, WORDS4) : 0;
}

VERIFIED_ALONE __u64 search6(const struct tag_group *tags, const struct flow6_group *ways,
			     __u32 now)
{
	const struct group group = { .tags = (struct tag_group *)tags, .ways = (void *)ways };

	return tags && ways ? search_victim(&group, now, WORDS6) : 0;
}

/* All flows of one packet that there are: those that come from now on are younger. */
static __always_inline void mark_old(const struct group *group, __u64 singles)
{
	__u64 old = singles / TAG_SINGLE * TAG_OLD;

	if (COUNT_ATOMIC)
		__sync_fetch_and_or(&group->tags->word, old);
	else
		group->tags->word |= old;
}

/*
 * The ways most willingly given up, as far as the tags tell: empty ones, else flows of one packet
 * in the order they came. 0: the entries must be looked at.
 */
static __always_inline __u64 willing(const struct group *group, __u64 word)
{
	__u64 marks = zero_bytes(word);
	__u64 singles = word & EACH(TAG_SINGLE);
	__u64 old = singles / TAG_SINGLE * TAG_OLD & word;

	if (marks)
		return marks;
	if (!singles || old)
		return old;
	mark_old(group, singles);
	return singles / TAG_SINGLE * TAG_OLD;
}

/* Jiffies have grown beyond 32 bits, once in 50 days or less often: all packets are to know. */
static __always_inline void keep_epoch(__u64 jiffies)
{
	__u32 epoch = *(volatile __u32 *)&control.epoch;
	__u32 now = (epoch & EPOCH_MASK) | EPOCH_HIGH(jiffies);

	if (epoch != now)
		__sync_val_compare_and_swap(&control.epoch, epoch, now);
}

/* When a flow began. */
static __always_inline __u64 first_time(__u64 jiffies)
{
	return (jiffies - opts.jiffies_at_zero) * opts.tick_ns;
}

static __always_inline void write_entry(const struct visit *v, __u64 *entry, int words)
{
	const struct packet *p = &v->packet;
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	__u64 now = bpf_jiffies64();

	entry[0] = p->addr[0];
	if (words == WORDS6) {
		entry[1] = p->addr[1];
		entry[2] = p->addr[2];
		entry[3] = p->addr[3];
	}
	entry[words] = p->id_word[0];
	entry[words + 1] = p->id_word[1];
	keep_epoch(now);
	id->tcp_flags = p->tcp_flags; /* of the word just written, and what is more or judged is 0 */
	s->first = first_time(now);
	s->last = now;
	s->epoch = v->epoch;
	set_outcome(v, id, s);
}

/* What the entry has counted has no entry any more. */
static __always_inline void close_entry(const struct visit *v, struct region *region,
					const struct group *group, __u32 way, int words, __u64 seen)
{
	__u64 *entry = entry_at(group, words, way);
	const struct flow_more *more = more_of(group, way);
	struct flow_id *id = entry_id(entry, words);
	struct flow_state *s = entry_state(entry, words);
	__u64 packets = PENDING_PACKETS(seen), bytes = PENDING_BYTES(seen);

	total_closed(v->place, id->ifindex, JUDGED_VERDICT(id->judged), packets, bytes);
	close_rules(v->place, s->rule, s->audit, packets, bytes);
	if (id->more & MORE_FOLDED) {
		total_closed(v->place, id->ifindex, VERDICT_PASS, more->passed.packets,
			     more->passed.bytes);
		total_closed(v->place, id->ifindex, VERDICT_DROP, more->dropped.packets,
			     more->dropped.bytes);
	}
	add(&region->evicted, 1);
}

/* The way most willingly given up, with its count; 0: none can be had. */
static __always_inline int pick_way(const struct visit *v, const struct group *group, int words,
				    __u32 *ret_way, __u64 *ret_seen)
{
	__u64 marks = willing(group, tag_word(group)), best;

	*ret_way = first_way(marks);
	*ret_seen = pending_of(group, words, *ret_way);
	if (marks && !(*ret_seen & PENDING_INC_ONE))
		return 1;
	if (words == WORDS4)
		best = search4(group->tags, group->ways, bpf_jiffies64());
	else
		best = search6(group->tags, group->ways, bpf_jiffies64());
	*ret_way = best & (WAYS - 1);
	*ret_seen = pending_of(group, words, *ret_way);
	return best >> 3 && !(*ret_seen & PENDING_INC_ONE);
}

/* Enter a flow in the way most willingly given up; what was there is closed first. */
static __always_inline int enter(const struct visit *v, const struct group *group,
				 struct region *region, int words)
{
	struct flow_state *s;
	__u64 *entry, seen, claimed;
	__u32 way;
	int used;

	if (!zero_bytes(tag_word(group)) && !may_evict(v, region))
		return 0;
	if (!pick_way(v, group, words, &way, &seen))
		return 0;
	/* After "seen": a way taken in between must fail the claim, not be taken for an empty one. */
	used = *(volatile __u8 *)&group->tags->way[way & (WAYS - 1)];
	if (used && moves_held())
		return 0;
	entry = entry_at(group, words, way);
	s = entry_state(entry, words);
	/* The region moves before the entry: a reader that sees no move has seen no half of one. */
	if (used)
		begin_move(region);
	if (!claim(s, seen, &claimed)) {
		if (used)
			end_move(region);
		return 0;
	}
	if (used)
		close_entry(v, region, group, way, words, seen);
	write_entry(v, entry, words);
	*(volatile __u8 *)&group->tags->way[way & (WAYS - 1)] =
		group->tag | (v->packets == 1 ? TAG_SINGLE : 0);
	publish(s, claimed, one_visit(v));
	if (used)
		end_move(region);
	add(&region->inserted, 1);
	return 1;
}

static __always_inline int list(struct visit *v, __u32 hash, int words)
{
	struct region *region = region_of(v->cpu);
	struct group group;
	int listed = 0;

	if (!region)
		return 0;
	/* Another context has the entry: the flow gets a second one. */
	if (find_group(v, hash, words, &group) && find_more(v, hash, words, &group))
		listed = count_listed(v, region, &group, words) ||
			 enter(v, &group, region, words);
	else
		add(&region->no_table, 1);
	if (!listed)
		count_unlisted(v, region);
	return 0;
}

__noinline int list4(struct visit *v, __u32 hash)
{
	return v ? list(v, hash, WORDS4) : 0;
}

__noinline int list6(struct visit *v, __u32 hash)
{
	return v ? list(v, hash, WORDS6) : 0;
}

#endif
