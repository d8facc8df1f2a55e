/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dry_run.c - compiles a ruleset that is not to be put in force. */
#include <errno.h>

#include "../base/iface.h"
#include "../check/check.h"
#include "../compile/compile.h"
#include "dry_run.h"
#include "ifaces.h"

int dry_run_compile(struct ruleset *rules, struct blob *blob, struct fault *fault)
{
	int r = 0;

	for (size_t i = 0; i < rules->count && !r; i++) {
		rules->rules[i].id = (uint32_t)i + 1;
		r = ruleset_fresh_slots(rules, &rules->rules[i], fault);
		rule_start(&rules->rules[i]); /* timed rules are other boxes */
	}
	rules->next_id = (uint32_t)rules->count + 1;
	if (!r)
		r = ruleset_give_slots(rules, fault);
	if (!r)
		r = ifaces_find(rules, true, fault);
	if (!r)
		r = ruleset_compile(rules, blob, fault);
	if (!r)
		r = ruleset_check(rules, blob, fault);
	for (size_t i = 0; i < rules->count; i++)
		rules->rules[i].until = 0;
	return r;
}

bool dry_run_absent(const struct ruleset *rules, struct absent *at)
{
	struct iface iface;

	for (; at->rule < rules->count; at->rule++, at->match = 0) {
		const struct rule *rule = &rules->rules[at->rule];

		for (; at->match < rule->count && !rule->disabled; at->match++, at->value = 0) {
			const struct match *match = &rule->matches[at->match];

			while (field_is_iface(match->field) && at->value < match->count) {
				at->iface = match->values[at->value++].iface;
				if (iface_by_name(at->iface, &iface, NULL) == -ENODEV)
					return true;
			}
		}
	}
	return false;
}
