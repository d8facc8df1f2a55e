/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule.h - a rule: its action, its matches and their values; knows nothing of text, maps or argv. */
#ifndef NETCTL_RULE_H
#define NETCTL_RULE_H

#include "../../bpf/types.h"
#include "fields.h"
#include "limit.h"
#include "set.h"
#include "../base/util.h"

#define RULE_ACTIONS(X)                                                                            \
	X(PASS, "pass")                                                                            \
	X(DROP, "drop")                                                                            \
	X(AUDIT, "audit")                                                                          \
	X(LIMIT, "limit")

#define MAX_VALUES 4096 /* in a list: comparing two lists stays quick; the compiler's own limit is lower */

/* One element of a match's list. Which member counts follows from the field's kind. */
struct value {
	union {
		struct {		    /* VALUE_ADDRESS */
			struct addr6 lo, hi; /* IPv4: hi 0, lo the address, host order */
			uint8_t family;	    /* 4 or 6 */
			uint8_t prefix;	    /* length when typed as a prefix or single address; 255: a range */
		} addr;
		struct {		    /* VALUE_RANGE; of HOOK: enum hook_id */
			uint32_t lo, hi;
		} range;
		struct {		    /* VALUE_ICMP */
			uint8_t type;
			uint8_t code_lo, code_hi; /* 0..255 when no code was given */
			uint8_t family;	    /* 4: ICMP, 6: ICMPv6 */
		} icmp;
		struct {		    /* VALUE_MASKED: what is there, & mask, is value */
			uint64_t value, mask;
		} masked;
		char iface[16];		    /* VALUE_IFACE: as typed, at most 15 bytes */
		char set[SET_NAME_SIZE];    /* is_set: "@NAME" */
	};
	bool is_set;
};

/* The field is in the list; negated: it is in none of the list. FRAG has an empty list. */
struct match {
	enum field field;
	bool negated;
	size_t count;
	struct value *values; /* owned */
};

/* All matches must hold; the same field may be in several of them. */
struct rule {
	uint32_t id;   /* 0: not yet given */
	uint32_t slot; /* where the kernel counts it; 0: not yet given */
	enum action action;
	bool listed;   /* read from the list in force, for faults */
	bool disabled; /* listed, but compiled to nothing */
	struct limit limit; /* of ACTION_LIMIT */
	uint32_t lifetime; /* seconds it is to last once it is in force; 0: until it is deleted */
	uint32_t until; /* seconds of CLOCK_BOOTTIME, the first at which it is gone; 0: it stays */
	size_t count;
	struct match *matches; /* owned; in canonical order */
	char *comment;	       /* owned, or NULL */
	const char *file;      /* that it was read from, for faults, or NULL; not owned */
	unsigned int line;     /* of the file */
};

/* Equal but for id, slot and where they were read; of timed rules, whatever is left to them. */
bool rule_equal(const struct rule *a, const struct rule *b);
/* The same, whatever their comments and whether they are disabled: they count the same packets. */
bool rule_judges_equal(const struct rule *a, const struct rule *b);

/*
 * Where the kernel counts what it decides, 0 for what is not yet given: its slot and, of a limit, that of what is
 * dropped. Whoever gives, keeps or looks up slots of rules asks here, so that none is forgotten. How many there are.
 */
#define RULE_MOST_SLOTS 2
size_t rule_slots(struct rule *rule, uint32_t *ret[RULE_MOST_SLOTS]);
/* Count on where an equal rule counted. */
void rule_keep_slots(struct rule *rule, const struct rule *old);

/* Its lifetime, if it has one that has not begun, begins now. */
void rule_start(struct rule *rule);
/* It has an end in time, running or not. */
bool rule_is_timed(const struct rule *rule);
/* Seconds till then; 0: it is over. */
uint32_t rule_left(const struct rule *rule);

/* Live on as what counts the same packets: with its id, its slots and, where both have one, its time. */
void rule_succeed(struct rule *rule, const struct rule *old);

/* Add the matches of another rule that this one does not have yet. */
int rule_merge(struct rule *rule, const struct rule *with);

int rule_copy(const struct rule *from, struct rule *ret);
void rule_free(struct rule *rule); /* what it owns, not the struct */

/* Zeroed rules may be freed, so every path may free what it was to take over. */
#define autorule __attribute__((cleanup(rule_free)))

#endif
