/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_parse.c - parses what a line of another filter means, where that is not quite what the same words mean here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_parse.h"
#include "import_change.h"
#include "import_parse.h"

static bool holds_for_zeros(const struct match *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (!m->values[i].masked.value)
			return !m->negated;
	return m->negated;
}

static bool names_lo(const struct match *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->values[i].iface, "lo"))
			return true;
	return false;
}

static int except_lo(struct rule *rule)
{
	struct rule lo = {};
	bool holds = false;
	int r;

	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];

		if (m->field == FIELD_IN && names_lo(m) == m->negated)
			return 0;
		if (m->field == FIELD_ETHER_SRC || m->field == FIELD_ETHER_DST)
			holds |= holds_for_zeros(m);
	}
	if (!holds)
		return 0;
	r = rule_parse("pass not in lo", &lo, NULL);
	if (!r)
		r = rule_merge(rule, &lo);
	rule_free(&lo);
	return r;
}

int import_parse(const char *text, bool ingress, struct rule *ret, struct fault *fault)
{
	int r = rule_parse(text, ret, fault);

	free(take_ptr(fault->source));
	/* Our hooks are at odds before it is known which one is meant. */
	if (r == -EINVAL && strstr(text, "in \"") && strstr(text, " mark "))
		snprintf(fault->message, sizeof(fault->message), "%s", IMPORT_NO_MARK);
	return r || ingress ? r : except_lo(ret);
}
