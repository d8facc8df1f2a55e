/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* name.c - numbers and their names, and the nearest name to a mistyped one. */
#include <errno.h>
#include <string.h>

#include "name.h"
#include "util.h"

#define NEAREST_MAX 32 /* longer words are no slips */

int name_number(const struct name *table, const char *name)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name))
			return table->number;
	}
	return -ENOENT;
}

const char *name_text(const struct name *table, int number)
{
	for (; table->name; table++) {
		if (table->number == number)
			return table->name;
	}
	return NULL;
}

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t d[NEAREST_MAX + 1][NEAREST_MAX + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			best = MIN(best, MIN(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	}
	return d[na][nb];
}

bool name_is_nearer(const char *word, const char *name, size_t *slips)
{
	size_t len = strlen(word), name_len = strlen(name), found;
	size_t limit = len < 4 ? 1 : 2; /* two slips in a short word make any word of it */

	if (len < 2 || len > NEAREST_MAX || name_len > NEAREST_MAX)
		return false;
	found = distance(word, len, name, name_len);
	if (found > limit || found >= name_len || found >= *slips)
		return false;
	*slips = found;
	return true;
}

const char *name_nearest(const struct name *table, const char *word)
{
	const char *nearest = NULL;
	size_t slips = NO_NAME_NEAR;

	for (; table->name; table++)
		if (name_is_nearer(word, table->name, &slips))
			nearest = table->name;
	return nearest;
}
