/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats.h - what the views of "netctl stats" share: options, one reading of the kernel, and its labels. */
#ifndef NETCTL_STATS_H
#define NETCTL_STATS_H

#include "conversation.h"
#include "format.h"
#include "../base/out.h"
#include "../rules/names.h"
#include "../rules/ruleset.h"
#include "../state/hook.h"
#include "../state/store.h"
#include "buckets.h"

struct stats;

/* One of the things "netctl stats" can show. */
struct view {
	const char *name;
	int (*print)(struct stats *stats);
	bool filters;	    /* -i has a meaning */
	bool conversations; /* it shows them: only then are they made */
};

struct stats_options {
	const struct view *view;
	struct out_options out;
	const char *iface; /* as typed, or NULL */
	bool ipv4, ipv6;   /* as typed */
	uint8_t family;	   /* 4, 6, or 0: all */
	bool numeric;
	bool bytes; /* rates in bytes */
	bool all;   /* drops: every reason */
	bool sorted, sort_help, top_given, raw;
	unsigned long top; /* rows, 0: all */
	struct conversation_sort sort;
	uint64_t interval;   /* of watching, nanoseconds; 0: once */
	unsigned long count; /* screens, 0: without end */
};

struct stats_iface {
	uint32_t index;
	char name[16];
};

/* One reading. */
struct stats {
	struct stats_options options;
	struct flow_filter filter;
	struct meta meta;
	struct ruleset rules;
	struct snapshot snapshot;
	struct buckets buckets;
	struct stack stack; /* where conversations are made */
	uint32_t ids[MAX_SLOTS];    /* of the rules, by slot; 0: none */
	bool limits[MAX_SLOTS];	    /* the rule is a limit */
	struct stats_iface *ifaces; /* owned: names looked up so far */
	size_t iface_count;

	/* of this reading and of the one before, to know rates; NULL where the view shows none */
	struct conversation *list, *before; /* owned */
	size_t list_count, before_count;
	uint64_t before_taken;
};

/* Read state, rules and counters anew, and make the view's conversations. -ENOENT: not attached. */
int stats_read(struct stats *stats, struct fault *fault);
void stats_free(struct stats *stats);

/* Name of an interface, "if7" when it is gone, "(other)" for 0; valid until the next call. */
const char *stats_iface(struct stats *stats, uint32_t ifindex);

/*
 * "pass", "pass#4", "limit#5", "drop#7", "audit#3"; "drop#gone" when the rule was deleted, or the flow no longer says
 * which it was; what no rule dropped by its reason: "drop policy".
 */
const char *stats_verdict(const struct stats *stats, enum verdict verdict, uint32_t slot,
			  uint32_t audit, enum reason reason, char buf[FORMAT_SIZE]);

/* "rule", "policy" and so on: the name of a reason. */
const char *stats_reason(enum reason reason);

/* Id of the rule in a slot, null when there is none (any more). */
json_t *stats_rule(const struct stats *stats, uint32_t slot);

/* Time and address of a flow; null when it is not IP. */
json_t *stats_time(uint64_t ns);
json_t *stats_address(uint8_t family, const struct addr6 *address);

/* The "meta" object. */
json_t *stats_meta(const struct stats *stats);

/* "table 2/65536 overflow 0p", and evictions, full buckets and inexactness if any. */
const char *stats_tables(const struct stats *stats, char *buf, size_t size);

int stats_print_conversations(struct stats *stats);
int stats_print_raw(struct stats *stats);
int stats_print_totals(struct stats *stats);
int stats_print_rules(struct stats *stats);
int stats_print_drops(struct stats *stats);

#endif
