/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* might.c - lists of the boxes that packets which do not show all might match, none of them twice. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "compile.h"
#include "expand.h"
#include "might.h"

#define FIRST_HASH 64

/* As packets are compared with it, whichever rule it is of. */
static struct whole_box nobodys(const struct whole_box *box)
{
	struct whole_box copy = *box;

	copy.six.box.rule = 0;
	return copy;
}

static uint64_t hash_of(const struct whole_box *box)
{
	const struct whole_box plain = nobodys(box);
	uint64_t h = 0x9e3779b97f4a7c15, word;

	for (size_t i = 0; i + sizeof(word) <= sizeof(plain); i += sizeof(word)) {
		memcpy(&word, (const char *)&plain + i, sizeof(word));
		h = (h ^ word ^ h >> 29) * 0xbf58476d1ce4e5b9;
	}
	return h ^ h >> 32;
}

static bool same_box(const struct whole_box *a, const struct whole_box *b)
{
	const struct whole_box x = nobodys(a), y = nobodys(b);

	return !memcmp(&x, &y, sizeof(x));
}

/* Where one like it is, or is to be. */
static uint32_t *place_of(const struct might_list *m, const struct whole_box *box)
{
	for (size_t i = hash_of(box);; i++) {
		uint32_t *place = &m->hash[i & m->hash_mask];

		if (!*place || same_box(&m->list.boxes[*place - 1], box))
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

static int add_box(struct might_list *m, const struct whole_box *box)
{
	uint32_t *place;
	int r = need_hash(m);

	if (r < 0)
		return r;
	place = place_of(m, box);
	if (*place)
		return 0;
	if (m->list.count >= MAX_BOXES)
		return -E2BIG;
	r = array_reserve(m->list.boxes, m->list.count, 1, &m->list.capacity);
	if (r < 0)
		return r;
	m->list.boxes[m->list.count++] = *box;
	*place = (uint32_t)m->list.count;
	return 0;
}

static int add_unseen(struct compiled *compiled, const struct rule *rule, uint32_t number,
		      enum unseen unseen, struct might_list *m)
{
	const struct scope scope = { compiled->rules, &compiled->lookup, &compiled->classes };
	const struct cube all = cube_of_family(unseen_family(unseen));
	const struct whole_box open = box_of(&all, &(struct rule){}, number);
	autocubes struct cubes cubes = {};
	bool asks;
	int r;

	if (m->closed)
		return 0;
	r = rule_expand_unseen(rule, unseen, &scope, &asks, &cubes);
	for (size_t i = 0; i < cubes.count && !r; i++) {
		struct whole_box box = box_of(&cubes.cube[i], rule, number);

		r = add_box(m, &box);
		m->closed |= same_box(&box, &open);
	}
	return r;
}

int might_add(struct compiled *compiled, const struct rule *rule, uint32_t number)
{
	enum might m = rule->action == ACTION_DROP ? MIGHT_DROP : MIGHT_PASS;
	int r = 0;

	if (rule->action == ACTION_AUDIT)
		return 0;
	for (enum unseen u = 0; u < UNSEENS && !r; u++) {
		/* Tags hide whether it is a later fragment, too: then nothing is asked of what passes. */
		if (m == MIGHT_DROP || u != UNSEEN_TAGGED)
			r = add_unseen(compiled, rule, number, u, &compiled->might[m][u]);
	}
	return r;
}
