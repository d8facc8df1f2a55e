/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* overlay.h - a rule added to a compiled ruleset in place, without compiling it anew: see struct overlay. */
#ifndef NETCTL_OVERLAY_EDIT_H
#define NETCTL_OVERLAY_EDIT_H

#include "../rules/element.h"
#include "../rules/ruleset.h"

/* Shorter lists are compiled anew: that costs little, and what packets walk stays short. */
#define OVERLAY_FROM 1000
#define OVERLAY_FROM_BYTES 32768 /* of all sets */
#define OVERLAY_LAST_GENERATION 0xfffffff0

/* Written after what is in force, and not yet in force itself. */
struct overlay_edit {
	uint64_t before, state; /* what is in force; what puts the edit in force */
	uint32_t number;	/* of a rule, in boxes */
	uint32_t id, slot;
};

/*
 * Write the one rule of the list "alone" into the overlay of a blob that can be written to and that its parts follow;
 * where "where" asks for it, beside the rule of that id. It gets its id and slot. 1: it does not fit, the ruleset must
 * be compiled anew, and nothing in force has changed; -ENOENT: no rule has the id. Unchecked: see overlay_check().
 */
int overlay_add(struct blob *blob, enum where where, uint32_t id, const struct ruleset *alone,
		struct overlay_edit *ret, struct fault *fault);

/*
 * The same for hosts added to a set: all of them, or 1. They fit when no set that rules use holds them yet. ret->id and
 * slot stay as they are.
 */
int overlay_add_hosts(struct blob *blob, const char *set, const struct element *elements,
		      size_t count, struct overlay_edit *ret, struct fault *fault);

/* Put it in force, by one store. */
void overlay_publish(struct blob *blob, const struct overlay_edit *edit);

#endif
