/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_compare.c - sets copied and compared. */
#include <errno.h>
#include <string.h>

#include "../../ctl/rules/set_items.h"
#include "set_compare.h"

/* A copy of an array, or NULL: it is empty, or there is no memory. */
static void *copy_of(const void *from, size_t count, size_t size)
{
	void *to = count ? malloc(count * size) : NULL;

	if (to)
		memcpy(to, from, count * size);
	return to;
}

int set_copy(const struct set *from, struct set *ret)
{
	struct set to = *from;
	bool copied = true;

	for (enum element_kind kind = 0; kind < ELEMENT_KINDS; kind++) {
		struct items items = items_of(&to, kind);

		*items.array = copy_of(*items.array, *items.count, item_size(kind));
		*items.capacity = *items.count;
		copied = copied && (*items.array || !*items.count);
	}
	if (!copied) {
		set_free(&to);
		return -ENOMEM;
	}
	*ret = to;
	return 0;
}

/* Same elements of a kind, their slots aside. */
static bool same_items(enum element_kind kind, struct items a, struct items b)
{
	if (*a.count != *b.count)
		return false;
	for (size_t i = 0; i < *a.count; i++) {
		struct item x = item_get(kind, *a.array, i), y = item_get(kind, *b.array, i);

		if (x.lo != y.lo || x.hi != y.hi || x.until != y.until ||
		    items_line(kind, *a.array, i, *b.array, i))
			return false;
	}
	return true;
}

bool set_equal(const struct set *a, const struct set *b)
{
	struct set x = *a, y = *b;
	bool same = a->type == b->type && a->counters == b->counters;

	for (enum element_kind kind = 0; kind < ELEMENT_KINDS && same; kind++)
		same = same_items(kind, items_of(&x, kind), items_of(&y, kind));
	return same;
}
