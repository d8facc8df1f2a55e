/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_merge.c - one pass over the elements of a set and of a batch, in order, cutting and joining. */
#include <string.h>

#include "../base/array.h"
#include "set_merge.h"

static int emit(struct pass *p, struct item *item, u128 lo, u128 hi)
{
	struct item piece = *item;
	int r = array_reserve_at(&p->out, p->count, 1, &p->capacity, item_size(p->kind));

	if (r < 0)
		return r;
	piece.lo = lo;
	piece.hi = hi;
	item_put(p->kind, p->out, p->count++, &piece);
	item->slot = 0; /* its first piece has it */
	return 0;
}

/* What rules from "at" on, up to "end", which no item begins before. */
static int advance(struct pass *p, u128 end, bool to_end)
{
	while (p->open_count && (to_end || p->open[0].hi < end)) {
		int r = emit(p, &p->open[0], p->at, p->open[0].hi);

		if (r < 0)
			return r;
		p->at = p->open[0].hi + 1;
		memmove(p->open, p->open + 1, --p->open_count * sizeof(*p->open));
	}
	return 0;
}

/* An item all of which lies in another that lives as long. */
static void drop_inner(struct pass *p, const struct item *item, struct item *outer)
{
	bool same = outer->same_range && item->lo == outer->lo && item->hi == outer->hi;

	if (item->fresh && same) {
		p->report->same++;
	} else if (item->fresh) {
		p->report->covered++;
	} else if (same && outer->fresh) {
		p->report->added--;
		p->report->renewed++;
		outer->slot = item->slot;
	} else {
		p->report->merged++;
	}
}

static int open_at(struct pass *p, size_t i, const struct item *item)
{
	int r = array_reserve(p->open, p->open_count, 1, &p->open_capacity);

	if (r < 0)
		return r;
	memmove(p->open + i + 1, p->open + i, (p->open_count - i) * sizeof(*p->open));
	p->open[i] = *item;
	p->open_count++;
	return 0;
}

static void close_at_index(struct pass *p, size_t i)
{
	p->open_count--;
	memmove(p->open + i, p->open + i + 1, (p->open_count - i) * sizeof(*p->open));
}

/* "at" is the item's lo, or further left while nothing is open. */
static int take(struct pass *p, struct item *item)
{
	uint64_t life = item_life(item->until);
	size_t i = 0;
	int r;

	while (i < p->open_count && item_life(p->open[i].until) > life)
		i++;
	if (i && p->open[i - 1].hi >= item->hi) {
		drop_inner(p, item, &p->open[i - 1]);
		return 0;
	}
	if (i < p->open_count && item_life(p->open[i].until) == life) {
		struct item *peer = &p->open[i];

		if (peer->hi >= item->hi) {
			drop_inner(p, item, peer);
			return 0;
		}
		p->report->merged++;
		p->report->added += item->fresh;
		peer->hi = item->hi;
		peer->same_range = false;
		i++;
	} else {
		if (p->open_count && !i && p->at < item->lo) {
			p->report->merged++;
			r = emit(p, &p->open[0], p->at, item->lo - 1);
			if (r < 0)
				return r;
		}
		if (!i)
			p->at = item->lo;
		p->report->added += item->fresh;
		r = open_at(p, i++, item);
		if (r < 0)
			return r;
	}
	while (i < p->open_count && p->open[i].hi <= item->hi) {
		p->report->merged++;
		close_at_index(p, i);
	}
	return 0;
}

/* The next item of one line from either array; false: there is none. */
static bool next_item(struct pass *p, struct stream *old, struct stream *fresh, struct item *ret)
{
	struct item a, b;

	if (old->at == old->end && fresh->at == fresh->end)
		return false;
	if (old->at < old->end)
		a = item_get(p->kind, old->array, old->at);
	if (fresh->at < fresh->end)
		b = item_get(p->kind, fresh->array, fresh->at);
	if (fresh->at == fresh->end ||
	    (old->at < old->end &&
	     (a.lo < b.lo ||
	      (a.lo == b.lo &&
	       (a.hi > b.hi || (a.hi == b.hi && item_life(a.until) >= item_life(b.until))))))) {
		*ret = a;
		ret->fresh = false;
		old->at++;
	} else {
		*ret = b;
		ret->fresh = true;
		fresh->at++;
	}
	ret->same_range = true;
	return true;
}

static int add_line(struct pass *p, struct stream *old, struct stream *fresh)
{
	struct item item;
	int r = 0;

	while (!r && next_item(p, old, fresh, &item)) {
		r = advance(p, item.lo, false);
		if (!r)
			r = take(p, &item);
	}
	return r < 0 ? r : advance(p, 0, true);
}

/* What batch items leave of one; they are disjoint. */
static int cut_item(struct pass *p, struct item *item, struct stream *fresh, bool *hit)
{
	u128 from = item->lo;
	size_t i = fresh->at;
	int r = 0;

	for (; i < fresh->end; i++) {
		struct item cut = item_get(p->kind, fresh->array, i);

		if (cut.lo > item->hi)
			break;
		if (cut.hi < item->lo)
			continue;
		hit[i] = true;
		if (cut.lo > from)
			r = emit(p, item, from, cut.lo - 1);
		if (r < 0 || cut.hi >= item->hi)
			return r;
		from = cut.hi + 1;
	}
	return emit(p, item, from, item->hi);
}

static int remove_line(struct pass *p, struct stream *old, struct stream *fresh, bool *hit)
{
	int r = 0;

	for (; old->at < old->end && !r; old->at++) {
		struct item item = item_get(p->kind, old->array, old->at);

		while (fresh->at < fresh->end &&
		       item_get(p->kind, fresh->array, fresh->at).hi < item.lo)
			fresh->at++;
		r = cut_item(p, &item, fresh, hit);
	}
	return r;
}

/* Cut from a stream what is of the same line as the item at "at" of an array. */
static struct stream take_line(enum element_kind kind, struct stream *from, const void *array,
			       size_t at)
{
	struct stream line = { from->array, from->at, from->at };

	while (line.end < from->end && !items_line(kind, from->array, line.end, array, at))
		line.end++;
	if (kind != ELEMENT_SERVICE)
		line.end = from->end;
	from->at = line.end;
	return line;
}

int pass_run(struct pass *p, bool *hit)
{
	struct stream *old = &p->old, *fresh = &p->fresh;
	int r = 0;

	while (!r && (old->at < old->end || fresh->at < fresh->end)) {
		bool first_old = fresh->at == fresh->end ||
				 (old->at < old->end && items_line(p->kind, old->array, old->at,
								   fresh->array, fresh->at) <= 0);
		const void *array = first_old ? old->array : fresh->array;
		size_t at = first_old ? old->at : fresh->at;
		struct stream a = take_line(p->kind, old, array, at);
		struct stream b = take_line(p->kind, fresh, array, at);

		p->at = 0;
		r = hit ? remove_line(p, &a, &b, hit) : add_line(p, &a, &b);
	}
	return r;
}
