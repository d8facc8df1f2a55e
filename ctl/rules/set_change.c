/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_change.c - adding a batch to a set and deleting one from it, all at once or few by few. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "set_merge.h"

#define FEW 8 /* elements of a batch that are put in one by one, without a pass over the whole set */

/* Which elements of a set an item of a batch can touch. */
static struct stream touched(enum element_kind kind, const struct items *set, const void *batch,
			     size_t at)
{
	struct item item = item_get(kind, batch, at);
	struct stream s = { *set->array, 0, *set->count };
	size_t lo = 0, hi = *set->count;

	while (lo < hi) { /* the first that ends at or after its beginning */
		size_t mid = lo + (hi - lo) / 2;
		int line = items_line(kind, *set->array, mid, batch, at);

		if (line < 0 || (!line && item_get(kind, *set->array, mid).hi < item.lo))
			lo = mid + 1;
		else
			hi = mid;
	}
	s.at = s.end = lo;
	while (s.end < *set->count && !items_line(kind, *set->array, s.end, batch, at) &&
	       item_get(kind, *set->array, s.end).lo <= item.hi)
		s.end++;
	return s;
}

/* Put what a pass made in the place of what it went over. */
static int splice(struct pass *p, const struct items *set, size_t from, size_t to)
{
	size_t size = item_size(p->kind), tail = *set->count - to;
	size_t wanted = *set->count - (to - from) + p->count;
	char *array;
	int r;

	if (from == 0 && to == *set->count) {
		free(*set->array);
		*set->array = take_ptr(p->out);
		*set->capacity = p->capacity;
		*set->count = p->count;
		return 0;
	}
	r = array_reserve_at(set->array, wanted, 0, set->capacity, size);
	if (r < 0)
		return r;
	array = *set->array;
	memmove(array + (from + p->count) * size, array + to * size, tail * size);
	if (p->count)
		memcpy(array + from * size, p->out, p->count * size);
	*set->count = wanted;
	return 0;
}

/* Items first..last of a sorted batch. */
static int merge_some(struct set *set, enum element_kind kind, const void *batch, size_t first,
		      size_t last, bool *hit, struct set_report *report)
{
	struct items items = items_of(set, kind);
	struct pass p = { .kind = kind, .report = report };
	size_t from = 0, to = *items.count;
	int r;

	p.old = (struct stream){ *items.array, 0, to };
	if (last - first == 1) {
		p.old = touched(kind, &items, batch, first);
		from = p.old.at;
		to = p.old.end;
	}
	p.fresh = (struct stream){ batch, first, last };
	p.capacity = to - from + last - first;
	p.out = malloc((p.capacity + 1) * item_size(kind));
	r = p.out ? pass_run(&p, hit) : -ENOMEM;
	if (!r)
		r = splice(&p, &items, from, to);
	free(p.open);
	free(p.out);
	return r;
}

static int merge(struct set *set, enum element_kind kind, const struct items *batch, bool *hit,
		 struct set_report *report)
{
	size_t step = *batch->count <= FEW ? 1 : *batch->count;
	int r = 0;

	for (size_t i = 0; i < *batch->count && !r; i += step)
		r = merge_some(set, kind, *batch->array, i, i + step, hit, report);
	return r;
}

int set_add(struct set *set, struct set *batch, struct set_report *report)
{
	struct set_report sum = {};
	int r = 0;

	for (enum element_kind kind = 0; kind < ELEMENT_KINDS && !r; kind++) {
		struct items items = items_of(batch, kind);

		r = items_sort(kind, *items.array, *items.count);
		if (!r)
			r = merge(set, kind, &items, NULL, &sum);
	}
	if (report)
		*report = sum;
	return r;
}

static int remove_kind(struct set *set, enum element_kind kind, struct set *batch,
		       struct set_report *report)
{
	struct items items = items_of(batch, kind);
	autofree bool *hit = calloc(*items.count + 1, 1);
	int r = hit ? merge(set, kind, &items, hit, report) : -ENOMEM;

	for (size_t i = 0; i < *items.count && !r; i++) {
		report->added += hit[i];
		report->missing += !hit[i];
	}
	return r;
}

int set_remove(struct set *set, struct set *batch, struct set_report *report)
{
	struct set_report sum = {}, twice;
	struct set all = { .type = batch->type };
	int r;

	/* Lives do not count. */
	for (enum element_kind kind = 0; kind < ELEMENT_KINDS; kind++) {
		struct items items = items_of(batch, kind);

		for (size_t i = 0; i < *items.count; i++) {
			struct item item = item_get(kind, *items.array, i);

			item.until = 0;
			item_put(kind, *items.array, i, &item);
		}
	}
	r = set_add(&all, batch, &twice);
	for (enum element_kind kind = 0; kind < ELEMENT_KINDS && !r; kind++)
		r = remove_kind(set, kind, &all, &sum);
	sum.same = twice.same;
	sum.covered = twice.covered;
	sum.merged = twice.merged;
	set_free(&all);
	if (report)
		*report = sum;
	return r;
}
