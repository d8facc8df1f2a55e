/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_notes.c - what a rule means that may not have been meant, told when it is added. */
#include <string.h>

#include "../base/device.h"
#include "../base/fault.h"
#include "../base/text.h"
#include "../rules/rule_match.h"
#include "../state/store.h"
#include "../text/rule_print.h"
#include "rule_notes.h"

#define MOST_NAMED 4 /* interfaces */

struct notes {
	const struct ruleset *rules;
	size_t found, most; /* the rest is counted alone */
	/* Once asked: what is attached, as far as we may know. */
	bool asked;
	unsigned int attached; /* hooks; 0: none */
	struct place {
		uint8_t hook;
		bool bare;  /* the interface has no Ethernet header */
		bool taken; /* it takes VLAN tags off, unseen by XDP */
		char name[16];
	} *places; /* owned */
	size_t place_count;
};

static bool is_shown(struct notes *notes)
{
	return notes->found++ < notes->most;
}

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
static void note_families(struct notes *notes, const struct rule *rule, const struct match *match,
			  const char *place)
{
	uint8_t families = rule_families(rule);
	uint8_t missing = families & ~listed_families(notes->rules, match);
	autofree char *text = match_print(match);
	const char *family = missing == ON_IP4 ? "IPv4" : "IPv6";
	const char *other = missing == ON_IP4 ? "'ethertype ip6' makes it a rule of IPv6"
					      : "'ethertype ip' makes it a rule of IPv4";

	if (!missing || !text || !is_shown(notes))
		return;
	if (missing == (ON_IP4 | ON_IP6))
		note("%s'%s' excludes no packet: there is no element", place, text);
	else
		note("%s'%s' excludes no %s packet: no element is of %s%s%s", place, text, family,
		     family, missing == families ? "" : "; ", missing == families ? "" : other);
}

/* Something that the packets of some hooks do not have, other than the interface: whoever names that knows. */
static bool is_of_some_hooks(enum field field)
{
	return match_fields[field].only_on && !field_is_iface(field);
}

/* The hooks that a rule limits itself to, whatever else it names. */
static unsigned int meant_hooks(const struct rule *rule)
{
	unsigned int hooks = ON_ALL;

	for (size_t i = 0; i < rule->count; i++)
		if (rule->matches[i].field == FIELD_HOOK || field_is_iface(rule->matches[i].field))
			hooks &= match_hooks(&rule->matches[i]);
	return hooks;
}

/* What packets of the hooks lack that the rule names: "packets have no mark at xdp"; or NULL. */
static char *lacking(const struct rule *rule, unsigned int hooks)
{
	char *text = NULL;

	for (size_t i = 0; i < rule->count; i++) {
		const struct match_field *field = &match_fields[rule->matches[i].field];
		unsigned int missing = hooks & ~field->only_on;
		autofree char *before = NULL;

		if (!is_of_some_hooks(rule->matches[i].field) || !missing)
			continue;
		hooks &= ~missing;
		before = text;
		text = text_printf("%s%s no %s at %s", before ?: "packets have",
				   before ? "," : "", field->word, hooks_text(missing));
	}
	return text;
}

static void take_attached(struct notes *notes, const struct meta *meta)
{
	notes->places = calloc(meta->attached_count + 1, sizeof(*notes->places));
	for (uint32_t i = 0; i < meta->attached_count; i++) {
		const struct attached *attached = &meta->attached[i];
		struct place *place = notes->places ? &notes->places[notes->place_count] : NULL;

		notes->attached |= 1u << attached->hook;
		if (!place)
			continue;
		*place = (struct place){
			.hook = attached->hook,
			.bare = attached->bare,
			.taken = attached->hook == HOOK_XDP && !attached->bare && !attached->tags &&
				 device_takes_tags(attached->name),
		};
		memcpy(place->name, attached->name, sizeof(place->name));
		notes->place_count++;
	}
}

static void ask_attached(struct notes *notes)
{
	struct store store;

	if (!notes->asked && !store_open(STORE_READ, &store, NULL)) {
		take_attached(notes, &store.meta);
		store_close(&store);
	}
	notes->asked = true;
}

/* The hooks where anything is attached; all of them if nothing is yet. */
static unsigned int attached_hooks(struct notes *notes)
{
	ask_attached(notes);
	return notes->attached ?: ON_ALL;
}

static bool lists_iface(const struct match *match, const char *name)
{
	for (size_t i = 0; i < match->count; i++)
		if (!strcmp(match->values[i].iface, name))
			return true;
	return false;
}

/* By what it says of hooks and interfaces: can it be about what is seen there? */
static bool is_about(const struct rule *rule, const struct place *place)
{
	for (size_t i = 0; i < rule->count; i++)
		if (field_is_iface(rule->matches[i].field) &&
		    lists_iface(&rule->matches[i], place->name) == rule->matches[i].negated)
			return false;
	return rule_hooks(rule) & 1u << place->hook;
}

static bool names_vlan(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		if (rule->matches[i].field == FIELD_VLAN)
			return true;
	return false;
}

/* Addresses of the Ethernet header, or a tag in it. */
static bool needs_ether(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *match = &rule->matches[i];

		if (field_is_ether(match->field) ||
		    (match->field == FIELD_VLAN && !(match_hooks(match) & ON_NF)))
			return true;
	}
	return false;
}

/* Interfaces where something that the rule names is not seen: "eth0, eth1 and 3 more", or NULL. */
static char *blind_names(const struct notes *notes, const struct rule *rule, bool bare)
{
	const char *last = "";
	char *text = NULL;
	size_t found = 0;

	for (size_t i = 0; i < notes->place_count; i++) {
		const struct place *place = &notes->places[i];
		autofree char *before = NULL, *name = text_escape(place->name, strlen(place->name));

		if (!(bare ? place->bare && place->hook != HOOK_NF : place->taken) || !strcmp(place->name, last) ||
		    !is_about(rule, place))
			continue;
		last = place->name;
		if (found++ >= MOST_NAMED)
			continue;
		before = text;
		text = text_printf("%s%s%s", before ?: "", before ? ", " : "", name ?: "?");
	}
	if (found > MOST_NAMED) {
		autofree char *before = text;

		text = text_printf("%s and %zu more", before ?: "", found - MOST_NAMED);
	}
	return text;
}

/* Nothing that is attached has what the rule names; true: it was said. */
static bool note_nowhere(struct notes *notes, const struct rule *rule, const char *place)
{
	/* OUTPUT is the namespace's, whoever asked for it. */
	unsigned int hooks = rule_hooks(rule) & attached_hooks(notes);
	bool bare = false, framed = hooks & ON_NF;

	for (size_t i = 0; i < notes->place_count; i++) {
		bare |= notes->places[i].bare && is_about(rule, &notes->places[i]);
		framed |= !notes->places[i].bare && is_about(rule, &notes->places[i]);
	}
	if (!notes->place_count || !hooks || framed || (bare && !needs_ether(rule)))
		return false;
	if (!is_shown(notes))
		return true;
	if (bare)
		note("%sthe rule judges nothing: no interface that is attached has an Ethernet header", place);
	else
		note("%sthe rule judges nothing: no interface that it names is attached at %s", place, hooks_text(hooks));
	return true;
}

static void note_blind(struct notes *notes, const struct rule *rule, const char *place)
{
	autofree char *bare = needs_ether(rule) ? blind_names(notes, rule, true) : NULL;
	autofree char *taken = names_vlan(rule) ? blind_names(notes, rule, false) : NULL;

	if (bare && is_shown(notes))
		note("%sthe rule judges nothing at %s: no Ethernet header", place, bare);
	if (taken && is_shown(notes))
		note("%sthe rule sees no VLAN tag that the device takes off before XDP: %s; "
		     "'netctl attach IFACE --mode tc' sees them", place, taken);
}

/* "drop mark 1" is no rule for XDP, negated or not: packets have no mark there. */
static void note_hooks(struct notes *notes, const struct rule *rule, const char *place)
{
	unsigned int hooks = rule_hooks(rule);
	autofree char *why = lacking(rule, meant_hooks(rule));
	bool nowhere = !(hooks & attached_hooks(notes));

	if ((!why && !nowhere) || !is_shown(notes))
		return;
	note("%s%s %s%s%s", place,
	     nowhere ? "nothing that is attached judges by the rule, which is for"
		     : "the rule judges at",
	     hooks_text(hooks), why ? ": " : "", why ?: "");
}

static void note_rule(struct notes *notes, const struct rule *rule)
{
	autofree char *place = rule->file ? text_printf("%s:%u: ", rule->file, rule->line) : NULL;
	bool some = false;

	for (size_t i = 0; i < rule->count; i++) {
		const struct match *match = &rule->matches[i];

		some |= is_of_some_hooks(match->field);
		if (field_is_address(match->field) && match->negated)
			note_families(notes, rule, match, place ?: "");
	}
	if (note_nowhere(notes, rule, place ?: ""))
		return;
	if (some)
		note_hooks(notes, rule, place ?: "");
	note_blind(notes, rule, place ?: "");
}

void rule_notes(const struct ruleset *rules, const struct rule *rule)
{
	struct notes notes = { .rules = rules, .most = ALL_NOTES };

	note_rule(&notes, rule);
	free(notes.places);
}

void rules_notes(const struct ruleset *rules, size_t most)
{
	struct notes notes = { .rules = rules, .most = most };

	for (size_t i = 0; i < rules->count; i++)
		note_rule(&notes, &rules->rules[i]);
	if (notes.found > most)
		note("and %zu more like these, which 'netctl check' prints", notes.found - most);
	free(notes.places);
}
