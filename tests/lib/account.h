/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.h - how far apart counts are that must be equal. */
#ifndef NETCTL_TESTS_ACCOUNT_H
#define NETCTL_TESTS_ACCOUNT_H

#include "../../ctl/stats/snapshot.h"

uint64_t distance(uint64_t a, uint64_t b);

/* In packets or in bytes, whichever differ more. */
uint64_t count_distance(struct count a, struct count b);
struct count count_sum(struct count a, struct count b);

/*
 * Of a snapshot of one hook and interface: live and closed are all of a verdict, and its flows have what is
 * live. 0: so it is.
 */
uint64_t account_distance(const struct snapshot *snapshot, enum verdict verdict);

#endif
