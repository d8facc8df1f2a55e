/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* swap.h - which blob is in force: the swap that puts one there, and what a kill on the way leaves. */
#ifndef NETCTL_SWAP_H
#define NETCTL_SWAP_H

#include "store.h"

/*
 * Finish what a killed command left: a swap half done, an attach with its gate still closed. Every opening that
 * takes the lock does it.
 */
int store_settle(const struct store *store);

/* How often, and after what pause, a reader looks again: a swap is between its two steps. */
#define SWAP_TRIES 100
#define SWAP_NAP_US 2000

/* The blob in force by its pin: "blob", or "blob_next" in the middle of a swap. */
int store_open_blob(const struct store *store);

/*
 * Put a blob in force. Pinned first: whoever opens the state after a kill finds what the slot holds
 * under one of the names.
 */
int store_swap(const struct store *store, const struct blob *blob);

#endif
