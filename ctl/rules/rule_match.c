/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_match.c - values compared with each other; the canonical order of values and matches. */
#include <string.h>

#include "rule_match.h"

#define ETHERTYPE_IP4 0x0800
#define ETHERTYPE_IP6 0x86dd
#define PROTO_ICMP 1
#define PROTO_ICMP6 58

static int compare_number(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? -1 : 1;
}

static int compare_masked(enum field field, const struct value *a, const struct value *b)
{
	bool flags = match_fields[field].names;
	bool masked_a = flags && a->masked.mask != a->masked.value;
	bool masked_b = flags && b->masked.mask != b->masked.value;
	int r = compare_number(a->masked.mask, b->masked.mask);

	/* Flags without a mask first: after those with one the parser refuses them. */
	if (masked_a != masked_b)
		return masked_a ? 1 : -1;
	return r ? r : compare_number(a->masked.value, b->masked.value);
}

static int compare_addresses(const struct value *a, const struct value *b)
{
	int r = addr_compare(&a->addr.lo, &b->addr.lo);

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	return r ? r : addr_compare(&a->addr.hi, &b->addr.hi);
}

static int compare_ranges(const struct value *a, const struct value *b)
{
	int r = compare_number(a->range.lo, b->range.lo);

	return r ? r : compare_number(a->range.hi, b->range.hi);
}

static uint64_t icmp_rank(const struct value *v)
{
	return (uint64_t)v->icmp.family << 24 | (uint64_t)v->icmp.type << 16 |
	       (uint64_t)v->icmp.code_lo << 8 | v->icmp.code_hi;
}

int value_compare(enum field field, const struct value *a, const struct value *b)
{
	if (a->is_set != b->is_set)
		return a->is_set ? -1 : 1;
	if (a->is_set)
		return strcmp(a->set, b->set);
	switch (match_fields[field].kind) {
	case VALUE_ADDRESS:
		return compare_addresses(a, b);
	case VALUE_ICMP:
		return compare_number(icmp_rank(a), icmp_rank(b));
	case VALUE_MASKED:
		return compare_masked(field, a, b);
	case VALUE_IFACE:
		return strcmp(a->iface, b->iface);
	default:
		return compare_ranges(a, b);
	}
}

bool value_covers(enum field field, const struct value *a, const struct value *b)
{
	/* What is in a set changes without the rule. */
	if (a->is_set || b->is_set)
		return a->is_set && b->is_set && !strcmp(a->set, b->set);
	switch (match_fields[field].kind) {
	case VALUE_ADDRESS:
		return a->addr.family == b->addr.family &&
		       addr_compare(&a->addr.lo, &b->addr.lo) <= 0 &&
		       addr_compare(&b->addr.hi, &a->addr.hi) <= 0;
	case VALUE_ICMP:
		return a->icmp.family == b->icmp.family && a->icmp.type == b->icmp.type &&
		       a->icmp.code_lo <= b->icmp.code_lo && b->icmp.code_hi <= a->icmp.code_hi;
	case VALUE_MASKED:
		return (a->masked.mask & ~b->masked.mask) == 0 &&
		       (b->masked.value & a->masked.mask) == a->masked.value;
	case VALUE_IFACE:
		return !strcmp(a->iface, b->iface);
	default:
		return a->range.lo <= b->range.lo && b->range.hi <= a->range.hi;
	}
}

bool value_overlaps(enum field field, const struct value *a, const struct value *b)
{
	if (a->is_set || b->is_set)
		return true;
	switch (match_fields[field].kind) {
	case VALUE_ADDRESS:
		return a->addr.family == b->addr.family &&
		       addr_compare(&a->addr.lo, &b->addr.hi) <= 0 &&
		       addr_compare(&b->addr.lo, &a->addr.hi) <= 0;
	case VALUE_ICMP:
		return a->icmp.family == b->icmp.family && a->icmp.type == b->icmp.type &&
		       a->icmp.code_lo <= b->icmp.code_hi && b->icmp.code_lo <= a->icmp.code_hi;
	case VALUE_MASKED:
		return !((a->masked.value ^ b->masked.value) & a->masked.mask & b->masked.mask);
	case VALUE_IFACE:
		return !strcmp(a->iface, b->iface);
	default:
		return a->range.lo <= b->range.hi && b->range.lo <= a->range.hi;
	}
}

bool match_lists(const struct match *match, uint32_t number)
{
	for (size_t i = 0; i < match->count; i++) {
		if (match->values[i].range.lo <= number && number <= match->values[i].range.hi)
			return true;
	}
	return false;
}

uint8_t match_families(const struct match *match)
{
	uint8_t families = 0;

	if (match->field == FIELD_ETHERTYPE) {
		bool ip4 = match_lists(match, ETHERTYPE_IP4);
		bool ip6 = match_lists(match, ETHERTYPE_IP6);

		families |= ip4 != match->negated ? ON_IP4 : 0;
		families |= ip6 != match->negated ? ON_IP6 : 0;
		if (match->negated || match->count > (size_t)ip4 + ip6)
			families |= ON_OTHER;
		return families;
	}
	if (match_fields[match->field].needs < NEEDS_IP)
		return ON_IP4 | ON_IP6 | ON_OTHER;
	if (!field_is_address(match->field) && (match->field != FIELD_ICMP || match->negated))
		return ON_IP4 | ON_IP6;
	/* Negated or not: "not src 10.0.0.0/8" is about IPv4. Of sets nobody knows what they hold. */
	for (size_t i = 0; i < match->count; i++) {
		const struct value *v = &match->values[i];
		uint8_t family = field_is_address(match->field) ? v->addr.family : v->icmp.family;

		if (v->is_set)
			return ON_IP4 | ON_IP6;
		families |= family == 4 ? ON_IP4 : ON_IP6;
	}
	return families;
}

uint8_t rule_families(const struct rule *rule)
{
	uint8_t families = ON_IP4 | ON_IP6 | ON_OTHER;

	for (size_t i = 0; i < rule->count; i++)
		families &= match_families(&rule->matches[i]);
	return families;
}

unsigned int match_hooks(const struct match *match)
{
	unsigned int hooks = 0;

	switch (match->field) {
	case FIELD_HOOK:
		for (unsigned int hook = 0; hook < HOOKS; hook++) {
			if (match_lists(match, hook) != match->negated)
				hooks |= 1u << hook;
		}
		return hooks;
	case FIELD_VLAN: /* OUTPUT comes before tags */
		return match_lists(match, 0) != match->negated ? ON_ALL : ON_XDP | ON_TC;
	case FIELD_ETHERTYPE: /* and sees IP alone */
		return match_families(match) & (ON_IP4 | ON_IP6) ? ON_ALL : ON_XDP | ON_TC;
	default:
		return match_fields[match->field].only_on ?: ON_ALL;
	}
}

unsigned int rule_hooks(const struct rule *rule)
{
	unsigned int hooks = ON_ALL;

	for (size_t i = 0; i < rule->count; i++)
		hooks &= match_hooks(&rule->matches[i]);
	return hooks;
}

int rule_family(const struct match *matches, size_t count)
{
	uint8_t families = ON_IP4 | ON_IP6;

	for (size_t i = 0; i < count; i++) {
		const struct match *m = &matches[i];
		bool icmp4, icmp6;

		if (m->field == FIELD_ICMP)
			continue;
		families &= match_families(m);
		if (m->field != FIELD_PROTO)
			continue;
		icmp4 = match_lists(m, PROTO_ICMP) != m->negated;
		icmp6 = match_lists(m, PROTO_ICMP6) != m->negated;
		if (icmp4 != icmp6)
			families &= icmp4 ? ON_IP4 : ON_IP6;
	}
	return families == ON_IP4 ? 4 : families == ON_IP6 ? 6 : 0;
}

/*
 * The families of one ICMP match's values; a name's other meaning is dropped where the rule excludes it.
 */
static void icmp_resolve(struct match *match, int family)
{
	size_t kept = 0;

	for (size_t i = 0; i < match->count; i++) {
		struct value v = match->values[i];

		if ((v.icmp.family == ICMP_EITHER_4 && family == 6) ||
		    (v.icmp.family == ICMP_EITHER_6 && family == 4))
			continue;
		if (v.icmp.family == ICMP_BY_NUMBER)
			v.icmp.family = family ? (uint8_t)family : v.icmp.type < 128 ? 4 : 6;
		else if (v.icmp.family == ICMP_EITHER_4 || v.icmp.family == ICMP_EITHER_6)
			v.icmp.family -= ICMP_EITHER_4 - ICMP_4;
		match->values[kept++] = v;
	}
	match->count = kept;
}

static int compare_by(const void *a, const void *b, void *field)
{
	return value_compare(*(enum field *)field, a, b);
}

void rule_settle(struct rule *rule)
{
	int family = rule_family(rule->matches, rule->count);

	for (size_t i = 0; i < rule->count; i++) {
		struct match *m = &rule->matches[i];
		size_t kept = 0;

		if (m->field == FIELD_ICMP)
			icmp_resolve(m, family);
		if (m->count < 2)
			continue;
		qsort_r(m->values, m->count, sizeof(m->values[0]), compare_by, &m->field);
		for (size_t v = 1; v < m->count; v++) {
			if (value_compare(m->field, &m->values[kept], &m->values[v]))
				m->values[++kept] = m->values[v];
		}
		m->count = kept + 1;
	}
}

static int match_order(const struct match *a, const struct match *b)
{
	return a->field != b->field ? (int)a->field - (int)b->field
				    : (int)a->negated - (int)b->negated;
}

/* Stable, for equal fields stay as typed; short, so the plainest sort will do. */
void rule_sort(struct rule *rule)
{
	for (size_t i = 1; i < rule->count; i++) {
		struct match match = rule->matches[i];
		size_t j = i;

		for (; j > 0 && match_order(&rule->matches[j - 1], &match) > 0; j--)
			rule->matches[j] = rule->matches[j - 1];
		rule->matches[j] = match;
	}
}
