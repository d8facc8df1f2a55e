/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_intervals.c - all sets from the lowest address to the highest at once: what holds each range. */
#include <errno.h>

#include "../base/array.h"
#include "lookup.h"

/* One set on the way through it. */
struct cursor {
	const struct set *set;
	size_t at, next; /* its element, and the one after: services of one address are one */
	u128 lo, hi;	 /* of the element */
	bool inside;	 /* the scan is in it */
	bool special;	 /* it needs a record, not just a class */
};

struct scan {
	struct lookup *m;
	enum family family;
	uint32_t now;
	struct cursor *cursors; /* one a set; owned */
	uint32_t *heap; /* sets that have something left, by where it begins or ends; owned */
	size_t heap_count;
	uint64_t *bits;	  /* sets the scan is in; owned */
	uint32_t *inside; /* and which; owned */
	size_t inside_count, specials;
	uint32_t number; /* of a combination, while that of bits */
	bool numbered;
	struct holder *holders; /* scratch, one a set; owned */
};

/* ---- one set, element by element ---- */

static bool same_address(const struct service *a, const struct service *b)
{
	return a->family == b->family && a->address.hi == b->address.hi &&
	       a->address.lo == b->address.lo;
}

static bool next_service(struct cursor *c, enum family family)
{
	const struct service *all = c->set->services;
	uint8_t version = family == FAMILY_IP4 ? 4 : 6;

	c->at = c->next;
	while (c->at < c->set->service_count && all[c->at].family != version)
		c->at++;
	if (c->at == c->set->service_count)
		return false;
	c->next = c->at + 1;
	while (c->next < c->set->service_count && same_address(&all[c->next], &all[c->at]))
		c->next++;
	c->lo = c->hi = addr_number(&all[c->at].address);
	c->special = true;
	return true;
}

/* To the set's next element that is not over; false: there is none. */
static bool next_element(struct cursor *c, enum family family, uint32_t now)
{
	bool counters = c->set->counters;

	if (c->set->type == SET_SERVICES)
		return next_service(c, family);
	while (family == FAMILY_IP4 && c->next < c->set->count4) {
		const struct element4 *e = &c->set->ip4[c->at = c->next++];

		c->lo = e->lo;
		c->hi = e->hi;
		c->special = e->until || (counters && e->slot);
		if (!element_is_over(e->until, now))
			return true;
	}
	while (family == FAMILY_IP6 && c->next < c->set->count6) {
		const struct element6 *e = &c->set->ip6[c->at = c->next++];

		c->lo = addr_number(&e->lo);
		c->hi = addr_number(&e->hi);
		c->special = e->until || (counters && e->slot);
		if (!element_is_over(e->until, now))
			return true;
	}
	return false;
}

static struct holder holder_of(const struct scan *s, uint32_t set)
{
	const struct cursor *c = &s->cursors[set];
	const struct element4 *e4 = c->set->ip4 + c->at;
	const struct element6 *e6 = c->set->ip6 + c->at;
	uint32_t until = s->family == FAMILY_IP4 ? e4->until : e6->until;
	uint32_t slot = s->family == FAMILY_IP4 ? e4->slot : e6->slot;

	return (struct holder){ set, until, c->set->counters ? slot : 0 };
}

/* ---- a heap of sets ---- */

/* Where the scan is to stop next for it: its element's beginning, or its last address. */
static u128 stop_of(const struct scan *s, uint32_t set)
{
	const struct cursor *c = &s->cursors[set];

	return c->inside ? c->hi : c->lo;
}

/* At the same address a beginning comes before an end. */
static bool before(const struct scan *s, uint32_t a, uint32_t b)
{
	u128 x = stop_of(s, a), y = stop_of(s, b);

	return x != y ? x < y : s->cursors[a].inside < s->cursors[b].inside;
}

static void sift_down(struct scan *s, size_t i)
{
	for (;;) {
		size_t child = 2 * i + 1;
		uint32_t swap = s->heap[i];

		if (child >= s->heap_count)
			return;
		if (child + 1 < s->heap_count && before(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!before(s, s->heap[child], s->heap[i]))
			return;
		s->heap[i] = s->heap[child];
		s->heap[child] = swap;
		i = child;
	}
}

/* ---- the scan ---- */

static void enter(struct scan *s, uint32_t set)
{
	s->cursors[set].inside = true;
	s->bits[set / 64] |= 1ULL << set % 64;
	s->inside[s->inside_count++] = set;
	s->specials += s->cursors[set].special;
	s->numbered = false;
}

static void leave(struct scan *s, uint32_t set)
{
	size_t i = 0;

	s->cursors[set].inside = false;
	s->bits[set / 64] &= ~(1ULL << set % 64);
	while (s->inside[i] != set)
		i++;
	s->inside[i] = s->inside[--s->inside_count];
	s->specials -= s->cursors[set].special;
	s->numbered = false;
}

/* The services of sets the scan is in. */
static int make_services(struct scan *s, const struct holder *base, size_t base_count,
			 uint32_t *ret)
{
	autofree struct port_holder *ports = NULL;
	size_t count = 0, capacity = 0;
	int r = 0;

	for (size_t i = 0; i < s->inside_count && !r; i++) {
		const struct cursor *c = &s->cursors[s->inside[i]];

		if (c->set->type != SET_SERVICES)
			continue;
		r = array_reserve(ports, count, c->next - c->at, &capacity);
		for (size_t j = c->at; j < c->next && !r; j++) {
			const struct service *e = &c->set->services[j];
			uint32_t slot = c->set->counters ? e->slot : 0;

			if (!element_is_over(e->until, s->now))
				ports[count++] =
					(struct port_holder){ { s->inside[i], e->until, slot },
							      e->port_lo,
							      e->port_hi,
							      e->proto };
		}
	}
	if (!r)
		r = record_of_services(s->m, base, base_count, ports, count, ret);
	if (!r)
		s->m->worst_steps = MAX(s->m->worst_steps, record_steps(&s->m->records[*ret]));
	return r;
}

/* The record of where the scan is, which needs more than a class. */
static int make_special(struct scan *s, uint32_t *ret)
{
	size_t count = 0;
	uint32_t outcome;
	int r;

	for (size_t i = 0; i < s->inside_count; i++)
		if (s->cursors[s->inside[i]].set->type != SET_SERVICES)
			s->holders[count++] = holder_of(s, s->inside[i]);
	if (count < s->inside_count)
		return make_services(s, s->holders, count, ret);
	r = outcome_find(s->m, s->holders, count, &outcome);
	return r < 0 ? r : record_of_outcome(s->m, outcome, ret);
}

static int add_range(struct scan *s, u128 lo, u128 hi)
{
	struct btree *tree = &s->m->tree[s->family];
	uint32_t record;
	int r;

	if (s->specials) {
		r = make_special(s, &record);
		return r < 0 ? r : btree_add(tree, lo, hi, INFO_SPECIAL | record);
	}
	if (!s->numbered) {
		r = set_classes_find(&s->m->classes, s->bits, &s->number);
		if (r < 0)
			return r;
		s->numbered = true;
	}
	return btree_add(tree, lo, hi, s->number);
}

/* All that begins or ends where the first of the heap does; *at: where the next range begins. */
static int step(struct scan *s, u128 *at)
{
	uint32_t set = s->heap[0];
	u128 stop = stop_of(s, set);
	bool ends = s->cursors[set].inside;
	int r = 0;

	if (s->inside_count && (ends || *at < stop))
		r = add_range(s, *at, ends ? stop : stop - 1);
	if (r < 0)
		return r;
	*at = ends ? stop + 1 : stop;
	while (s->heap_count && s->cursors[s->heap[0]].inside == ends &&
	       stop_of(s, s->heap[0]) == stop) {
		set = s->heap[0];
		if (!ends) {
			enter(s, set);
		} else {
			leave(s, set);
			if (!next_element(&s->cursors[set], s->family, s->now))
				s->heap[0] = s->heap[--s->heap_count];
		}
		sift_down(s, 0);
	}
	return 0;
}

int lookup_intervals(struct lookup *m, enum family family, uint32_t now)
{
	size_t count = m->set_count;
	autofree struct cursor *cursors = calloc(count + 1, sizeof(*cursors));
	autofree uint32_t *heap = calloc(count + 1, sizeof(*heap));
	autofree uint64_t *bits = calloc(m->classes.words, sizeof(*bits));
	autofree uint32_t *inside = calloc(count + 1, sizeof(*inside));
	autofree struct holder *holders = calloc(count + 1, sizeof(*holders));
	struct scan s = { m, family, now, cursors, heap, 0, bits, inside, 0, 0, 0, false, holders };
	u128 at = 0;
	int r = 0;

	if (!cursors || !heap || !bits || !inside || !holders)
		return -ENOMEM;
	m->tree[family].family = family;
	for (size_t i = 0; i < count; i++) {
		cursors[i].set = m->sets[i].set;
		if (next_element(&cursors[i], family, now))
			heap[s.heap_count++] = i;
	}
	for (size_t i = s.heap_count; i--;)
		sift_down(&s, i);
	while (s.heap_count && !r)
		r = step(&s, &at);
	return r < 0 ? r : btree_end(&m->tree[family]);
}
