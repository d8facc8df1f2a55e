/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow.bpf.h - the flow table as a packet meets it: a hit counts and answers with the cached
 * verdict.
 */
#ifndef NETCTL_FLOW_BPF_H
#define NETCTL_FLOW_BPF_H

#include "../rules/judge.bpf.h"
#include "../limit/limit.bpf.h"
#include "flow_insert.bpf.h"

/*
 * Ways of the right tag the fast half looks at; the slow half looks at all. In a full group one flow
 * in 30,000 has more than two others' tags like its own before it.
 */
#define HIT_TRIES 3

/* Count into an entry whose verdict holds: 1 done, 0 not this one. */
static __always_inline int hit(struct visit *v, __u32 generation, const struct group *group,
			       int words)
{
	struct flow_state *s;
	struct flow_id *id;
	__u64 *entry, seen;
	__u32 way;

	if (!find(v, group, words, HIT_TRIES, &way, &seen))
		return 0;
	entry = entry_at(group, words, way);
	id = entry_id(entry, words);
	s = entry_state(entry, words);
	if (s->generation != generation || must_fold(seen))
		return 0;
	v->verdict = id->verdict;
	v->slot = s->rule;
	if (!swap_word(&s->pending, seen, seen + one_visit(v)))
		return 0;
	if (PENDING_PACKETS(seen) == 1)
		mark_again(group, way);
	s->last = v->now;
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/* judge(), with room for its key. */
static __always_inline int ask_rules(struct visit *v)
{
	struct key6 key = {};

	return judge(v, &key);
}

/* Count a packet whose verdict an entry holds; 0: none does. */
static __always_inline int known(struct visit *v, const struct blob *blob, int words)
{
	struct group group;

	hash_packet(v, words);
	return find_group(v, words, &group) && hit(v, blob->generation, &group, words);
}

/* Ask the rules, then count the packet. */
static __always_inline void unknown(struct visit *v)
{
	if (ask_rules(v) == JUDGE_COUNTS) {
		v->counts = 1;
		ask_rules(v);
	}
	if (v->limit)
		limit(v);
	if (v->verdict == VERDICT_DROP && flooded(v))
		return;
	if (packet_is_ip6(&v->packet))
		list6(v);
	else
		list4(v);
}

/* Count one packet in the table; its verdict and rule are in the visit then. */
static __always_inline void visit_flow(struct visit *v, const struct blob *blob)
{
	int hit;

	/*
	 * "zero" is for the verifier: it would follow each of the parser's exits to the end by
	 * itself, for the kind that is known there. And the word is written as one, or the
	 * processor would wait for its pieces before the hash.
	 */
	v->packet.id_word[1] =
		(v->packet.id_word[1] ^ blob->zero) | ID_CLASS(packet_class(blob, &v->packet));
	hit = packet_is_ip6(&v->packet) ? known(v, blob, WORDS6) : known(v, blob, WORDS4);
	if (!hit)
		unknown(v);
}

#endif
