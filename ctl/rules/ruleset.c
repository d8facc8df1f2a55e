/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ruleset.c - the ordered list of rules: insert, remove, find, and read back from a blob. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ruleset.h"

void ruleset_init(struct ruleset *set)
{
	*set = (struct ruleset){.policy = VERDICT_PASS, .next_id = 1, .next_slot = 1, .next_audit = FIRST_AUDIT_SLOT};
}

void ruleset_free(struct ruleset *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		rule_free(&set->rules[i]);
	for (i = 0; i < set->set_count; i++)
		set_free(&set->sets[i]);
	free(set->rules);
	free(set->sets);
	ruleset_init(set);
}

/* Room for a rule at a position; what it held has moved one up. */
static int make_room(struct ruleset *set, size_t position)
{
	struct rule *bigger = reallocarray(set->rules, set->count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	set->rules = bigger;
	memmove(&bigger[position + 1], &bigger[position],
		(set->count - position) * sizeof(*bigger));
	set->count++;
	return 0;
}

bool ruleset_has_slot(const struct ruleset *set, enum action action)
{
	if (action == ACTION_AUDIT && set->next_slot >= FIRST_AUDIT_SLOT)
		return set->next_audit < RULE_SLOTS;
	return set->next_slot < MAX_SLOTS;
}

uint32_t ruleset_fresh_slot(struct ruleset *set, enum action action)
{
	uint32_t slot;

	if (action == ACTION_AUDIT && set->next_slot >= FIRST_AUDIT_SLOT)
		return set->next_audit++;
	slot = set->next_slot++;
	if (set->next_slot == FIRST_AUDIT_SLOT)
		set->next_slot = RULE_SLOTS;
	return slot;
}

int ruleset_fresh_slots(struct ruleset *set, struct rule *rule, struct fault *fault)
{
	uint32_t *slots[RULE_MOST_SLOTS];
	size_t count = rule_slots(rule, slots);

	for (size_t i = 0; i < count; i++) {
		if (*slots[i])
			continue;
		if (!ruleset_has_slot(set, rule->action))
			return fault_set(fault, -ENOSPC, EXIT_REFUSED,
					 "all counters of rules, past and present, are taken");
		*slots[i] = ruleset_fresh_slot(set, rule->action);
	}
	return 0;
}

/* An id or slot that the rule brings along (it replaces another, or takes over a free slot) is
 * kept. */
int ruleset_insert(struct ruleset *set, size_t position, struct rule *rule, struct fault *fault)
{
	int r;

	if (position > set->count)
		return -EINVAL;
	if (set->count >= MAX_RULES)
		return fault_set(fault, -E2BIG, EXIT_REFUSED,
				 "%d rules is the limit of this version", MAX_RULES);
	r = ruleset_fresh_slots(set, rule, fault);
	if (!r)
		r = make_room(set, position);
	if (r < 0)
		return r;
	if (!rule->id)
		rule->id = set->next_id++;
	rule_start(rule);
	set->rules[position] = *rule;
	*rule = (struct rule){};
	return 0;
}

void ruleset_remove(struct ruleset *set, size_t position)
{
	if (position >= set->count)
		return;
	rule_free(&set->rules[position]);
	set->count--;
	memmove(&set->rules[position], &set->rules[position + 1],
		(set->count - position) * sizeof(*set->rules));
}

void ruleset_move(struct ruleset *set, size_t from, size_t to)
{
	struct rule rule = set->rules[from];

	if (from < to)
		memmove(&set->rules[from], &set->rules[from + 1], (to - from) * sizeof(rule));
	else
		memmove(&set->rules[to + 1], &set->rules[to], (from - to) * sizeof(rule));
	set->rules[to] = rule;
}

ssize_t ruleset_find_id(const struct ruleset *set, uint32_t id)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->rules[i].id == id)
			return i;
	return -ENOENT;
}

ssize_t ruleset_find_rule(const struct ruleset *set, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (rule_equal(&set->rules[i], rule))
			return i;
	return -ENOENT;
}

size_t ruleset_limits(const struct ruleset *set)
{
	size_t limits = 0;

	for (size_t i = 0; i < set->count; i++)
		limits += set->rules[i].action == ACTION_LIMIT;
	return limits;
}

static int not_ours(struct fault *fault, const char *what)
{
	return fault_set(fault, -EPROTO, EXIT_REFUSED,
			 "the rules in the kernel were not written by this version of netctl (%s)",
			 what);
}

/* "ID SLOT BEYOND UNTIL RULE", NUL-terminated: to the end of the set. */
static int load_line(struct ruleset *set, const char *line, struct fault *fault)
{
	struct rule rule = {};
	uint32_t id, slot, beyond, until;
	int used = 0, r;

	if (sscanf(line, "%u %u %u %u %n", &id, &slot, &beyond, &until, &used) != 4 || !used)
		return not_ours(fault, "a rule without its number");
	if (!id || id >= set->next_id || !slot || slot >= MAX_SLOTS || beyond >= MAX_SLOTS)
		return not_ours(fault, "a rule's number is out of range");
	r = rule_parse(line + used, &rule, fault);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return -EPROTO;
	r = make_room(set, set->count);
	if (r < 0) {
		rule_free(&rule);
		return r;
	}
	rule.id = id;
	rule.slot = slot;
	rule.limit.beyond = beyond;
	rule.until = until;
	rule.listed = true;
	set->rules[set->count - 1] = rule;
	return 0;
}

/* A rule whose time is up is not in the list any more; the next change takes it out of the kernel. */
static void sweep(struct ruleset *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (rule_is_timed(&set->rules[i]) && !rule_left(&set->rules[i]))
			rule_free(&set->rules[i]);
		else
			set->rules[kept++] = set->rules[i];
	}
	set->count = kept;
}

static int load_text(const struct blob *blob, struct ruleset *set, struct fault *fault)
{
	autofree char *text = strndup((const char *)blob + blob->text, blob->text_len);
	char *next = text, *line;
	int r;

	if (!text)
		return -ENOMEM;
	while ((line = strsep(&next, "\n")) && next) {
		r = load_line(set, line, fault);
		if (r < 0)
			return r;
	}
	return set->count == blob->rules ? 0 : not_ours(fault, "rules are missing");
}

/* A rule of the overlay, behind the first "edits" of it. */
static int load_edit(const struct blob *blob, uint32_t edits, struct ruleset *set,
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
	r = load_line(set, line, fault);
	if (!r)
		ruleset_move(set, set->count - 1, position);
	return r;
}

/* The rules of the text, and those added since: as many as the state says, which is read once. */
static int load_rules(const struct blob *blob, uint64_t state, struct ruleset *set,
		      struct fault *fault)
{
	uint32_t edits = OVERLAY_RULES_OF(STATE_COUNTS(state));
	const struct overlay_rule *last;
	int r;

	if (edits > OVERLAY_RULES)
		return not_ours(fault, "too many edits");
	if (edits) {
		last = &blob->edits.rule[edits - 1];
		set->next_id = last->next_id;
		set->next_slot = last->next_slot;
		set->next_audit = last->next_audit;
	}
	r = load_text(blob, set, fault);
	for (uint32_t i = 0; i < edits && !r; i++)
		r = load_edit(blob, i, set, fault);
	if (!r)
		sweep(set);
	return r;
}

int ruleset_load(const struct blob *blob, struct ruleset *ret, struct fault *fault)
{
	uint64_t state = __atomic_load_n(&blob->state, __ATOMIC_ACQUIRE);
	struct ruleset set;
	int r;

	ruleset_init(&set);
	if (blob->magic != BLOB_MAGIC || !STATE_GENERATION(state) || blob->policy >= VERDICTS)
		return not_ours(fault, "wrong header");
	if (blob->rules > MAX_RULES || blob->parts > MAX_PARTS || blob->text > blob_size(blob) ||
	    blob->text_len > blob_size(blob) - blob->text)
		return not_ours(fault, "wrong sizes");
	set.generation = STATE_GENERATION(state);
	set.policy = blob->policy;
	set.next_id = blob->next_id;
	set.next_slot = blob->next_slot;
	set.next_audit = blob->next_audit;
	r = load_rules(blob, state, &set, fault);
	if (!r)
		r = ruleset_load_sets(blob, state, &set);
	if (r == -EPROTO && fault && !fault->message[0])
		not_ours(fault, "its sets");
	if (r < 0) {
		ruleset_free(&set);
		return r;
	}
	*ret = set;
	return 0;
}
