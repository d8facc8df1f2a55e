/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ruleset.h - the ordered list of rules, and the sets they name.
 *
 * The list lives nowhere but in the blob in force: ruleset_load() reads it from there, ruleset_compile()
 * writes the next blob. So one slot swap changes what is enforced and what is listed in the same instant.
 */
#ifndef NETCTL_RULESET_H
#define NETCTL_RULESET_H

#include "rule.h"
#include "set.h"

/* Audit rules' slots must be below RULE_SLOTS: these are theirs alone. */
#define FIRST_AUDIT_SLOT (RULE_SLOTS - MAX_AUDITS)

/* Where a rule is to go: before and after another one. */
enum where { LAST, FIRST, BEFORE, AFTER };

/* An interface that rules name, and its index here and now. */
struct rule_iface {
	char name[16];
	uint32_t index; /* 0, which is no packet's: there is none of that name */
	bool alone;	/* it stands on no other, and none on it, as far as it has been asked for */
};

struct ruleset {
	uint32_t generation; /* of the blob it was read from */
	enum verdict policy;
	uint32_t next_id;   /* ids are never used twice */
	uint32_t next_slot; /* nor slots, until MAX_SLOTS are used up: see counter_slots.h */
	uint32_t next_audit; /* once next_slot is past FIRST_AUDIT_SLOT, of audit rules */
	uint32_t spares, spare[OVERLAY_RULES]; /* of those, for rules added in place: not read back */
	size_t count;
	struct rule *rules; /* owned */
	size_t set_count;
	struct set *sets; /* that rules may name, in any order; owned */
	size_t iface_count;
	struct rule_iface *ifaces; /* that its rules name, as far as somebody has asked for them; owned */
};

/* Empty list, policy pass, generation 0. */
void ruleset_init(struct ruleset *rules);
void ruleset_free(struct ruleset *rules);

/* Is there a slot never used before? */
bool ruleset_has_slot(const struct ruleset *rules, enum action action);
/* That slot, taken. */
uint32_t ruleset_fresh_slot(struct ruleset *rules, enum action action);
/* Such slots for what the rule has none for yet. -ENOSPC with a fault when none is left. */
int ruleset_fresh_slots(struct ruleset *rules, struct rule *rule, struct fault *fault);

/* Room for a rule at a position; what it held has moved one up. */
int ruleset_make_room(struct ruleset *rules, size_t position);
/* Take a rule (moved into the list, which gives it id and slots and begins its time) in at position 0..count. */
int ruleset_insert(struct ruleset *rules, size_t position, struct rule *rule, struct fault *fault);
void ruleset_remove(struct ruleset *rules, size_t position);
/* Afterwards the rule is at position "to". */
void ruleset_move(struct ruleset *rules, size_t from, size_t to);

/* Position of a rule by id or by equal text, or -ENOENT. */
ssize_t ruleset_find_id(const struct ruleset *rules, uint32_t id);
ssize_t ruleset_find_rule(const struct ruleset *rules, const struct rule *rule);

/* The index of an interface; 0: there is none of that name, or it was not asked for. */
uint32_t ruleset_ifindex(const struct ruleset *rules, const char *name);

/* By name, or NULL. */
struct set *ruleset_find_set(const struct ruleset *rules, const char *name);
/* Append an empty set, owned by the ruleset; pointers to other sets go stale. */
int ruleset_add_set(struct ruleset *rules, const char *name, enum set_type type, struct set **ret);
void ruleset_remove_set(struct ruleset *rules, const char *name);
/* A counter for every element of its sets that is to have one. -ENOSPC with a fault when none is left. */
int ruleset_give_slots(struct ruleset *rules, struct fault *fault);

/* How many of its rules are limits. */
size_t ruleset_limits(const struct ruleset *rules);

#endif
