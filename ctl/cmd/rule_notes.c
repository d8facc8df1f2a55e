/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_notes.c - what a rule means that may not have been meant, told when it is added. */
#include "../base/fault.h"
#include "../base/text.h"
#include "../rules/rule_match.h"
#include "../text/rule_print.h"
#include "rule_notes.h"

/* The families of a set's addresses, whether alone or with ports. */
static uint8_t set_families(const struct set *set)
{
	uint8_t families = (set->count4 ? ON_IP4 : 0) | (set->count6 ? ON_IP6 : 0);

	for (size_t i = 0; i < set->service_count; i++)
		families |= set->services[i].family == 4 ? ON_IP4 : ON_IP6;
	return families;
}

/* Those of what a match lists and what its sets hold. */
static uint8_t listed_families(const struct ruleset *rules, const struct match *match)
{
	uint8_t families = 0;

	for (size_t i = 0; i < match->count; i++) {
		const struct value *v = &match->values[i];
		const struct set *set = v->is_set ? ruleset_find_set(rules, v->set) : NULL;

		if (set)
			families |= set_families(set);
		else
			families |= v->addr.family == 4 ? ON_IP4 : ON_IP6;
	}
	return families;
}

/* "not src @bad" judges both families, and of one without an element it excludes no packet. */
static void note_families(const struct ruleset *rules, const struct rule *rule,
			  const struct match *match, const char *place)
{
	uint8_t families = rule_families(rule);
	uint8_t missing = families & ~listed_families(rules, match);
	autofree char *text = match_print(match);
	const char *family = missing == ON_IP4 ? "IPv4" : "IPv6";
	const char *other = missing == ON_IP4 ? "'ethertype ip6' makes it a rule of IPv6"
					      : "'ethertype ip' makes it a rule of IPv4";

	if (!missing || !text)
		return;
	if (missing == (ON_IP4 | ON_IP6))
		note("%s'%s' excludes no packet: there is no element", place, text);
	else
		note("%s'%s' excludes no %s packet: no element is of %s%s%s", place, text, family,
		     family, missing == families ? "" : "; ", missing == families ? "" : other);
}

void rule_notes(const struct ruleset *rules, const struct rule *rule)
{
	autofree char *place = rule->file ? text_printf("%s:%u: ", rule->file, rule->line) : NULL;

	for (size_t i = 0; i < rule->count; i++)
		if (field_is_address(rule->matches[i].field) && rule->matches[i].negated)
			note_families(rules, rule, &rule->matches[i], place ?: "");
}

void rules_notes(const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_notes(rules, &rules->rules[i]);
}
