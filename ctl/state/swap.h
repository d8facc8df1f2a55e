/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* swap.h - which blob is in force: the swap that puts one there, and what a kill on the way leaves. */
#ifndef NETCTL_SWAP_H
#define NETCTL_SWAP_H

#include "store.h"

/*
 * Put in force what is pinned as "blob", if it is not: in a new state the gate is closed, or the former rules are
 * there. A swap that was killed after its blob came in force is finished. Every opening that takes the lock does it.
 */
int store_settle(const struct store *store);

/* How often, and after what pause, a reader looks again: a swap is between its two steps. */
#define SWAP_TRIES 100
#define SWAP_NAP_US 2000

/*
 * The blob in force by its pin: "blob", or "blob_next" in the middle of a swap. After a kill between a stage's rename
 * and its swap, "blob" is what the next command puts in force.
 */
int store_open_blob(const struct store *store);
/* After such a kill: is it not in force yet? */
bool store_rules_due(const struct store *store);

/*
 * Put a blob in force. Pinned first: whoever opens the state after a kill finds what the slot holds
 * under one of the names.
 */
int store_swap(const struct store *store, const struct blob *blob);

#endif
