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
	struct blind {
		uint8_t hook;
		bool bare; /* it has no Ethernet header; else it takes VLAN tags off, unseen by XDP */
		char name[16];
	} *blind; /* owned */
	size_t blind_count;
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

/* Does some rule's field mean nothing there? */
static bool is_blind(const struct attached *attached)
{
	if (attached->hook == HOOK_NF)
		return false;
	return attached->bare ||
	       (attached->hook == HOOK_XDP && !attached->tags && device_takes_tags(attached->name));
}

static void take_attached(struct notes *notes, const struct meta *meta)
{
	notes->blind = calloc(meta->attached_count + 1, sizeof(*notes->blind));
	for (uint32_t i = 0; i < meta->attached_count; i++) {
		const struct attached *attached = &meta->attached[i];
		struct blind *blind = notes->blind ? &notes->blind[notes->blind_count] : NULL;

		notes->attached |= 1u << attached->hook;
		if (!blind || !is_blind(attached))
			continue;
		*blind = (struct blind){ .hook = attached->hook, .bare = attached->bare };
		memcpy(blind->name, attached->name, sizeof(blind->name));
		notes->blind_count++;
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

/* By what it says of hooks and interfaces: can it be about what the interface sees at that hook? */
static bool is_about(const struct rule *rule, const struct blind *blind)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *match = &rule->matches[i];
		bool listed = false;

		for (size_t j = 0; j < match->count && field_is_iface(match->field); j++)
			listed |= !strcmp(match->values[j].iface, blind->name);
		if (field_is_iface(match->field) && listed == match->negated)
			return false;
	}
	return rule_hooks(rule) & 1u << blind->hook;
}

static bool names_field(const struct rule *rule, bool bare)
{
	for (size_t i = 0; i < rule->count; i++)
		if (bare ? field_is_ether(rule->matches[i].field) : rule->matches[i].field == FIELD_VLAN)
			return true;
	return false;
}

/* Interfaces where something that the rule names is not seen: "eth0, eth1 and 3 more", or NULL. */
static char *blind_names(const struct notes *notes, const struct rule *rule, bool bare)
{
	char *text = NULL;
	size_t found = 0;

	for (size_t i = 0; i < notes->blind_count; i++) {
		const struct blind *blind = &notes->blind[i];
		autofree char *before = NULL, *name = text_escape(blind->name, strlen(blind->name));
		bool again = i && !strcmp(blind->name, notes->blind[i - 1].name);

		if (blind->bare != bare || again || !is_about(rule, blind) || found++ >= MOST_NAMED)
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

static void note_blind(struct notes *notes, const struct rule *rule, const char *place)
{
	autofree char *bare = NULL, *taken = NULL;

	ask_attached(notes);
	if (names_field(rule, true))
		bare = blind_names(notes, rule, true);
	if (names_field(rule, false))
		taken = blind_names(notes, rule, false);
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
	if (some)
		note_hooks(notes, rule, place ?: "");
	note_blind(notes, rule, place ?: "");
}

void rule_notes(const struct ruleset *rules, const struct rule *rule)
{
	struct notes notes = { .rules = rules, .most = ALL_NOTES };

	note_rule(&notes, rule);
	free(notes.blind);
}

void rules_notes(const struct ruleset *rules, size_t most)
{
	struct notes notes = { .rules = rules, .most = most };

	for (size_t i = 0; i < rules->count; i++)
		note_rule(&notes, &rules->rules[i]);
	if (notes.found > most)
		note("and %zu more like these, which 'netctl check' prints", notes.found - most);
	free(notes.blind);
}
