/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_merge.h - two rows as one; for what finds rows that are the same packets. */
#ifndef NETCTL_CONVERSATION_MERGE_H
#define NETCTL_CONVERSATION_MERGE_H

#include "conversation.h"

/* Who talks to whom, wherever it was seen. */
int conversation_compare_ends(const struct conversation *a, const struct conversation *b);

/* The first of the rows between these ends, or NULL. */
struct conversation *conversation_find_ends(struct conversation *list, size_t count,
					    const struct conversation *ends);

/* Whether the interface is on its path. */
bool conversation_saw(const struct conversation *c, uint32_t ifindex);

/* Take over times, flags, and the verdict that weighs more; and which hooks have seen it, and when first. */
void conversation_take(struct conversation *c, const struct conversation *other);
void conversation_take_hooks(struct conversation *c, const struct conversation *other);

void tally_add(struct tally *sum, const struct tally *more);

/*
 * Packets that pass two places: "first" saw all but those that came in between, "then" all that passed there but for
 * those that left in between, or came before it counted. Each was dropped once.
 */
struct tally tally_then(const struct tally *first, const struct tally *then);

/* What was counted in frames with other VLAN tags, as it would be in frames of "as". */
struct tally tally_as(const struct tally *tally, const struct conversation *of,
		      const struct conversation *as);

/* Leave out the rows that became part of others: their path is empty. */
void conversations_clean(struct conversation *list, size_t *count);

#endif
