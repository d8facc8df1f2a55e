/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.h - what a large ruleset needs beside its blob: parts behind it. */
#ifndef NETCTL_PARTS_H
#define NETCTL_PARTS_H

#include "store.h"

/* Pin a blob's parts and put them where its programs will look; removes those of another blob there. */
int store_put_parts(const struct store *store, const struct blob *blob);
/* Map a blob's parts behind it, where room for BLOB_MAX bytes is. -EAGAIN: a swap is going on. */
int store_map_parts(const struct store *store, const struct blob *blob);
/* Remove the parts that the blob in force does not refer to: all but so many from a slot on. */
void store_drop_parts(const struct store *store, uint32_t kept_slot, uint32_t kept);

#endif
