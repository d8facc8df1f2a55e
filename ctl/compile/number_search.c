/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* number_search.c - values of matches, sorted by mask and cut into intervals. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "number_search.h"

#define MOST_BOUNDS ((1 << 17) - 1) /* that packets find in the steps they take, and one part holds */

struct atoms {
	struct atom *atom; /* owned; by mask, in the order of the steps */
	size_t count, capacity;
};

static struct atom atom_of(enum field field, const struct value *v, uint32_t match)
{
	if (match_fields[field].kind == VALUE_MASKED)
		return (struct atom){ v->masked.mask, v->masked.value, v->masked.value, match };
	return (struct atom){ UINT64_MAX, v->range.lo, v->range.hi, match };
}

/* Masks that see most first. */
static int compare_atoms(const void *pa, const void *pb)
{
	const struct atom *a = pa, *b = pb;
	int bits_a = __builtin_popcountll(a->mask), bits_b = __builtin_popcountll(b->mask);

	return bits_b - bits_a ?: COMPARE(a->mask, b->mask) ?: COMPARE(a->lo, b->lo) ?:
	       COMPARE(a->match, b->match);
}

static int collect(const struct match **matches, size_t count, struct atoms *ret)
{
	for (size_t i = 0; i < count; i++) {
		const struct match *m = matches[i];

		if (array_reserve(ret->atom, ret->count, m->count, &ret->capacity) < 0)
			return -ENOMEM;
		for (size_t k = 0; k < m->count; k++)
			ret->atom[ret->count++] = atom_of(m->field, &m->values[k], i);
	}
	if (ret->count)
		qsort(ret->atom, ret->count, sizeof(*ret->atom), compare_atoms);
	return 0;
}

static int compare_bounds(const void *a, const void *b)
{
	return COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

static int find_bounds(struct search *s)
{
	size_t count = 0, kept = 0;

	s->bound = malloc(2 * s->count * sizeof(*s->bound));
	if (!s->bound)
		return -ENOMEM;
	for (size_t i = 0; i < s->count; i++) {
		s->bound[count++] = s->atom[i].lo;
		s->bound[count++] = s->atom[i].hi + 1;
	}
	qsort(s->bound, count, sizeof(*s->bound), compare_bounds);
	for (size_t i = 0; i < count; i++)
		if (s->bound[i] && (!kept || s->bound[i] != s->bound[kept - 1]))
			s->bound[kept++] = s->bound[i];
	s->bounds = kept;
	return kept <= MOST_BOUNDS ? 0 : -E2BIG;
}

size_t search_interval(const struct search *s, uint64_t x)
{
	size_t lo = 0, hi = s->bounds;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->bound[mid] <= x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Counted first, then filled in: first[i] ends as the beginning of interval i. */
static int find_matches(struct search *s)
{
	size_t sum = 0;

	s->first = calloc(s->bounds + 2, sizeof(*s->first));
	if (!s->first)
		return -ENOMEM;
	for (size_t i = 0; i < s->count; i++) {
		size_t k = search_interval(s, s->atom[i].lo);
		size_t last = search_interval(s, s->atom[i].hi);

		for (sum += last - k + 1; k <= last; k++) {
			s->first[k]++;
			s->longest = MAX(s->longest, s->first[k]);
		}
		if (sum > MOST_NAMED)
			return -E2BIG;
	}
	for (size_t k = 1; k <= s->bounds + 1; k++)
		s->first[k] += s->first[k - 1];
	s->match = malloc((sum + 1) * sizeof(*s->match));
	if (!s->match)
		return -ENOMEM;
	for (size_t i = s->count; i-- > 0;) {
		size_t last = search_interval(s, s->atom[i].hi);

		for (size_t k = search_interval(s, s->atom[i].lo); k <= last; k++)
			s->match[--s->first[k]] = s->atom[i].match;
	}
	return 0;
}

void searches_free(struct searches *searches)
{
	for (size_t i = 0; i < searches->count; i++) {
		free(searches->search[i].bound);
		free(searches->search[i].match);
		free(searches->search[i].first);
	}
	free(searches->atoms);
	*searches = (struct searches){};
}

int searches_make(const struct match **matches, size_t count, struct searches *ret)
{
	struct atoms atoms = {};
	int r = collect(matches, count, &atoms);

	ret->atoms = atoms.atom;
	for (size_t i = 0, next; i < atoms.count && !r; i = next) {
		struct search *s = &ret->search[ret->count];

		if (ret->count == MAX_MASKS)
			return -E2BIG;
		ret->count++;
		*s = (struct search){ .mask = atoms.atom[i].mask, .atom = &atoms.atom[i] };
		for (next = i; next < atoms.count && atoms.atom[next].mask == s->mask; next++)
			s->count++;
		r = find_bounds(s);
		if (!r)
			r = find_matches(s);
	}
	return r;
}
