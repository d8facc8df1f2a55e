/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule.c - rules: compared, merged, copied, freed; their slots and their time. */
#include <errno.h>
#include <string.h>

#include "../../bpf/boottime.h"
#include "../base/array.h"
#include "rule_match.h"

static bool match_equal(const struct match *a, const struct match *b)
{
	if (a->field != b->field || a->negated != b->negated || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (value_compare(a->field, &a->values[i], &b->values[i]))
			return false;
	}
	return true;
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	if (a->disabled != b->disabled || !a->comment != !b->comment ||
	    rule_is_timed(a) != rule_is_timed(b))
		return false;
	if (a->comment && strcmp(a->comment, b->comment) != 0)
		return false;
	return rule_judges_equal(a, b);
}

bool rule_judges_equal(const struct rule *a, const struct rule *b)
{
	if (a->action != b->action || a->count != b->count)
		return false;
	if (a->action == ACTION_LIMIT && !limit_equal(&a->limit, &b->limit))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!match_equal(&a->matches[i], &b->matches[i]))
			return false;
	}
	return true;
}

static int add_values(struct match *match, const struct match *more)
{
	for (size_t i = 0; i < more->count; i++) {
		if (array_grow(match->values, match->count) < 0)
			return -ENOMEM;
		match->values[match->count++] = more->values[i];
	}
	return 0;
}

/* Whatever is copied belongs to the rule at once, so that rule_free() can clean up a half-made copy. */
static int add_match(struct rule *rule, const struct match *match)
{
	struct match *copy;

	if (array_grow(rule->matches, rule->count) < 0)
		return -ENOMEM;
	copy = &rule->matches[rule->count++];
	*copy = (struct match){ .field = match->field, .negated = match->negated };
	return add_values(copy, match);
}

static int copy_into(const struct rule *from, struct rule *ret)
{
	int r = 0;

	if (from->comment) {
		ret->comment = strdup(from->comment);
		if (!ret->comment)
			return -ENOMEM;
	}
	for (size_t i = 0; i < from->count && !r; i++)
		r = add_match(ret, &from->matches[i]);
	return r;
}

/* In neither of two lists: in none of both. Lists of flags are not joined: what a comma means there depends on masks. */
static bool can_join(const struct match *a, const struct match *b)
{
	enum value_kind kind = match_fields[a->field].kind;

	return a->field == b->field && a->negated && b->negated && kind != VALUE_NONE &&
	       a->field != FIELD_FLAGS && a->count + b->count <= MAX_VALUES;
}

int rule_merge(struct rule *rule, const struct rule *with)
{
	size_t count = rule->count;
	int r = 0;

	for (size_t i = 0; i < with->count && !r; i++) {
		const struct match *more = &with->matches[i];
		struct match *same = NULL;

		for (size_t k = 0; k < count && !same; k++)
			if (match_equal(&rule->matches[k], more) ||
			    can_join(&rule->matches[k], more))
				same = &rule->matches[k];
		if (!same)
			r = add_match(rule, more);
		else if (!match_equal(same, more))
			r = add_values(same, more);
	}
	rule_sort(rule);
	rule_settle(rule);
	return r;
}

int rule_copy(const struct rule *from, struct rule *ret)
{
	struct rule copy = {
		.id = from->id,
		.slot = from->slot,
		.action = from->action,
		.disabled = from->disabled,
		.limit = from->limit,
		.lifetime = from->lifetime,
		.until = from->until,
		.file = from->file,
		.line = from->line,
	};
	int r = copy_into(from, &copy);

	if (r < 0)
		rule_free(&copy);
	else
		*ret = copy;
	return r;
}

void rule_free(struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		free(rule->matches[i].values);
	free(take_ptr(rule->matches));
	free(take_ptr(rule->comment));
	rule->count = 0;
}

void rule_start(struct rule *rule)
{
	if (rule->lifetime && !rule->until)
		rule->until = boottime_until(rule->lifetime);
}

bool rule_is_timed(const struct rule *rule)
{
	return rule->lifetime || rule->until;
}

uint32_t rule_left(const struct rule *rule)
{
	return rule->until ? boottime_left(rule->until) : rule->lifetime;
}

size_t rule_slots(struct rule *rule, uint32_t *ret[RULE_MOST_SLOTS])
{
	ret[0] = &rule->slot;
	ret[1] = &rule->limit.beyond;
	return rule->action == ACTION_LIMIT ? 2 : 1;
}

void rule_keep_slots(struct rule *rule, const struct rule *old)
{
	rule->slot = old->slot;
	rule->limit.beyond = old->limit.beyond;
}

void rule_succeed(struct rule *rule, const struct rule *old)
{
	rule->id = old->id;
	rule_keep_slots(rule, old);
	if (rule_is_timed(rule))
		rule->until = old->until;
}
