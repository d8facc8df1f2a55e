/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bench_fields.c - rules on fields that packets of one flow may differ in, whichever there are. */
#include <err.h>
#include <string.h>

#include "../../ctl/rules/rule.h"
#include "../../ctl/text/rule_print.h"
#include "bench.h"

void bench_choose_fields(void)
{
	bench_ruleset_count = 1;
	for (enum field f = 0; f < FIELDS && bench_ruleset_count < BENCH_RULESETS - 1; f++)
		if (match_fields[f].varies)
			bench_rulesets[bench_ruleset_count++] =
				(struct bench_ruleset){ .field = match_fields[f].word };
	bench_rulesets[bench_ruleset_count++] = (struct bench_ruleset){ .field = "each" };
}

/* A rule on the field that matches no packet of ours: its largest value. The caller frees. */
static char *field_rule(enum field field)
{
	uint64_t max = match_fields[field].max;
	struct value value = {};
	struct match match = { .field = field, .count = 1, .values = &value };
	struct rule rule = { .action = ACTION_DROP, .count = 1, .matches = &match };
	char *text;

	if (match_fields[field].kind == VALUE_MASKED)
		value.masked.value = value.masked.mask = max;
	else
		value.range.lo = value.range.hi = max;
	if (rule_print(&rule, &text) < 0)
		errx(1, "no memory");
	return text;
}

size_t bench_field_rules(const char *word, const char **ret)
{
	size_t count = 0;

	for (enum field f = 0; f < FIELDS; f++)
		if (match_fields[f].varies &&
		    (!strcmp(word, match_fields[f].word) || !strcmp(word, "each")))
			ret[count++] = field_rule(f);
	return count;
}
