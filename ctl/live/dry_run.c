/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dry_run.c - compiles a ruleset that is not to be put in force. */
#include <errno.h>

#include "../base/iface.h"
#include "../check/check.h"
#include "../compile/compile.h"
#include "dry_run.h"
#include "ifaces.h"

int dry_run_compile(struct ruleset *set, struct blob *blob, struct fault *fault)
{
	int r = 0;

	for (size_t i = 0; i < set->count && !r; i++) {
		set->rules[i].id = (uint32_t)i + 1;
		r = ruleset_fresh_slots(set, &set->rules[i], fault);
		rule_start(&set->rules[i]); /* timed rules are other boxes */
	}
	set->next_id = (uint32_t)set->count + 1;
	if (!r)
		r = ruleset_give_slots(set, fault);
	if (!r)
		r = ifaces_find(set, true, fault);
	if (!r)
		r = ruleset_compile(set, blob, fault);
	if (!r)
		r = ruleset_check(set, blob, fault);
	for (size_t i = 0; i < set->count; i++)
		set->rules[i].until = 0;
	return r;
}

static bool names_iface(const struct match *match)
{
	return match->field == FIELD_IN || match->field == FIELD_OUT;
}

bool dry_run_absent(const struct ruleset *set, struct absent *at)
{
	struct iface iface;

	for (; at->rule < set->count; at->rule++, at->match = 0) {
		const struct rule *rule = &set->rules[at->rule];

		for (; at->match < rule->count && !rule->disabled; at->match++, at->value = 0) {
			const struct match *match = &rule->matches[at->match];

			while (names_iface(match) && at->value < match->count) {
				at->iface = match->values[at->value++].iface;
				if (iface_by_name(at->iface, &iface, NULL) == -ENODEV)
					return true;
			}
		}
	}
	return false;
}
