/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* apply.c - a list of rules and sets that takes the place of those in force: what lives on in it. */
#include "apply.h"

/* Ids, slots and numbering of the list in force for those that live on; new ones for the rest. */
static int adopt(struct edit *edit, struct ruleset *next, const struct rule_diff *diff,
		 struct fault *fault)
{
	int r = 0;

	next->generation = edit->rules.generation;
	next->next_id = edit->rules.next_id;
	next->next_slot = edit->rules.next_slot;
	next->next_audit = edit->rules.next_audit;
	for (size_t i = 0; i < next->count; i++) {
		size_t from = diff->old_of[i];

		if (from == NO_PARTNER)
			continue;
		rule_succeed(&next->rules[i], &edit->rules.rules[from]);
	}
	for (size_t i = 0; i < next->count && !r; i++) {
		rule_start(&next->rules[i]);
		if (diff->old_of[i] != NO_PARTNER)
			continue;
		next->rules[i].id = next->next_id++;
		r = edit_take_slots(edit, next, &next->rules[i], fault);
	}
	for (size_t i = 0; i < next->set_count && !r; i++) {
		const struct set *was = set_partner(&edit->rules, &next->sets[i]);

		if (was)
			set_adopt(was, &next->sets[i], true);
	}
	if (!r)
		r = edit_give_slots(edit, next, NULL, fault);
	if (!r)
		edit_take_spares(edit, next);
	return r;
}

static bool changes(const struct apply_counts *counts)
{
	const struct rule_diff_counts *rules = &counts->rules;
	const struct sets_diff_counts *sets = &counts->sets;

	return rules->added || rules->removed || rules->changed || rules->moved || sets->added ||
	       sets->removed || sets->changed;
}

int apply_prepare(struct edit *edit, struct ruleset *next, struct apply_counts *ret,
		  struct fault *fault)
{
	struct rule_diff diff;
	int r = rule_diff_make(&edit->rules, next, &diff);

	if (r < 0)
		return r;
	ret->rules = rule_diff_count(&edit->rules, next, &diff);
	ret->sets = sets_diff_count(&edit->rules, next);
	if (changes(ret) || edit->rules.policy != next->policy) {
		r = adopt(edit, next, &diff, fault);
		r = r < 0 ? r : 1;
	}
	rule_diff_free(&diff);
	return r;
}
