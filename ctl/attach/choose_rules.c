/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* choose_rules.c - which rules an attach puts in force: those it was given, those that were kept for it, or those of before. */
#include <errno.h>
#include <string.h>

#include "choose_rules.h"

/* iface: NULL for any. */
static bool rules_name(const struct ruleset *rules, const char *iface)
{
	for (size_t i = 0; i < rules->count; i++) {
		for (size_t j = 0; j < rules->rules[i].count && !rules->rules[i].disabled; j++) {
			const struct match *match = &rules->rules[i].matches[j];

			if (!field_is_iface(match->field))
				continue;
			for (size_t k = 0; k < match->count; k++)
				if (!iface || !strcmp(match->values[k].iface, iface))
					return true;
		}
	}
	return false;
}

/*
 * Rules in force that name an interface hold its index: a new interface of that name needs them
 * compiled again, before its first packet is judged. So do limits, which depend on what the interfaces
 * of the rules before them stand on: see ctl/rules/alike.h. A failure (another interface they name is
 * missing) is no failure of attach. True when they are up to date.
 */
static bool refresh_rules(struct attaching *a)
{
	bool named = ruleset_limits(&a->edit.rules) && rules_name(&a->edit.rules, NULL);

	for (size_t i = 0; i < a->count; i++)
		named = named || rules_name(&a->edit.rules, a->jobs[i].iface->name);
	return !named || !edit_commit(&a->edit, NULL);
}

int choose_rules(struct attaching *a, struct attach_result *result, struct fault *fault)
{
	struct ruleset *given = a->options->rules;
	bool first = !store_is_live(&a->edit.store);
	int r;

	r = edit_load(&a->edit, fault);
	result->kept = store_is_kept(&a->edit.store) && !given;
	result->rules = a->edit.rules.count;
	result->policy = a->edit.rules.policy;
	if (!r && !first)
		result->stale_rules = !refresh_rules(a) && !given;
	if (!r && given)
		r = apply_prepare(&a->edit, given, &result->applied, fault);
	a->rules = given ? given : &a->edit.rules;
	if (r < 0 || (!r && !first))
		return r;
	a->blob = calloc(1, BLOB_MAX);
	return a->blob ? rules_build(a->rules, a->blob, fault) : -ENOMEM;
}
