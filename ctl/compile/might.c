/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * might.c - lists of the boxes that packets which do not show all might match.
 *
 * Without what is not shown, rules of a long list are alike. Of boxes that are alike the first counts;
 * a later one only if it stays longer. Thousands of rules that each stay a little longer than the one
 * before would be thousands of comparisons: beyond MOST_ALIKE of them, the last stands for all that
 * follow, up to a rule that does otherwise and that such packets surely match. So the verdict is that
 * of the list (but for a rule added in place among them), and only the rule that counts it may be one
 * that is over.
 */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "compile.h"
#include "expand.h"
#include "might.h"

#define FIRST_HASH 64
#define MOST_ALIKE 64

/* As packets are compared with it, whichever rule it is of, and for how long. */
static struct whole_box shape_of(const struct whole_box *box)
{
	struct whole_box copy = *box;

	copy.six.box.rule = 0;
	copy.six.box.flags = 0;
	copy.more.until = 0;
	return copy;
}

static uint64_t hash_of(const struct whole_box *box)
{
	const struct whole_box shape = shape_of(box);
	uint64_t h = 0x9e3779b97f4a7c15, word;

	for (size_t i = 0; i + sizeof(word) <= sizeof(shape); i += sizeof(word)) {
		memcpy(&word, (const char *)&shape + i, sizeof(word));
		h = (h ^ word ^ h >> 29) * 0xbf58476d1ce4e5b9;
	}
	return h ^ h >> 32;
}

static bool are_alike(const struct whole_box *a, const struct whole_box *b)
{
	const struct whole_box x = shape_of(a), y = shape_of(b);

	return !memcmp(&x, &y, sizeof(x));
}

/* Where the last one like it is, or it is to be. */
static uint32_t *place_of(const struct might_list *m, const struct whole_box *box)
{
	for (size_t i = hash_of(box);; i++) {
		uint32_t *place = &m->hash[i & m->hash_mask];

		if (!*place || are_alike(&m->list.boxes[*place - 1], box))
			return place;
	}
}

static int need_hash(struct might_list *m)
{
	size_t mask = m->hash ? 2 * m->hash_mask + 1 : FIRST_HASH - 1;

	if (m->hash && m->list.count < m->hash_mask / 2)
		return 0;
	free(m->hash);
	m->hash = calloc(mask + 1, sizeof(*m->hash));
	m->hash_mask = mask;
	if (!m->hash)
		return -ENOMEM;
	for (size_t i = 0; i < m->list.count; i++)
		*place_of(m, &m->list.boxes[i]) = (uint32_t)i + 1;
	return 0;
}

/* It stands for another, which stays longer. */
static void extend(struct whole_box *box, const struct whole_box *longer)
{
	box->more.until = longer->more.until;
	if (!box->more.until)
		box->six.box.flags &= (uint8_t)~BOX_TIMED;
}

static int append(struct might_list *m, const struct whole_box *box, uint8_t nth)
{
	int r;

	if (m->list.count >= MAX_BOXES)
		return -E2BIG;
	r = array_reserve(m->nth, m->list.count, 1, &m->nth_capacity);
	if (!r)
		r = array_reserve(m->list.boxes, m->list.count, 1, &m->list.capacity);
	if (r < 0)
		return r;
	m->nth[m->list.count] = nth;
	m->list.boxes[m->list.count++] = *box;
	return 0;
}

static int add_box(struct might_list *m, const struct whole_box *box)
{
	struct whole_box *last = NULL;
	uint32_t *place;
	uint8_t nth = 0;
	int r = need_hash(m);

	if (r < 0)
		return r;
	place = place_of(m, box);
	if (*place) {
		last = &m->list.boxes[*place - 1];
		nth = m->nth[*place - 1] + 1;
		if (!last->more.until || (box->more.until && box->more.until <= last->more.until))
			return 0;
	}
	if (nth >= MOST_ALIKE && last->six.box.rule > m->barrier) {
		extend(last, box);
		return 0;
	}
	r = append(m, box, MIN(nth, MOST_ALIKE));
	if (!r)
		*place = (uint32_t)m->list.count;
	return r;
}

static int add_unseen(struct compiled *compiled, const struct rule *rule, uint32_t number,
		      enum unseen unseen, struct might_list *m)
{
	const struct scope scope = { compiled->rules, &compiled->lookup, &compiled->classes };
	const struct cube all = cube_of_family(unseen_family(unseen));
	const struct whole_box open = box_of(&all, &(struct rule){}, number);
	autocubes struct cubes cubes = {};
	int r = m->closed ? 0 : rule_expand_unseen(rule, unseen, &scope, &cubes);

	for (size_t i = 0; i < cubes.count && !r; i++) {
		struct whole_box box = box_of(&cubes.cube[i], rule, number);

		r = add_box(m, &box);
		m->closed |= !box.more.until && are_alike(&box, &open);
	}
	return r;
}

int might_add(struct compiled *compiled, const struct rule *rule, uint32_t number)
{
	const struct scope scope = { compiled->rules, &compiled->lookup, &compiled->classes };
	enum might m = rule->action == ACTION_DROP ? MIGHT_DROP : MIGHT_PASS;
	enum might other = m == MIGHT_DROP ? MIGHT_PASS : MIGHT_DROP;
	int r = 0;

	if (rule->action == ACTION_AUDIT)
		return 0;
	for (enum unseen u = 0; u < UNSEENS && !r; u++) {
		if (!rule_is_unseen(rule, u, &scope))
			compiled->might[other][u].barrier = number;
		/* Tags hide whether it is a later fragment, too: then nothing is asked of what passes. */
		else if (m == MIGHT_DROP || u != UNSEEN_TAGGED)
			r = add_unseen(compiled, rule, number, u, &compiled->might[m][u]);
	}
	return r;
}
