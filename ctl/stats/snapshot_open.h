/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot_open.h - the snapshot of a namespace: every loaded hook, from its pins. */
#ifndef NETCTL_SNAPSHOT_OPEN_H
#define NETCTL_SNAPSHOT_OPEN_H

#include "../state/store.h"
#include "snapshot.h"

/* All loaded hooks' counters. The caller frees the snapshot. */
int store_snapshot(const struct store *store, struct snapshot *ret, struct fault *fault);

/* What rules and elements of sets have counted, by slot; the caller frees. */
int store_counts(const struct store *store, struct count **ret, struct fault *fault);

#endif
