/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_diff.c - pairs the rules of two lists by their canonical text, and finds which of them have moved. */
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
static int singles_of(const struct ruleset *rules, const size_t *partner, bool bare,
		      struct singles *ret)
{
	int r = 0;

	ret->single = calloc(rules->count + 1, sizeof(*ret->single));
	if (!ret->single)
		return -ENOMEM;
	for (size_t i = 0; i < rules->count && !r; i++) {
		struct rule rule = rules->rules[i];
		struct single *single = &ret->single[ret->count];

		if (partner[i] != NO_PARTNER)
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
			struct rule_diff *diff)
{
	autosingles struct singles a = {};
	autosingles struct singles b = {};
	int r = singles_of(old, diff->next_of, bare, &a);

	if (!r)
		r = singles_of(next, diff->old_of, bare, &b);
	for (size_t i = 0, j = 0; !r && i < a.count && j < b.count;) {
		int order = strcmp(a.single[i].text, b.single[j].text);

		if (!order) {
			diff->next_of[a.single[i].position] = b.single[j].position;
			diff->old_of[b.single[j].position] = a.single[i].position;
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
static int mark_moved(size_t count, struct rule_diff *diff)
{
	autofree size_t *ends = calloc(count + 1, sizeof(*ends));
	autofree size_t *before = calloc(count + 1, sizeof(*before));
	size_t longest = 0;

	if (!ends || !before)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t lo = 0, hi = longest;

		if (diff->old_of[i] == NO_PARTNER)
			continue;
		while (lo < hi) {
			size_t middle = (lo + hi) / 2;

			if (diff->old_of[ends[middle]] < diff->old_of[i])
				lo = middle + 1;
			else
				hi = middle;
		}
		before[i] = lo ? ends[lo - 1] : NO_PARTNER;
		ends[lo] = i;
		longest = MAX(longest, lo + 1);
		diff->moved[i] = true;
	}
	for (size_t i = longest ? ends[longest - 1] : NO_PARTNER; i != NO_PARTNER; i = before[i])
		diff->moved[i] = false;
	return 0;
}

int rule_diff_make(const struct ruleset *old, const struct ruleset *next, struct rule_diff *ret)
{
	struct rule_diff diff = {
		.old_of = malloc((next->count + 1) * sizeof(size_t)),
		.next_of = malloc((old->count + 1) * sizeof(size_t)),
		.moved = calloc(next->count + 1, sizeof(bool)),
	};
	int r = diff.old_of && diff.next_of && diff.moved ? 0 : -ENOMEM;

	for (size_t i = 0; i < next->count && !r; i++)
		diff.old_of[i] = NO_PARTNER;
	for (size_t i = 0; i < old->count && !r; i++)
		diff.next_of[i] = NO_PARTNER;
	if (!r)
		r = pair_by_text(old, next, false, &diff);
	if (!r)
		r = pair_by_text(old, next, true, &diff);
	if (!r)
		r = mark_moved(next->count, &diff);
	if (r < 0)
		rule_diff_free(&diff);
	else
		*ret = diff;
	return r;
}

void rule_diff_free(struct rule_diff *diff)
{
	free(take_ptr(diff->old_of));
	free(take_ptr(diff->next_of));
	free(take_ptr(diff->moved));
}

struct rule_diff_counts rule_diff_count(const struct ruleset *old, const struct ruleset *next,
					const struct rule_diff *diff)
{
	struct rule_diff_counts counts = { .removed = old->count };

	for (size_t i = 0; i < next->count; i++) {
		size_t from = diff->old_of[i];

		counts.removed -= from != NO_PARTNER;
		if (from == NO_PARTNER)
			counts.added++;
		else if (!rule_equal(&old->rules[from], &next->rules[i]))
			counts.changed++;
		else if (diff->moved[i])
			counts.moved++;
		else
			counts.same++;
	}
	return counts;
}
