/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_outcome.c - what it means to be in some elements, now and when one after the other is over. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

#define FIRST_HASH 1024

void outcomes_free(struct outcomes *outcomes)
{
	free(outcomes->outcome);
	free(outcomes->slots);
	free(outcomes->hash);
	free(outcomes->record);
	*outcomes = (struct outcomes){};
}

static uint64_t mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * 0xbf58476d1ce4e5b9;
	return h ^ h >> 29;
}

/* Of a chain, up to the outcome that stays. */
static uint64_t chain_hash(const struct outcomes *a, size_t at)
{
	uint64_t h = 0x9e3779b97f4a7c15;

	for (;; at++) {
		const struct lookup_outcome *outcome = &a->outcome[at];

		h = mix(h, (uint64_t)outcome->until << 32 | outcome->class);
		for (size_t i = 0; i < outcome->count; i++)
			h = mix(h, a->slots[outcome->slots + i]);
		if (!outcome->until)
			return h;
	}
}

static bool same_chain(const struct outcomes *a, size_t x, size_t y)
{
	for (;; x++, y++) {
		const struct lookup_outcome *p = &a->outcome[x], *q = &a->outcome[y];

		if (p->until != q->until || p->class != q->class || p->count != q->count)
			return false;
		if (p->count &&
		    memcmp(&a->slots[p->slots], &a->slots[q->slots], p->count * sizeof(*a->slots)))
			return false;
		if (!p->until)
			return true;
	}
}

static uint32_t *chain_place(const struct outcomes *a, size_t chain)
{
	for (size_t i = chain_hash(a, chain);; i++) {
		uint32_t *place = &a->hash[i & a->hash_mask];

		if (!*place || same_chain(a, *place - 1, chain))
			return place;
	}
}

static int need_hash(struct outcomes *a)
{
	size_t mask = a->hash ? 2 * a->hash_mask + 1 : FIRST_HASH - 1;
	uint32_t *old = a->hash;
	size_t olds = old ? a->hash_mask + 1 : 0;

	if (old && a->chains < a->hash_mask / 2)
		return 0;
	a->hash = calloc(mask + 1, sizeof(*a->hash));
	a->hash_mask = mask;
	for (size_t i = 0; a->hash && i < olds; i++)
		if (old[i])
			*chain_place(a, old[i] - 1) = old[i];
	free(old);
	return a->hash ? 0 : -ENOMEM;
}

/* Append the outcome of those that stay at least until then (0: those that stay). */
static int append_outcome(struct lookup *m, const struct holder *holders, size_t count,
			  uint32_t until)
{
	struct outcomes *a = &m->outcomes;
	struct lookup_outcome outcome = { .until = until, .slots = a->slot_count };
	autofree uint64_t *bits = calloc(m->classes.words, sizeof(*bits));
	uint32_t number;
	int r = bits ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !r; i++) {
		const struct holder *h = &holders[i];

		if (h->until && (!until || h->until < until))
			continue;
		if (m->sets[h->set].set->type != SET_PORTS) /* boxes have their ports */
			bits[h->set / 64] |= 1ULL << h->set % 64;
		if (!h->slot)
			continue;
		r = array_reserve(a->slots, a->slot_count, 1, &a->slot_capacity);
		if (!r)
			a->slots[a->slot_count++] = h->slot | (uint32_t)m->sets[h->set].directions
								      << 30;
		outcome.count++;
	}
	if (!r && outcome.count > MAX_LOOKUP_SLOTS)
		r = -E2BIG;
	if (!r)
		r = set_classes_find(&m->classes, bits, &number);
	if (!r)
		r = array_reserve(a->outcome, a->count, 1, &a->capacity);
	if (r < 0)
		return r;
	outcome.class = number;
	a->outcome[a->count++] = outcome;
	return 0;
}

/* The least until after "after" among holders, or 0. */
static uint32_t next_until(const struct holder *holders, size_t count, uint32_t after)
{
	uint32_t next = 0;

	for (size_t i = 0; i < count; i++)
		if (holders[i].until > after && (!next || holders[i].until < next))
			next = holders[i].until;
	return next;
}

static int append_chain(struct lookup *m, const struct holder *holders, size_t count)
{
	uint32_t until = 0;
	int length = 0, r;

	do {
		until = next_until(holders, count, until);
		if (++length > MAX_CHAIN)
			return -E2BIG;
		r = append_outcome(m, holders, count, until);
	} while (until && !r);
	return r;
}

static void remember(struct outcomes *a, const struct holder *holders, size_t count,
		     uint32_t outcome)
{
	a->last_count = 0;
	if (!count || count > SAME_HOLDERS)
		return;
	memcpy(a->last, holders, count * sizeof(*holders));
	a->last_count = count;
	a->last_outcome = outcome;
}

int outcome_find(struct lookup *lookup, const struct holder *holders, size_t count, uint32_t *ret)
{
	struct outcomes *a = &lookup->outcomes;
	size_t chain = a->count, slots = a->slot_count;
	uint32_t *place;
	int r;

	if (count && count == a->last_count &&
	    !memcmp(holders, a->last, count * sizeof(*holders))) {
		*ret = a->last_outcome;
		return 0;
	}
	r = append_chain(lookup, holders, count);
	if (!r)
		r = need_hash(a);
	if (r < 0)
		return r;
	place = chain_place(a, chain);
	if (*place) {
		a->count = chain;
		a->slot_count = slots;
	} else {
		*place = chain + 1;
		a->chains++;
	}
	*ret = *place - 1;
	remember(a, holders, count, *ret);
	return 0;
}

void outcomes_settle(struct lookup *lookup)
{
	struct outcomes *a = &lookup->outcomes;

	for (size_t i = 0; i < a->count; i++)
		a->outcome[i].class = lookup->classes.number[a->outcome[i].class];
}

int record_add(struct lookup *m, const struct lookup_record *record, uint32_t *ret)
{
	int r;

	if (m->record_count >= MAX_RECORDS)
		return -E2BIG;
	r = array_reserve(m->records, m->record_count, 1, &m->record_capacity);
	if (r < 0)
		return r;
	m->records[m->record_count] = *record;
	*ret = m->record_count++;
	return 0;
}

int record_of_outcome(struct lookup *lookup, uint32_t outcome, uint32_t *ret)
{
	struct outcomes *a = &lookup->outcomes;
	const struct lookup_record record = { .answer = outcome };
	size_t had = a->record_capacity;
	int r = 0;

	if (outcome >= had) {
		r = array_reserve(a->record, had, outcome + 1 - had, &a->record_capacity);
		if (!r)
			memset(a->record + had, 0, (a->record_capacity - had) * sizeof(*a->record));
	}
	if (!r && a->record[outcome]) {
		*ret = a->record[outcome] - 1;
		return 0;
	}
	if (!r)
		r = record_add(lookup, &record, ret);
	if (!r)
		a->record[outcome] = *ret + 1;
	return r;
}
