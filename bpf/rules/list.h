/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* list.h - the boxes of a family, be they a list or a forest, and those of the overlay. */
#ifndef NETCTL_LIST_H
#define NETCTL_LIST_H

#include "forest.h"
#include "overlay_walk.h"

/*
 * A short list. Its first box is tried on the spot, because a call and a return cost more than to
 * try it twice: often it is the rule that drops what very many addresses send.
 */
static __always_inline void walk_list4(struct walk *w, const struct family_rules *rules)
{
	const struct box_page *page = page_at((const char *)w->blob, rules->boxes, BLOB_SIZE);

	if (!outside4(w->key, page->bytes, 0, sizeof(*page))) {
		COUNT_STEP(BOX);
		w->best = found(box4_of(page->bytes, 0, sizeof(*page)));
	} else if (rules->count > 1) {
		w->best = boxes4(w->key, page, rules->count, w->best);
	}
}

/* The rule that decides: of the forest, or of the list. */
static __always_inline void walk_rules4(struct walk *w, const struct family_rules *rules)
{
	if (rules->trees) {
		w->best = forest(w->key, rules, 0, w->best);
	} else if (rules->count) {
		walk_list4(w, rules);
	}
}

static __always_inline void walk_any(struct walk *w, const struct family_rules *rules, int ip6)
{
	const struct box_page *page = page_at((const char *)w->blob, rules->boxes, BLOB_SIZE);

	if (rules->trees)
		w->best = forest(w->key, rules, ip6, w->best);
	else if (rules->count && ip6)
		w->best = boxes6(w->key, page, rules->count, w->best);
	else if (rules->count)
		w->best = boxes4(w->key, page, rules->count, w->best);
}

#define OVERLAY_AT __builtin_offsetof(struct blob, edits)

/* An edit's box always has a rest and is never timed: fewer ways for the verifier to follow. */
static __always_inline int is_better(const struct walk *w, const struct box *b, __u64 out)
{
	__u64 worse = (__u64)FOUND_RULE(w->best) - b->rule - 1;

	settle(worse);
	return (__s64)(outside_box(w->key, b, out) | worse) >= 0;
}

static __always_inline void found_edit(struct walk *w, const struct box *b)
{
	w->best = found(b);
	w->edit = (w->at - OVERLAY_AT) / sizeof(struct overlay_box) + 1;
}

static long try_edit4(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct key *key = w->key;
	const char *list = (const char *)w->blob;
	const struct box4 *b = unit_at(list, w->at, BLOB_SIZE);
	__u64 out = OUTSIDE(key->word[KEY_SRC], b->src_lo, b->src_hi) |
		    OUTSIDE(key->word[KEY_DST], b->dst_lo, b->dst_hi);

	COUNT_STEP(BOX);
	if (is_better(w, &b->box, out) &&
	    !outside_rest(key, unit_at(list, w->at + BOX_UNIT, BLOB_SIZE)))
		found_edit(w, &b->box);
	w->at += sizeof(struct overlay_box);
	return 0;
}

static long try_edit6(__u32 i, void *walk)
{
	struct walk *w = walk;
	const struct box6 *b = box6_at((const char *)w->blob, w->at, BLOB_SIZE);

	COUNT_STEP(BOX);
	if (is_better(w, &b->box, 0) && !outside_addresses6(w->key, b) &&
	    !outside_rest(w->key, &b->rest))
		found_edit(w, &b->box);
	w->at += sizeof(struct overlay_box);
	return 0;
}

static __always_inline void count_edits(struct walk *w, __u64 state)
{
	w->edits = STATE_COUNTS(state);
}

/* What was added in place: a better rule than the best so far. */
static __always_inline void walk_edits(struct walk *w, __u32 family, long (*try)(__u32, void *))
{
	__u32 edits = OVERLAY_OF(w->edits, family);

	if (!edits)
		return;
	w->at = OVERLAY_AT + family * sizeof(w->blob->edits.box[0]) + after(edits);
	repeat(edits, try, w);
}

#endif
