/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* name.h - numbers and their names, and the nearest name to a mistyped one. */
#ifndef NETCTL_NAME_H
#define NETCTL_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Tables end with a NULL name. The first name of a number is the one printed; later ones are
 * aliases.
 */
struct name {
	int number;
	const char *name;
};

/* -ENOENT and NULL where there is none. */
int name_number(const struct name *table, const char *name);
const char *name_text(const struct name *table, int number);

/* Whether a name is at most two slips of the finger away, and nearer than those before: *slips is theirs. */
#define NO_NAME_NEAR 3 /* *slips before the first */
bool name_is_nearer(const char *word, const char *name, size_t *slips);
/* The nearest such name, or NULL. */
const char *name_nearest(const struct name *table, const char *word);

#endif
