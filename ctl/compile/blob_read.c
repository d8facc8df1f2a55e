/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_read.c - the list of rules that a blob was compiled from, read back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_parse.h"
#include "blob_read.h"
#include "blob_sets.h"

static int not_ours(struct fault *fault, const char *what)
{
	return fault_set(fault, -EPROTO, EXIT_REFUSED,
			 "the rules in the kernel were not written by this version of netctl (%s)",
			 what);
}

/* "ID SLOT BEYOND UNTIL RULE", NUL-terminated: to the end of the set. */
static int load_line(struct ruleset *rules, const char *line, struct fault *fault)
{
	struct rule rule = {};
	uint32_t id, slot, beyond, until;
	int used = 0, r;

	if (sscanf(line, "%u %u %u %u %n", &id, &slot, &beyond, &until, &used) != 4 || !used)
		return not_ours(fault, "a rule without its number");
	if (!id || id >= rules->next_id || !slot || slot >= MAX_SLOTS || beyond >= MAX_SLOTS)
		return not_ours(fault, "a rule's number is out of range");
	r = rule_parse(line + used, &rule, fault);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return -EPROTO;
	r = ruleset_make_room(rules, rules->count);
	if (r < 0) {
		rule_free(&rule);
		return r;
	}
	rule.id = id;
	rule.slot = slot;
	rule.limit.beyond = beyond;
	rule.until = until;
	rule.listed = true;
	rules->rules[rules->count - 1] = rule;
	return 0;
}

/* A rule whose time is up is not in the list any more; the next change takes it out of the kernel. */
static void sweep(struct ruleset *rules)
{
	size_t kept = 0;

	for (size_t i = 0; i < rules->count; i++) {
		if (rule_is_timed(&rules->rules[i]) && !rule_left(&rules->rules[i]))
			rule_free(&rules->rules[i]);
		else
			rules->rules[kept++] = rules->rules[i];
	}
	rules->count = kept;
}

static int load_text(const struct blob *blob, struct ruleset *rules, struct fault *fault)
{
	autofree char *text = strndup((const char *)blob + blob->text, blob->text_len);
	char *next = text, *line;
	int r;

	if (!text)
		return -ENOMEM;
	while ((line = strsep(&next, "\n")) && next) {
		r = load_line(rules, line, fault);
		if (r < 0)
			return r;
	}
	return rules->count == blob->rules ? 0 : not_ours(fault, "rules are missing");
}

/* A rule of the overlay, after the first "edits" of it. */
static int load_edit(const struct blob *blob, uint32_t edits, struct ruleset *rules,
		     struct fault *fault)
{
	const struct overlay_rule *edit = &blob->edits.rule[edits];
	uint32_t position = MIN(edit->number ? (edit->number - 1) / RULE_SPACE : 0, blob->rules);
	autofree char *line = NULL;
	int r;

	if (edit->text > OVERLAY_TEXT || !edit->text_len ||
	    edit->text_len > OVERLAY_TEXT - edit->text)
		return not_ours(fault, "an edit is out of range");
	line = strndup(blob->edits.text + edit->text, edit->text_len - 1);
	if (!line)
		return -ENOMEM;
	for (uint32_t i = 0; i < edits; i++)
		position += blob->edits.rule[i].number < edit->number;
	r = load_line(rules, line, fault);
	if (!r)
		ruleset_move(rules, rules->count - 1, position);
	return r;
}

/* The rules of the text, and those added since: as many as the state says, which is read once. */
static int load_rules(const struct blob *blob, uint64_t state, struct ruleset *rules,
		      struct fault *fault)
{
	uint32_t edits = OVERLAY_RULES_OF(STATE_COUNTS(state));
	const struct overlay_rule *last;
	int r;

	if (edits > OVERLAY_RULES)
		return not_ours(fault, "too many edits");
	if (edits) {
		last = &blob->edits.rule[edits - 1];
		rules->next_id = last->next_id;
		rules->next_slot = last->next_slot;
		rules->next_audit = last->next_audit;
	}
	r = load_text(blob, rules, fault);
	for (uint32_t i = 0; i < edits && !r; i++)
		r = load_edit(blob, i, rules, fault);
	if (!r)
		sweep(rules);
	return r;
}

int ruleset_load(const struct blob *blob, struct ruleset *ret, struct fault *fault)
{
	uint64_t state = __atomic_load_n(&blob->state, __ATOMIC_ACQUIRE);
	struct ruleset rules;
	int r;

	ruleset_init(&rules);
	if (blob->magic != BLOB_MAGIC || !STATE_GENERATION(state) || blob->policy >= VERDICTS)
		return not_ours(fault, "wrong header");
	if (blob->rules > MAX_RULES || blob->parts > MAX_PARTS || blob->text > blob_size(blob) ||
	    blob->text_len > blob_size(blob) - blob->text)
		return not_ours(fault, "wrong sizes");
	rules.generation = STATE_GENERATION(state);
	rules.policy = blob->policy;
	rules.next_id = blob->next_id;
	rules.next_slot = blob->next_slot;
	rules.next_audit = blob->next_audit;
	r = load_rules(blob, state, &rules, fault);
	if (!r)
		r = ruleset_load_sets(blob, state, &rules);
	if (r == -EPROTO && !fault_is_set(fault))
		not_ours(fault, "its sets");
	if (r < 0) {
		ruleset_free(&rules);
		return r;
	}
	*ret = rules;
	return 0;
}
