/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_uses.c - whether rules name sets that are there and that they can use. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/names.h"
#include "rule_print.h"
#include "set_uses.h"

int no_such_set(const struct ruleset *rules, const char *name, bool in_file, struct fault *fault)
{
	/* What is in force does not count in a file, which takes its place. */
	const char *where = in_file ? "a file holds the sets that its rules name"
				    : "'netctl set list' shows the sets";
	autofree struct name *names = calloc(rules->set_count + 1, sizeof(*names));
	const char *near;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < rules->set_count; i++)
		names[i].name = rules->sets[i].name;
	near = name_nearest(names, name);
	fault_set(fault, -ENOENT, EXIT_MISSING, "no set has the name '%s'", name);
	if (near)
		fault_hint(fault, "did you mean '%s'? %s", near, where);
	else
		fault_hint(fault, "%s", where);
	return -ENOENT;
}

/* A set that its match cannot use. */
static int wrong_type(const struct set *set, enum field field, struct fault *fault)
{
	const char *word = match_fields[field].word;
	const char *type = name_text(set_type_names, (int)set->type);

	fault_set(fault, -EINVAL, EXIT_USAGE, "set '%s' holds %s: %s cannot use it", set->name,
		  type, word);
	if (set->type == SET_PORTS)
		fault_hint(fault, "sets of ports are for sport, dport and port");
	else if (set->type == SET_SERVICES)
		fault_hint(fault, "sets of services are for src and dst: address, port and "
				  "protocol of one end");
	else if (match_fields[field].sets & OF_PORTS)
		fault_hint(fault, "sets of addresses are for src, dst and host");
	return -EINVAL;
}

static bool has_timed_ports(const struct set *set)
{
	for (size_t i = 0; i < set->port_count; i++)
		if (set->ports[i].until)
			return true;
	return false;
}

/* Boxes can end at a time, but not begin. */
static int no_time_for_not(const struct set *set, enum field field, struct fault *fault)
{
	fault_set(fault, -EINVAL, EXIT_USAGE,
		  "set '%s' has ports that stay for a time only: 'not %s' cannot use it", set->name,
		  match_fields[field].word);
	fault_hint(fault, "pass what the set holds in a rule above, and leave 'not' out");
	return -EINVAL;
}

/* Point at "@NAME" in the rule's canonical text, whatever it was read from. */
static void point_at(const struct rule *rule, const char *name, struct fault *fault)
{
	autofree char *text = NULL;
	autofree char *word = text_printf("@%s", name);
	size_t len;

	if (!fault || !word || rule_print(rule, &text) < 0)
		return;
	len = strlen(word);
	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		if (at[len] && !strchr(" ,", at[len]))
			continue;
		fault->column = (unsigned int)(at - text);
		fault->width = (unsigned int)len;
		free(fault->source);
		fault->source = take_ptr(text);
		break;
	}
	fault->file = rule->file;
	fault->line = rule->line;
}

static int check_match(const struct ruleset *rules, const struct rule *rule,
		       const struct match *match, struct fault *fault)
{
	for (size_t k = 0; k < match->count && match->values[k].is_set; k++) {
		const char *name = match->values[k].set;
		const struct set *found = ruleset_find_set(rules, name);
		int r = 0;

		if (!found)
			r = no_such_set(rules, name, rule->file, fault);
		else if (!(match_fields[match->field].sets & 1u << found->type))
			r = wrong_type(found, match->field, fault);
		else if (match->negated && has_timed_ports(found))
			r = no_time_for_not(found, match->field, fault);
		if (r < 0) {
			point_at(rule, name, fault);
			return r;
		}
	}
	return 0;
}

int sets_check_uses(const struct ruleset *rules, struct fault *fault)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t m = 0; m < rule->count; m++) {
			int r = check_match(rules, rule, &rule->matches[m], fault);

			if (r < 0)
				return r;
		}
	}
	return 0;
}
