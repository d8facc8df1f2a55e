/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * number_classes.c - matches about a wide number to classes, mask after mask. What has been found out of a number after
 * some masks is a state: which matches name it, and which of its bits are known. The masks that see most come first, so
 * that mostly the first settles all: of a list of addresses, one search.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "../base/array.h"
#include "../rules/names.h"
#include "../rules/rule_match.h"
#include "blob_write.h"
#include "number_classes.h"
#include "number_search.h"

/* What is known of a number. */
struct state {
	uint64_t mask, value; /* its bits */
	size_t count;
	uint32_t *matches; /* owned, sorted: that name it */
	uint32_t id;
};

/* States, each once. */
struct states {
	void *root;	      /* tsearch() */
	struct state **state; /* owned, by id */
	size_t count, capacity;
	size_t named; /* matches in all of them */
};

static int compare_states(const void *pa, const void *pb)
{
	const struct state *a = pa, *b = pb;

	return COMPARE(a->mask, b->mask) ?: COMPARE(a->value, b->value) ?:
	       COMPARE(a->count, b->count) ?:
	       memcmp(a->matches, b->matches, a->count * sizeof(*a->matches));
}

static void states_free(struct states *states)
{
	while (states->root)
		tdelete(*(void **)states->root, &states->root, compare_states);
	for (size_t i = 0; i < states->count; i++) {
		free(states->state[i]->matches);
		free(states->state[i]);
	}
	free(states->state);
	*states = (struct states){};
}

#define autostates __attribute__((cleanup(states_free)))

/* Enter a copy, if it is not there. -E2BIG when there are too many. */
static int states_add(struct states *states, const struct state *state, uint32_t *ret_id)
{
	struct state *copy, **found = tfind(state, &states->root, compare_states);
	size_t size = state->count * sizeof(*state->matches);

	if (found) {
		*ret_id = (*found)->id;
		return 0;
	}
	states->named += state->count;
	if (states->count == MAX_NUMBER_CLASSES || states->named > MOST_NAMED)
		return -E2BIG;
	if (array_reserve(states->state, states->count, 1, &states->capacity) < 0)
		return -ENOMEM;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *state;
	copy->matches = malloc(MAX(size, 1));
	if (!copy->matches || !tsearch(copy, &states->root, compare_states)) {
		free(copy->matches);
		free(copy);
		return -ENOMEM;
	}
	if (size)
		memcpy(copy->matches, state->matches, size);
	*ret_id = copy->id = states->count;
	states->state[states->count++] = copy;
	return 0;
}

/* By what they list, negated or not: nothing tells rules apart that list the same. */
static int compare_matches(const void *pa, const void *pb)
{
	const struct match *a = *(const struct match *const *)pa;
	const struct match *b = *(const struct match *const *)pb;
	int r = COMPARE(a->count, b->count);

	for (size_t i = 0; i < a->count && !r; i++)
		r = value_compare(a->field, &a->values[i], &b->values[i]);
	return r;
}

/* The matches about the field, each list once, in the order they are looked for. */
static int collect_matches(const struct ruleset *rules, enum field field, struct number_plan *plan)
{
	size_t kept = 0;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t j = 0; !rule->disabled && j < rule->count; j++) {
			if (rule->matches[j].field != field)
				continue;
			if (array_grow(plan->match, plan->match_count) < 0)
				return -ENOMEM;
			plan->match[plan->match_count++] = &rule->matches[j];
		}
	}
	if (plan->match_count)
		qsort(plan->match, plan->match_count, sizeof(*plan->match), compare_matches);
	for (size_t i = 0; i < plan->match_count; i++)
		if (!kept || compare_matches(&plan->match[i], &plan->match[kept - 1]))
			plan->match[kept++] = plan->match[i];
	plan->match_count = kept;
	return 0;
}

/* ---- from state to state ---- */

/* What is known of a number in a state once its interval is known, too. False: there is none. */
static bool narrow(const struct search *s, const struct state *from, size_t interval,
		   struct state *ret)
{
	uint64_t lo = interval ? s->bound[interval - 1] : 0;
	uint64_t hi = interval < s->bounds ? s->bound[interval] - 1 : s->mask;
	uint64_t common = from->mask & s->mask;

	ret->mask = from->mask;
	ret->value = from->value;
	if (common == s->mask)
		return interval == search_interval(s, from->value & s->mask);
	if (lo != hi)
		return true;
	ret->mask |= s->mask;
	ret->value |= lo;
	return !((lo ^ from->value) & common);
}

static int compare_indexes(const void *a, const void *b)
{
	return COMPARE(*(const uint32_t *)a, *(const uint32_t *)b);
}

/* Add the matches of an interval to those of a state, which has room. */
static void add_matches(const struct search *s, size_t interval, struct state *state)
{
	size_t count = s->first[interval + 1] - s->first[interval], kept = 0;

	if (!count)
		return;
	memcpy(state->matches + state->count, s->match + s->first[interval],
	       count * sizeof(*state->matches));
	count += state->count;
	qsort(state->matches, count, sizeof(*state->matches), compare_indexes);
	for (size_t i = 0; i < count; i++)
		if (!kept || state->matches[i] != state->matches[kept - 1])
			state->matches[kept++] = state->matches[i];
	state->count = kept;
}

/* The searches from the first on tell nothing new of the number: then their matches are added. */
static bool is_settled(const struct searches *searches, size_t first, struct state *state)
{
	for (size_t i = first; i < searches->count; i++)
		if (searches->search[i].mask & ~state->mask)
			return false;
	for (size_t i = first; i < searches->count; i++) {
		const struct search *s = &searches->search[i];

		add_matches(s, search_interval(s, state->value & s->mask), state);
	}
	return true;
}

/* A plan being made. */
struct planner {
	struct number_plan *plan;
	struct searches searches;
	struct states open, classes; /* open: at the step at hand */
	struct state scratch;	     /* with room for all matches and those of any interval */
};

static int next_of(struct planner *p, size_t step, const struct state *from, size_t interval,
		   struct states *open, uint32_t *ret)
{
	const struct search *s = &p->searches.search[step];
	struct state *to = &p->scratch;
	int r;

	*ret = NEXT_CLASS;
	if (!narrow(s, from, interval, to))
		return 0;
	memcpy(to->matches, from->matches, from->count * sizeof(*to->matches));
	to->count = from->count;
	add_matches(s, interval, to);
	if (!is_settled(&p->searches, step + 1, to))
		return states_add(open, to, ret);
	to->mask = to->value = 0;
	r = states_add(&p->classes, to, ret);
	*ret |= NEXT_CLASS;
	return r;
}

static int make_step(struct planner *p, size_t n)
{
	struct number_step *step = &p->plan->step[p->plan->steps++];
	struct search *s = &p->searches.search[n];
	autostates struct states open = {};
	int r = 0;

	step->mask = s->mask;
	while ((1UL << step->log2) - 1 < s->bounds)
		step->log2++;
	step->states = p->open.count;
	step->bound = malloc((sizeof(*step->bound) << step->log2));
	step->next = calloc(step->states << step->log2, sizeof(*step->next));
	if (!step->bound || !step->next)
		return -ENOMEM;
	for (size_t i = 0; i < 1UL << step->log2; i++)
		step->bound[i] = i < s->bounds ? s->bound[i] : INT64_MAX;
	for (size_t i = 0; i < p->open.count && !r; i++)
		for (size_t k = 0; k <= s->bounds && !r; k++)
			r = next_of(p, n, p->open.state[i], k, &open,
				    &step->next[(i << step->log2) + k]);
	states_free(&p->open);
	p->open = open;
	open = (struct states){};
	return r;
}

static int make_spans(struct planner *p)
{
	struct number_plan *plan = p->plan;
	int r = 0;

	plan->count = p->classes.count;
	plan->classes = calloc(plan->match_count + 1, sizeof(*plan->classes));
	if (!plan->classes)
		return -ENOMEM;
	for (uint32_t id = 0; id < plan->count; id++)
		for (size_t i = 0; i < p->classes.state[id]->count && !r; i++)
			r = spans_add(&plan->classes[p->classes.state[id]->matches[i]], id, id);
	for (size_t i = 0; i < plan->match_count; i++)
		spans_merge(&plan->classes[i]);
	return r;
}

static int make_plan(struct planner *p)
{
	const struct state none = { .matches = p->scratch.matches };
	uint32_t id;
	int r = states_add(&p->classes, &none, &id); /* class 0: no match names it */

	if (!r)
		r = states_add(&p->open, &none, &id);
	for (size_t i = 0; i < p->searches.count && p->open.count && !r; i++)
		r = make_step(p, i);
	return r ? r : make_spans(p);
}

int number_plan_build(const struct ruleset *rules, enum field field, struct number_plan *ret)
{
	struct planner p = { .plan = ret };
	size_t longest = 0;
	int r = collect_matches(rules, field, ret);

	if (!r)
		r = searches_make(ret->match, ret->match_count, &p.searches);
	for (size_t i = 0; i < p.searches.count; i++)
		longest = MAX(longest, p.searches.search[i].longest);
	p.scratch.matches =
		malloc((ret->match_count + longest + 1) * sizeof(*p.scratch.matches));
	if (!r && !p.scratch.matches)
		r = -ENOMEM;
	if (!r && p.searches.count)
		r = make_plan(&p);
	states_free(&p.open);
	states_free(&p.classes);
	searches_free(&p.searches);
	free(p.scratch.matches);
	return r;
}

void number_plan_free(struct number_plan *plan)
{
	for (size_t i = 0; plan->classes && i < plan->match_count; i++)
		spans_free(&plan->classes[i]);
	for (size_t i = 0; i < plan->steps; i++) {
		free(plan->step[i].bound);
		free(plan->step[i].next);
	}
	free(plan->classes);
	free(plan->match);
	*plan = (struct number_plan){};
}

const struct spans *number_plan_spans(const struct number_plan *plan, const struct match *match)
{
	const struct match **found = bsearch(&match, plan->match, plan->match_count,
					     sizeof(*plan->match), compare_matches);

	return found ? &plan->classes[found - plan->match] : NULL;
}

/* Bounds that stand in the blob itself: those of one mask, if they are not too many, or none. */
static bool put_here(const struct number_plan *plan, struct number_classes *ret)
{
	const struct number_step *step = &plan->step[0];

	ret->bounds = BOUNDS_HERE + 1;
	if (plan->steps > 1 || (1UL << step->log2) - 1 > BOUNDS_HERE)
		return false;
	ret->bounds = 0;
	for (size_t i = 0; i < BOUNDS_HERE; i++)
		ret->bound[i] = INT64_MAX;
	if (!plan->steps)
		return true;
	ret->mask = step->mask;
	while (ret->bounds < (1U << step->log2) - 1 && step->bound[ret->bounds] != INT64_MAX) {
		ret->bound[ret->bounds] = step->bound[ret->bounds];
		ret->bounds++;
	}
	for (size_t i = 0; i <= ret->bounds; i++)
		ret->class[i] = step->next[i] & ~NEXT_CLASS;
	return true;
}

int number_plan_write(struct blob_writer *w, const struct number_plan *plan,
		      struct number_classes *ret)
{
	ret->steps = plan->steps;
	if (put_here(plan, ret))
		return 0;
	for (size_t i = 0; i < plan->steps; i++) {
		const struct number_step *from = &plan->step[i];
		size_t bounds = sizeof(*from->bound) << from->log2;
		size_t next = (from->states << from->log2) * sizeof(*from->next);
		size_t at = blob_take(w, bounds, bounds, false);
		size_t next_at = at ? blob_take(w, next, sizeof(*from->next), true) : 0;

		if (!next_at)
			return -ENOSPC;
		memcpy((char *)w->blob + at, from->bound, bounds);
		memcpy((char *)w->blob + next_at, from->next, next);
		ret->step[i] = (struct class_step){
			.mask = from->mask,
			.bounds = at - BLOB_SIZE,
			.next = next_at - BLOB_SIZE,
			.log2 = from->log2,
		};
	}
	return 0;
}
