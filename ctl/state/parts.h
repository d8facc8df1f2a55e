/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.h - the parts of a large ruleset: maps that hold what its blob has no room for. */
#ifndef NETCTL_PARTS_H
#define NETCTL_PARTS_H

#include "store.h"

/*
 * Pin a blob's parts and put them where its programs will look, if there are any; removes those of another blob there.
 */
int store_put_parts(const struct store *store, const struct blob *blob);
/* Map a blob's parts after it: there is room for BLOB_MAX bytes. -EAGAIN: a swap is going on. */
int store_map_parts(const struct store *store, const struct blob *blob);
/* Remove the parts that the blob in force does not refer to: all but "kept" from "kept_slot" on. */
void store_drop_parts(const struct store *store, uint32_t kept_slot, uint32_t kept);

#endif
