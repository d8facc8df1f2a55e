/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_sets.h - sets in a compiled ruleset: put there, and read back. */
#ifndef NETCTL_BLOB_SETS_H
#define NETCTL_BLOB_SETS_H

#include "blob_write.h"

/* All sets, to be read back. */
int blob_put_sets(struct blob_writer *w, const struct ruleset *rules, const struct lookup *lookup);
/* The sets of a blob, of a state of it. -EPROTO when they are not ours. */
int ruleset_load_sets(const struct blob *blob, uint64_t state, struct ruleset *ret);
/* A set of a blob, by name: its place among them, and the class that hosts added to it get; 0: none may be. */
bool blob_find_set(const struct blob *blob, const char *name, uint32_t *ret_place,
		   uint32_t *ret_alone);

#endif
