/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counter_slots.h - counter slots for new rules and elements once every slot has been given out. */
#ifndef NETCTL_COUNTER_SLOTS_H
#define NETCTL_COUNTER_SLOTS_H

#include "../rules/ruleset.h"
#include "../state/store.h"

/*
 * Slots for new rules and elements that ruleset_has_slot() denies fresh ones: such as no rule or element of the
 * ruleset and no live flow refers to, their counters zeroed at every hook. -ENOSPC when there is none any more. Needs
 * STORE_CHANGE; the flows are looked through once, by counter_slots_open().
 */
struct counter_slots;
int counter_slots_open(const struct store *store, const struct ruleset *rules,
		       struct counter_slots **ret, struct fault *fault);
int counter_slots_take(struct counter_slots *slots, enum action action, uint32_t *ret_slot,
		       struct fault *fault);
void counter_slots_close(struct counter_slots *slots); /* NULL is none */

/* Make the blocks that the slots of rules and elements are in. Needs STORE_CHANGE. */
int counter_slots_need_blocks(const struct store *store, const struct ruleset *rules);

#endif
