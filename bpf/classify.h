/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* classify.h - struct packet to the first matching rule of a blob; compiles as BPF and natively. */
#ifndef NETCTL_CLASSIFY_H
#define NETCTL_CLASSIFY_H

#include "forest.h"

/*
 * An audit box that matches: a rule counts once, however many of its boxes do. The slot it counts
 * on, or 0.
 */
static __always_inline __u32 audit(struct walk *w, const struct box *b)
{
	const struct rule_record *record;

	if (w->audit_rule == b->rule + 1)
		return 0;
	w->audit_rule = b->rule + 1;
	w->fleeting |= !!(b->flags & BOX_TIMED);
	record = record_of(w, b->rule);
	if (!record)
		return 0;
	if (!w->audits++)
		w->audit = record->slot;
	return record->slot;
}

static long try_boxes4(__u32 group, void *walk)
{
	struct walk *w = walk;
	const struct box *b;

	for (__u32 i = 0; i < BOXES_A_CALL; i++) {
		if (!w->count)
			return 1;
		b = box4_of((const char *)w->blob, w->base, BLOB_SIZE);
		if (!outside4(w, (const char *)w->blob, BLOB_SIZE)) {
			found(w, b);
			return 1;
		}
		w->base += box4_step(b);
		w->count--;
	}
	return 0;
}

static long try_boxes6(__u32 group, void *walk)
{
	struct walk *w = walk;
	const struct box *b;

	for (__u32 i = 0; i < BOXES_A_CALL; i++) {
		if (!w->count)
			return 1;
		b = box6_of((const char *)w->blob, w->base, BLOB_SIZE);
		if (!outside6(w, (const char *)w->blob, BLOB_SIZE)) {
			found(w, b);
			return 1;
		}
		w->base += box6_step(b);
		w->count--;
	}
	return 0;
}

static long try_audit4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box *b = box4_of((const char *)w->blob, w->base, BLOB_SIZE);

	if (b->rule > w->rule)
		return 1;
	if (!outside4(w, (const char *)w->blob, BLOB_SIZE))
		audit(w, b);
	w->base += box4_step(b);
	return 0;
}

static long try_audit6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box *b = box6_of((const char *)w->blob, w->base, BLOB_SIZE);

	if (b->rule > w->rule)
		return 1;
	if (!outside6(w, (const char *)w->blob, BLOB_SIZE))
		audit(w, b);
	w->base += box6_step(b);
	return 0;
}

/*
 * The rule that decides: of the list, or of the forest. One call each: the kernel inlines a loop
 * only when it knows what is called.
 */
static __always_inline void walk_rules(struct walk *w)
{
	const struct family_rules *rules = rules_of(w);
	__u32 calls = (rules->count + BOXES_A_CALL - 1) / BOXES_A_CALL;

	w->base = rules->boxes;
	w->count = rules->count;
	if (w->family == FAMILY_IP6) {
		repeat(calls, try_boxes6, w);
		apart(6);
	} else {
		repeat(calls, try_boxes4, w);
		apart(4);
	}
	if (!rules->trees)
		return;
	/*
	 * Any part: Linux 6.1 looks at a callback once, as it is called first, and takes out what
	 * could not be reached with no part at hand.
	 */
	w->part = part_at(w->key.parts, 0);
	if (!w->part)
		return;
	if (w->family == FAMILY_IP6) {
		repeat(LEAF_CALLS, try_leaf6, w);
		apart(6);
	} else {
		repeat(LEAF_CALLS, try_leaf4, w);
		apart(4);
	}
}

/* The ruleset's state, read once, before anything that it counts. */
static __always_inline __u64 state_of(const struct blob *blob)
{
	return *(const volatile __u64 *)&blob->state;
}

/*
 * 0, which nobody can foresee: what is read at an offset that depends on a count is read after it. x86
 * keeps loads in order anyway.
 */
static __always_inline __u32 after(__u32 count)
{
#ifdef __bpf__
	__asm__ volatile("%0 ^= %0" : "+r"(count));
	return count;
#else
	return 0;
#endif
}

#define OVERLAY_AT __builtin_offsetof(struct blob, edits)

/* An edit's box always has a rest and is never timed: fewer ways for the verifier to follow. */
static __always_inline int is_better(const struct walk *w, const struct box *b, __u64 out)
{
	__u64 worse = (__u64)w->rule - b->rule - 1;

	settle(worse);
	return (__s64)(outside_box(w, b, out) | worse) >= 0;
}

static __always_inline void found_edit(struct walk *w, const struct box *b)
{
	found(w, b);
	w->edit = (w->base - OVERLAY_AT) / sizeof(struct overlay_box) + 1;
}

static long try_edit4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const char *list = (const char *)w->blob;
	const struct box4 *b = unit_at(list, w->base, BLOB_SIZE);
	__u64 out = OUTSIDE(w->key.word[KEY_SRC + 3], b->src_lo, b->src_hi) |
		    OUTSIDE(w->key.word[KEY_DST + 3], b->dst_lo, b->dst_hi);

	if (is_better(w, &b->box, out) &&
	    !outside_rest(&w->key, unit_at(list, w->base + BOX_UNIT, BLOB_SIZE), 0))
		found_edit(w, &b->box);
	w->base += sizeof(struct overlay_box);
	return 0;
}

static long try_edit6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box6 *b = box6_at((const char *)w->blob, w->base, BLOB_SIZE);

	if (is_better(w, &b->box, 0) && !outside_addresses6(&w->key, b) &&
	    !outside_rest(&w->key, &b->rest, 0))
		found_edit(w, &b->box);
	w->base += sizeof(struct overlay_box);
	return 0;
}

static __always_inline void count_edits(struct walk *w, __u64 state)
{
	w->edits = OVERLAY_OF(STATE_COUNTS(state), w->family);
}

/* What was added in place: a better rule than the best so far. */
static __always_inline void walk_edits(struct walk *w)
{
	if (!w->edits)
		return;
	w->base = OVERLAY_AT + (w->family & 3) * sizeof(w->blob->edits.box[0]) + after(w->edits);
	if (w->family == FAMILY_IP6)
		repeat(w->edits, try_edit6, w);
	else
		repeat(w->edits, try_edit4, w);
}

/* Every audit rule before the one that decides. */
static __always_inline void walk_audits(struct walk *w, long (*try4)(__u32, void *),
					long (*try6)(__u32, void *))
{
	const struct family_rules *rules = rules_of(w);

	w->base = rules->audits;
	if (w->family == FAMILY_IP6) {
		repeat(rules->audit_count, try6, w);
		apart(6);
	} else {
		repeat(rules->audit_count, try4, w);
		apart(4);
	}
}

/* All of it; where rules ask for sets, the classes of the addresses go into the key first. */
static __always_inline void classify_as(const struct blob *blob, __u64 state,
					const struct packet *p, enum hook_id hook, struct walk *w,
					__u32 *ret_met)
{
	*ret_met = 0;
	walk_begin(w, blob, p, hook);
	for (int dst = 0; dst < 2; dst++) {
		__u64 sets = find_sets(&blob->members, w->key.parts, p, dst);

		w->key.word[dst ? KEY_DST_CLASS : KEY_SRC_CLASS] = sets & 0xffff;
		*ret_met |= sets >> 16;
	}
	count_edits(w, state);
	walk_rules(w);
	walk_edits(w);
	walk_audits(w, try_audit4, try_audit6);
}

static __always_inline void classify(const struct blob *blob, const struct packet *p,
				     enum hook_id hook, struct decision *ret)
{
	struct walk w;
	__u32 met;

	classify_as(blob, state_of(blob), p, hook, &w, &met);
	decide(&w, ret);
	ret->fleeting |= met & MET_TIMED;
	ret->elements = met & MET_COUNTED;
}

/*
 * One step of a binary search, by the borrow of a subtraction: a branch the verifier would
 * multiply. Both sums are kept from the compiler, which would make a branch of the first and an
 * "or" of the second, after which Linux 6.1 knows no bounds any more.
 */
static __always_inline __u64 len_step(const struct blob *blob, __u64 at, __u64 step, __u64 length)
{
	__u64 less = blob->len_class[(at + step - 1) & LEN_CLASSES] - length;

	asm volatile("" : "+r"(less));
	at += step & -(less >> 63);
	asm volatile("" : "+r"(at));
	return at;
}

/* The byte of the flow key that makes a verdict a function of the key: see struct blob. */
static __always_inline __u8 packet_class(const struct blob *blob, const struct packet *p)
{
	__u64 length = p->length > 65535 ? 65535 : p->length;
	__u64 at = 0;

	if (!blob->len_classes)
		return blob->flag_class[p->tcp_flags];
	at = len_step(blob, at, 16, length);
	at = len_step(blob, at, 8, length);
	at = len_step(blob, at, 4, length);
	at = len_step(blob, at, 2, length);
	at = len_step(blob, at, 1, length);
	return blob->flag_class[p->tcp_flags] + at;
}

#endif
