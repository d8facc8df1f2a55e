/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_map.h - the blob in force and its parts, mapped into memory. */
#ifndef NETCTL_BLOB_MAP_H
#define NETCTL_BLOB_MAP_H

#include "store.h"

/* access: PROT_*, to the blob itself; its parts are for reading. */
int store_map_blob(const struct store *store, int access, struct blob **ret, struct fault *fault);
void store_unmap_blob(struct blob *blob);

#endif
