/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* classify.h - struct packet to the first matching rule of a blob; compiles as BPF and natively. */
#ifndef NETCTL_CLASSIFY_H
#define NETCTL_CLASSIFY_H

#include "lane.h"
#include "might.h"

/* What else a packet counts on the slot of an audit rule that matches: the kernel's side says so first. */
#ifndef COUNT_AUDIT
#define COUNT_AUDIT(walk, slot) ((void)0)
#endif

/* An audit box that matches: a rule counts once, however many of its boxes do. */
static __always_inline void audit(struct walk *w, const struct box *b)
{
	const struct rule_record *record;

	if (w->audit_rule == b->rule + 1)
		return;
	w->audit_rule = b->rule + 1;
	w->fleeting |= !!(b->flags & BOX_TIMED);
	record = record_of(w, b->rule);
	if (!record)
		return;
	if (!w->audits++)
		w->audit = record->slot;
	COUNT_AUDIT(w, record->slot);
}

static long try_audit4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const char *list = (const char *)w->blob;
	const struct box *b = box4_of(list, w->at, BLOB_SIZE);

	if (b->rule > FOUND_RULE(w->best))
		return 1;
	COUNT_STEP(BOX);
	if (!outside4(w->key, list, w->at, BLOB_SIZE))
		audit(w, b);
	w->at += box4_step(b);
	return 0;
}

static long try_audit6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const char *list = (const char *)w->blob;
	const struct box *b = box6_of(list, w->at, BLOB_SIZE);

	if (b->rule > FOUND_RULE(w->best))
		return 1;
	COUNT_STEP(BOX);
	if (!outside6(w->key, list, w->at, BLOB_SIZE))
		audit(w, b);
	w->at += box6_step(b);
	return 0;
}

/* Every audit rule before the one that decides. */
static __always_inline void walk_audits(struct walk *w, const struct family_rules *rules,
					long (*try)(__u32, void *))
{
	w->at = rules->audits;
	if (rules->audit_count)
		repeat(rules->audit_count, try, w);
}

/*
 * The rule that the packet surely matches; the key has everything but the addresses. Nothing is kept in
 * stack slots from one step to the next.
 */
static __always_inline void walk_sure(struct walk *w, const struct packet *p, int ip6)
{
	__u32 family = ip6 ? FAMILY_IP6 : family4(p);

	if (ip6) {
		walk_begin6(w, p);
		walk_any(w, &w->blob->family[family], 1);
	} else {
		walk_begin4(w, p);
		walk_rules4(w, &w->blob->family[family]);
	}
	settle_all();
	walk_edits(w, family, ip6 ? try_edit6 : try_edit4);
	settle_all();
}

/* The audit rules, once it is known which rule decides. */
static __always_inline void walk_end(struct walk *w, const struct packet *p, int ip6)
{
	walk_audits(w, &w->blob->family[ip6 ? FAMILY_IP6 : family4(p)],
		    ip6 ? try_audit6 : try_audit4);
}

static __always_inline void walk_all(struct walk *w, const struct packet *p, enum hook_id hook,
				     int ip6)
{
	__u8 is = w->key->is;

	walk_sure(w, p, ip6);
	if (p->id.kind & KINDS_UNSEEN) {
		w->key->given = give(w);
		walk_might(w, p, hook, ip6);
		w->key->is = is;
	}
	walk_end(w, p, ip6);
}

/* All of it; where rules ask for sets or numbers, their classes go into the key first. */
static __always_inline void classify_as(const struct blob *blob, __u64 state,
					const struct packet *p, const struct envelope *envelope,
					enum hook_id hook, struct walk *w, struct key *key,
					__u32 *ret_met)
{
	__u64 numbers;

	*ret_met = 0;
	walk_begin(w, key, blob, p, hook);
	packet_class(&blob->classes, key->parts, p, envelope, hook, &numbers);
	for (int i = 0; i < NUMBER_COUNT; i++)
		key->word[KEY_NUMBER + i] = NUMBER_CLASS(numbers, i);
	for (int dst = 0; dst < 2; dst++) {
		__u64 sets = find_sets(&blob->lookup, key->parts, p, dst);

		if (!sets)
			sets = class_since(blob, state, p, dst);
		key->word[dst ? KEY_DST_CLASS : KEY_SRC_CLASS] = sets & 0xffff;
		*ret_met |= (sets | find_port(&blob->lookup, key->parts, p, dst)) >> 16;
	}
	count_edits(w, state);
	if (packet_is_ip6(p))
		walk_all(w, p, hook, 1);
	else
		walk_all(w, p, hook, 0);
}

static __always_inline void classify(const struct blob *blob, const struct packet *p,
				     const struct envelope *envelope, enum hook_id hook,
				     struct decision *ret)
{
	struct key key;
	struct walk w;
	__u32 met;

	classify_as(blob, state_of(blob), p, envelope, hook, &w, &key, &met);
	decide(&w, ret);
	ret->fleeting |= met & MET_TIMED;
	ret->elements = met & MET_COUNTED;
}

#endif
