/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_match.h - values compared with each other; the canonical order of values and matches. */
#ifndef NETCTL_RULE_MATCH_H
#define NETCTL_RULE_MATCH_H

#include "rule.h"

/* A value of ICMP that waits for icmp_resolve(): the rule's other matches may decide the family. */
enum icmp_family {
	ICMP_BY_NUMBER = 0,
	ICMP_4 = 4,
	ICMP_6 = 6,
	ICMP_EITHER_4 = 14, /* the two meanings of one name */
	ICMP_EITHER_6 = 16,
};

/* Order of values in canonical text; 0 when they are equal. */
int value_compare(enum field field, const struct value *a, const struct value *b);
/* Every packet that has b has a. */
bool value_covers(enum field field, const struct value *a, const struct value *b);
bool value_overlaps(enum field field, const struct value *a, const struct value *b);

/* What of the three compiled lists a match can hold for. */
enum {
	ON_IP4 = 1u << FAMILY_IP4,
	ON_IP6 = 1u << FAMILY_IP6,
	ON_OTHER = 1u << FAMILY_OTHER,
};
uint8_t match_families(const struct match *match);
/* What all its matches leave. */
uint8_t rule_families(const struct rule *rule);
/* The hooks (ON_XDP ...) where a match can hold, and where all of a rule's can. */
unsigned int match_hooks(const struct match *match);
unsigned int rule_hooks(const struct rule *rule);
/* Whether the number is in the list; for fields whose values are ranges. */
bool match_lists(const struct match *match, uint32_t number);

/* The one family (4 or 6) that the matches other than ICMP leave, or 0. */
int rule_family(const struct match *matches, size_t count);
/* Settle the families of ICMP values; sort values and drop doubles. */
void rule_settle(struct rule *rule);
/* In canonical order; those of one field and sign stay as typed. */
void rule_sort(struct rule *rule);

#endif
