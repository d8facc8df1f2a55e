/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ifaces.c - asks once for each interface that rules name. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "../base/iface.h"
#include "../base/stack.h"
#include "ifaces.h"

/* Where the rule at fault is to be found: in its file, or in the list in force. */
static void name_rule(const struct rule *rule, int error, struct fault *fault)
{
	if (fault && rule->file) {
		fault->file = rule->file;
		fault->line = rule->line;
	} else if (error == -ENODEV && rule->listed) {
		/* One alone would be refused because of the other. */
		fault_hint(fault,
			   "rule %u of the list names it: delete or disable all that do, at once",
			   rule->id);
	}
}

static int find(struct ruleset *rules, const char *name, bool absent_ok, struct fault *fault)
{
	struct iface iface = {};
	int r;

	for (size_t i = 0; i < rules->iface_count; i++)
		if (!strcmp(rules->ifaces[i].name, name))
			return 0;
	r = iface_by_name(name, &iface, absent_ok ? NULL : fault);
	if (r < 0 && (r != -ENODEV || !absent_ok))
		return r;
	if (array_grow(rules->ifaces, rules->iface_count) < 0)
		return -ENOMEM;
	rules->ifaces[rules->iface_count] = (struct rule_iface){ .index = iface.index };
	memcpy(rules->ifaces[rules->iface_count++].name, name, sizeof(rules->ifaces->name));
	return 0;
}

/* Limits need to know: see ctl/rules/alike.h. Where the kernel does not say, none is alone. */
static int find_alone(struct ruleset *rules)
{
	struct stack stack = {};
	int r;

	if (!rules->iface_count || !ruleset_limits(rules))
		return 0;
	r = stack_read(&stack);
	for (size_t i = 0; i < rules->iface_count && !r; i++)
		rules->ifaces[i].alone = stack_is_alone(&stack, rules->ifaces[i].index);
	stack_free(&stack);
	return r == -ENOMEM ? r : 0;
}

int ifaces_find(struct ruleset *rules, bool absent_ok, struct fault *fault)
{
	int r = 0;

	rules->iface_count = 0;
	for (size_t i = 0; i < rules->count && !r; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t j = 0; j < rule->count && !rule->disabled && !r; j++) {
			const struct match *match = &rule->matches[j];

			if (!field_is_iface(match->field))
				continue;
			for (size_t k = 0; k < match->count && !r; k++)
				r = find(rules, match->values[k].iface, absent_ok, fault);
		}
		if (r < 0)
			name_rule(rule, r, fault);
	}
	return r ?: find_alone(rules);
}
