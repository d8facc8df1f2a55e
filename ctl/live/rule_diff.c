/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_diff.c - pairs rules of two lists by their canonical text, and tells those that stay put from those that move. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "../text/rule_print.h"
#include "rule_diff.h"

/* A rule that is still to be paired. */
struct single {
	char *text; /* owned */
	size_t position;
};

struct singles {
	size_t count;
	struct single *single; /* owned; sorted by text, then position */
};

static void singles_free(struct singles *singles)
{
	for (size_t i = 0; i < singles->count; i++)
		free(singles->single[i].text);
	free(singles->single);
}

#define autosingles __attribute__((cleanup(singles_free)))

static int compare_singles(const void *a, const void *b)
{
	const struct single *x = a, *y = b;
	int r = strcmp(x->text, y->text);

	return r ? r : (x->position > y->position) - (x->position < y->position);
}

/* The rules without a partner, as texts; bare: without time, comment and "disabled". */
static int singles_of(const struct ruleset *set, const size_t *partner, bool bare,
		      struct singles *ret)
{
	int r = 0;

	ret->single = calloc(set->count + 1, sizeof(*ret->single));
	if (!ret->single)
		return -ENOMEM;
	for (size_t i = 0; i < set->count && !r; i++) {
		struct rule rule = set->rules[i];
		struct single *single = &ret->single[ret->count];

		if (partner[i] != PAIR_NONE)
			continue;
		/* Of timed rules, whatever is left to them. */
		rule.lifetime = rule_is_timed(&rule) && !bare;
		rule.until = 0;
		if (bare) {
			rule.comment = NULL;
			rule.disabled = false;
		}
		r = rule_print(&rule, &single->text);
		if (!r)
			ret->count++;
		single->position = i;
	}
	qsort(ret->single, ret->count, sizeof(*ret->single), compare_singles);
	return r;
}

/* Pair what has equal texts, in order. */
static int pair_by_text(const struct ruleset *old, const struct ruleset *next, bool bare,
			struct pairing *pairing)
{
	autosingles struct singles a = {};
	autosingles struct singles b = {};
	int r = singles_of(old, pairing->next_of, bare, &a);

	if (!r)
		r = singles_of(next, pairing->old_of, bare, &b);
	for (size_t i = 0, j = 0; !r && i < a.count && j < b.count;) {
		int order = strcmp(a.single[i].text, b.single[j].text);

		if (!order) {
			pairing->next_of[a.single[i].position] = b.single[j].position;
			pairing->old_of[b.single[j].position] = a.single[i].position;
		}
		i += order <= 0;
		j += order >= 0;
	}
	return r;
}

/*
 * Of the paired rules the longest run (with gaps) whose old positions rise stays put. ends[n]: the rule a run of n + 1
 * ends with, the one with the lowest old position; before[]: the one ahead of it in its run.
 */
static int mark_moved(size_t count, struct pairing *pairing)
{
	autofree size_t *ends = calloc(count + 1, sizeof(*ends));
	autofree size_t *before = calloc(count + 1, sizeof(*before));
	size_t longest = 0;

	if (!ends || !before)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t lo = 0, hi = longest;

		if (pairing->old_of[i] == PAIR_NONE)
			continue;
		while (lo < hi) {
			size_t middle = (lo + hi) / 2;

			if (pairing->old_of[ends[middle]] < pairing->old_of[i])
				lo = middle + 1;
			else
				hi = middle;
		}
		before[i] = lo ? ends[lo - 1] : PAIR_NONE;
		ends[lo] = i;
		longest = MAX(longest, lo + 1);
		pairing->moved[i] = true;
	}
	for (size_t i = longest ? ends[longest - 1] : PAIR_NONE; i != PAIR_NONE; i = before[i])
		pairing->moved[i] = false;
	return 0;
}

int pair_rules(const struct ruleset *old, const struct ruleset *next, struct pairing *ret)
{
	struct pairing pairing = {
		.old_of = malloc((next->count + 1) * sizeof(size_t)),
		.next_of = malloc((old->count + 1) * sizeof(size_t)),
		.moved = calloc(next->count + 1, sizeof(bool)),
	};
	int r = pairing.old_of && pairing.next_of && pairing.moved ? 0 : -ENOMEM;

	for (size_t i = 0; i < next->count && !r; i++)
		pairing.old_of[i] = PAIR_NONE;
	for (size_t i = 0; i < old->count && !r; i++)
		pairing.next_of[i] = PAIR_NONE;
	if (!r)
		r = pair_by_text(old, next, false, &pairing);
	if (!r)
		r = pair_by_text(old, next, true, &pairing);
	if (!r)
		r = mark_moved(next->count, &pairing);
	if (r < 0)
		pairing_free(&pairing);
	else
		*ret = pairing;
	return r;
}

void pairing_free(struct pairing *pairing)
{
	free(take_ptr(pairing->old_of));
	free(take_ptr(pairing->next_of));
	free(take_ptr(pairing->moved));
}

struct pair_counts pair_count(const struct ruleset *old, const struct ruleset *next,
			      const struct pairing *pairing)
{
	struct pair_counts counts = { .removed = old->count };

	for (size_t i = 0; i < next->count; i++) {
		size_t from = pairing->old_of[i];

		counts.removed -= from != PAIR_NONE;
		if (from == PAIR_NONE)
			counts.added++;
		else if (!rule_equal(&old->rules[from], &next->rules[i]))
			counts.changed++;
		else if (pairing->moved[i])
			counts.moved++;
		else
			counts.same++;
	}
	return counts;
}
