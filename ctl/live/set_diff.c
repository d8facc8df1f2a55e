/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_diff.c - pairs the elements of two sets by their ranges, in one walk over both. */
#include "set_diff.h"

struct side {
	void *array;
	size_t count;
};

static struct side side_of(const struct set *set, enum element_kind kind)
{
	struct items items;

	if (!set)
		return (struct side){};
	items = items_of((struct set *)set, kind); /* which is only read */
	return (struct side){ *items.array, *items.count };
}

static int compare_items(enum element_kind kind, const struct side *a, size_t i, const struct side *b,
			 size_t j)
{
	struct item x = item_get(kind, a->array, i), y = item_get(kind, b->array, j);
	int line = items_line(kind, a->array, i, b->array, j);

	if (line)
		return line;
	if (x.lo != y.lo)
		return x.lo < y.lo ? -1 : 1;
	return x.hi == y.hi ? 0 : x.hi < y.hi ? -1 : 1;
}

bool set_diff_next(struct set_diff *diff, struct set_diff_step *ret)
{
	for (; diff->kind < ELEMENT_KINDS; diff->kind++, diff->at_old = diff->at_next = 0) {
		struct side old = side_of(diff->old, diff->kind);
		struct side next = side_of(diff->next, diff->kind);
		int order;

		if (diff->at_old == old.count && diff->at_next == next.count)
			continue;
		if (diff->at_old == old.count || diff->at_next == next.count)
			order = diff->at_old == old.count ? 1 : -1;
		else
			order = compare_items(diff->kind, &old, diff->at_old, &next, diff->at_next);
		*ret = (struct set_diff_step){
			.kind = diff->kind,
			.in_old = order <= 0,
			.in_next = order >= 0,
			.old = diff->at_old,
			.next = diff->at_next,
		};
		diff->at_old += order <= 0;
		diff->at_next += order >= 0;
		return true;
	}
	return false;
}

bool set_diff_is_change(const struct set_diff *diff, const struct set_diff_step *step)
{
	struct side old = side_of(diff->old, step->kind), next = side_of(diff->next, step->kind);

	if (!step->in_old || !step->in_next)
		return true;
	return !item_get(step->kind, old.array, step->old).until !=
	       !item_get(step->kind, next.array, step->next).until;
}

struct set_diff_counts set_diff_count(const struct set *old, const struct set *next)
{
	struct set_diff diff = { .old = old, .next = next };
	struct set_diff_counts counts = {};
	struct set_diff_step step;

	while (set_diff_next(&diff, &step)) {
		counts.added += !step.in_old;
		counts.removed += !step.in_next;
		if (!step.in_old || !step.in_next)
			continue;
		if (set_diff_is_change(&diff, &step))
			counts.changed++;
		else
			counts.same++;
	}
	return counts;
}

void set_adopt(const struct set *old, struct set *next, bool lives)
{
	struct set_diff diff = { .old = old, .next = next };
	struct set_diff_step step;

	while (set_diff_next(&diff, &step)) {
		struct side from = side_of(old, step.kind), to = side_of(next, step.kind);
		struct item was, is;

		if (!step.in_old || !step.in_next)
			continue;
		was = item_get(step.kind, from.array, step.old);
		is = item_get(step.kind, to.array, step.next);
		if (old->counters && next->counters)
			is.slot = was.slot;
		if (lives && was.until && is.until)
			is.until = was.until;
		item_put(step.kind, to.array, step.next, &is);
	}
}

const struct set *set_partner(const struct ruleset *of, const struct set *set)
{
	const struct set *found = ruleset_find_set(of, set->name);

	return found && found->type == set->type ? found : NULL;
}

struct sets_diff_counts sets_diff_count(const struct ruleset *old, const struct ruleset *next)
{
	struct sets_diff_counts sum = {};

	for (size_t i = 0; i < next->set_count; i++) {
		const struct set *set = &next->sets[i], *was = set_partner(old, set);
		struct set_diff_counts counts = set_diff_count(was, set);

		sum.elements.added += counts.added;
		sum.elements.removed += counts.removed;
		sum.elements.changed += counts.changed;
		sum.elements.same += counts.same;
		if (!was)
			sum.added++;
		else if (counts.added || counts.removed || counts.changed ||
			 was->counters != set->counters)
			sum.changed++;
		else
			sum.same++;
	}
	for (size_t i = 0; i < old->set_count; i++) {
		if (set_partner(next, &old->sets[i]))
			continue;
		sum.removed++;
		sum.elements.removed += set_size(&old->sets[i]);
	}
	return sum;
}
