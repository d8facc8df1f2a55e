/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow.bpf.h - the flow table as a packet meets it: a hit counts and answers with the cached
 * verdict.
 */
#ifndef NETCTL_FLOW_BPF_H
#define NETCTL_FLOW_BPF_H

#include "judge.bpf.h"
#include "limit.bpf.h"
#include "list.bpf.h"

/*
 * Ways of the right tag the fast half looks at; the slow half looks at all. In a full set one flow
 * in 30,000 has more than two others' tags like its own before it, and every look costs the
 * verifier about 6,000 instructions.
 */
#define HIT_TRIES 3

/* Count into an entry whose verdict holds: 1 done, 0 not this one. */
static __always_inline int hit(struct visit *v, __u32 generation, const struct set *set, __u32 way,
			       int words)
{
	__u64 *entry = entry_at(set, words, way);
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
	if (PENDING_PACKETS(seen) == 1)
		mark_again(set, way);
	s->last = v->now;
	see_flags(id, v->packet.tcp_flags);
	return 1;
}

/*
 * judge(), with the classes it asks for. A ruleset may come into force between the two, so once
 * more: another one cannot, because the kernel waits for programs at work after every swap.
 */
static __always_inline int ask_rules(struct visit *v, const struct blob *blob)
{
	int r;

	if (blob->members.directions)
		find_classes(v);
	r = judge(v);
	if (r != JUDGE_ASKS)
		return r;
	find_classes(v);
	return judge(v);
}

/* Count one packet in the table; its verdict and rule are in the visit then. */
static __always_inline void visit_flow(struct visit *v, const struct blob *blob, int words)
{
	struct set set;
	__u64 marks;

	v->packet.id.cls = packet_class(blob, &v->packet);
	if (find_set(v, words, &set)) {
		marks = like_tags(&set);
		ROLLED for (int n = 0; n < HIT_TRIES && marks; n++)
		{
			if (hit(v, blob->generation, &set, first_way(marks), words))
				return;
			marks &= marks - 1;
		}
	}
	if (ask_rules(v, blob) == JUDGE_COUNTS) {
		v->counts = 1;
		ask_rules(v, blob);
		if (v->met & MET_COUNTED && !count_elements(v)) {
			find_classes(v);
			count_elements(v);
		}
	}
	if (v->limit)
		limit(v);
	if (words == WORDS4)
		list4(v);
	else
		list6(v);
}

#endif
