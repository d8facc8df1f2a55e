/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slots.h - counter slots for new rules and elements once every slot has been given out. */
#ifndef NETCTL_SLOTS_H
#define NETCTL_SLOTS_H

#include "../rules/ruleset.h"
#include "../state/store.h"

/*
 * Slots for new rules and elements that ruleset_has_slot() denies fresh ones: such as no rule or element of the
 * ruleset and no live flow refers to, their counters zeroed at every hook. -ENOSPC when there is none any more. Needs
 * STORE_CHANGE; the flows are looked through once, by slots_open().
 */
struct slots;
int slots_open(const struct store *store, const struct ruleset *set, struct slots **ret, struct fault *fault);
int slots_take(struct slots *slots, enum action action, uint32_t *ret_slot, struct fault *fault);
void slots_close(struct slots *slots); /* NULL is none */

/* Make the blocks that the slots of rules and elements are in. Needs STORE_CHANGE. */
int slots_need_blocks(const struct store *store, const struct ruleset *set);

#endif
