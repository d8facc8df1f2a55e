/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* overlay.c - a rule added to a compiled ruleset in place: its number, its boxes, its line; see struct overlay. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/alike.h"
#include "compile.h"
#include "blob_write.h"
#include "overlay.h"

#define FIRST_STEP 16 /* down from the first rule; half the way would soon leave no room */

/* "ID SLOT BEYOND UNTIL RULE": the rule may be gone by now. */
static bool is_timed(const char *line, size_t len)
{
	unsigned int until = 1;
	char head[64];

	snprintf(head, sizeof(head), "%.*s", (int)MIN(len, sizeof(head) - 1), line);
	return sscanf(head, "%*u %*u %*u %u ", &until) != 1 || until;
}

/* Position of the rule in the blob's text whose line begins with the id; -ENOENT. */
static int64_t find_line(const struct blob *blob, uint32_t id)
{
	const char *text = (const char *)blob + blob->text, *end = text + blob->text_len;
	char word[16];
	size_t len = (size_t)snprintf(word, sizeof(word), "%u ", id);

	for (int64_t at = 0; text < end; at++) {
		const char *next = memchr(text, '\n', (size_t)(end - text));

		if ((size_t)(end - text) > len && !memcmp(text, word, len))
			return next && !is_timed(text, (size_t)(next - text)) ? at : -ENOENT;
		text = next ? next + 1 : end;
	}
	return -ENOENT;
}

/* The number of a rule; 0: there is none of that id. */
static uint32_t find_number(const struct blob *blob, uint32_t edits, uint32_t id)
{
	int64_t at;

	for (uint32_t i = 0; i < edits; i++)
		if (blob->edits.rule[i].id == id)
			return blob->edits.rule[i].number;
	at = find_line(blob, id);
	return at < 0 ? 0 : RULE_NUMBER((uint32_t)at);
}

/* The largest number below "than", 0: none. */
static uint32_t number_below(const struct blob *blob, uint32_t edits, uint32_t than)
{
	uint32_t best = MIN((than - 1) / RULE_SPACE, blob->rules) * RULE_SPACE;

	for (uint32_t i = 0; i < edits; i++)
		if (blob->edits.rule[i].number < than)
			best = MAX(best, blob->edits.rule[i].number);
	return best;
}

/* The smallest number above "than"; NO_RULE: none. */
static uint32_t number_above(const struct blob *blob, uint32_t edits, uint32_t than)
{
	uint32_t best =
		than / RULE_SPACE < blob->rules ? (than / RULE_SPACE + 1) * RULE_SPACE : NO_RULE;

	for (uint32_t i = 0; i < edits; i++)
		if (blob->edits.rule[i].number > than)
			best = MIN(best, blob->edits.rule[i].number);
	return best;
}

/* A number at a place; 1: there is no room between its neighbours. */
static int take_number(const struct blob *blob, uint32_t edits, enum where where, uint32_t id,
		       uint32_t *ret)
{
	uint32_t lo = 0, hi = NO_RULE, at;

	if (where == BEFORE || where == AFTER) {
		at = find_number(blob, edits, id);
		if (!at)
			return -ENOENT;
		lo = where == AFTER ? at : number_below(blob, edits, at);
		hi = where == BEFORE ? at : number_above(blob, edits, at);
	} else if (where == FIRST) {
		hi = number_above(blob, edits, 0);
	} else {
		lo = number_below(blob, edits, NO_RULE);
	}
	if (hi == NO_RULE)
		*ret = (lo / RULE_SPACE + 1) * RULE_SPACE;
	else if (where == FIRST)
		*ret = hi - MIN(FIRST_STEP, hi / 2);
	else
		*ret = lo + (hi - lo) / 2;
	return *ret == lo || *ret == hi;
}

/* What distinguishes packets of one flow key depends on the whole list; so do audits. */
static bool is_plain(const struct blob *blob, const struct ruleset *alone)
{
	const struct rule *rule = alone->rules;

	/* Limits behind it would be charged in another way. */
	if (blob->extra_count && rule_local_hooks(alone, rule))
		return false;
	if (rule->disabled || rule_is_timed(rule) ||
	    (rule->action != ACTION_PASS && rule->action != ACTION_DROP))
		return false;
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];

		if (match_fields[m->field].varies)
			return false;
		for (size_t k = 0; k < m->count; k++)
			if (m->values[k].is_set)
				return false;
	}
	return true;
}

/* The counters of the blob with all its edits, as a list without rules. */
static struct ruleset counters_of(const struct blob *blob, uint32_t edits)
{
	const struct overlay_rule *last = edits ? &blob->edits.rule[edits - 1] : NULL;

	if (last)
		return (struct ruleset){ .next_id = last->next_id,
					 .next_slot = last->next_slot,
					 .next_audit = last->next_audit };
	return (struct ruleset){ .next_id = blob->next_id,
				 .next_slot = blob->next_slot,
				 .next_audit = blob->next_audit };
}

/* Boxes and records after those that the counts include; 1: they do not fit. */
static int write_boxes(struct blob *blob, const struct ruleset *alone, uint32_t number,
		       uint32_t *counts, struct fault *fault)
{
	const struct rule *rule = alone->rules;
	struct compiled compiled = { .rules = alone };
	int r = compile_rule(&compiled, rule, number, fault);

	for (enum family f = 0; f < FAMILIES && !r; f++) {
		struct box_list *list = &compiled.lists[f];
		uint32_t count = OVERLAY_OF(*counts, f);

		if (list->count > OVERLAY_BOXES - count)
			r = 1;
		for (size_t i = 0; i < list->count && !r; i++, count++) {
			list->boxes[i].six.box.flags |= BOX_REST; /* see try_edit4() */
			box_pack(blob->edits.box[f][count].bytes, &list->boxes[i], f);
			blob->edits.record[f][count] = (struct rule_record){
				.slot = rule->slot,
				.action = rule->action,
			};
			*counts += OVERLAY_ONE_MORE(f);
		}
	}
	compiled_free(&compiled);
	return r;
}

/* Its line after those of earlier edits; 1: it does not fit. */
static int write_line(struct blob *blob, uint32_t edits, const struct rule *rule,
		      struct overlay_rule *ret)
{
	const struct overlay_rule *last = edits ? &blob->edits.rule[edits - 1] : NULL;
	uint32_t at = last ? last->text + last->text_len : 0;
	autofree char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	int r = out ? compile_line(rule, out) : -ENOMEM;

	if (out && fclose(out) && !r)
		r = -ENOMEM;
	if (r < 0)
		return r;
	if (len > OVERLAY_TEXT - at)
		return 1;
	memcpy(blob->edits.text + at, line, len);
	ret->text = at;
	ret->text_len = (uint32_t)len;
	return 0;
}

static int write_rule(struct blob *blob, uint32_t edits, uint32_t number,
		      const struct ruleset *alone, uint32_t *counts, struct fault *fault)
{
	struct ruleset rules = counters_of(blob, edits);
	struct rule *rule = alone->rules;
	struct overlay_rule edit = { .number = number };
	int r;

	if (ruleset_has_slot(&rules, rule->action))
		rule->slot = ruleset_fresh_slot(&rules, rule->action);
	else if (edits < MIN(blob->spares, OVERLAY_RULES))
		rule->slot = blob->spare[edits];
	else
		return 1;
	rule->id = edit.id = rules.next_id++;
	edit.next_id = rules.next_id;
	edit.next_slot = rules.next_slot;
	edit.next_audit = rules.next_audit;
	r = write_boxes(blob, alone, number, counts, fault);
	if (!r)
		r = write_line(blob, edits, rule, &edit);
	if (r)
		return r;
	blob->edits.rule[edits] = edit;
	*counts += OVERLAY_ONE_MORE(OVERLAY_RULE_COUNT);
	return 0;
}

int overlay_add(struct blob *blob, enum where where, uint32_t id, const struct ruleset *alone,
		struct overlay_edit *ret, struct fault *fault)
{
	uint64_t state = __atomic_load_n(&blob->state, __ATOMIC_ACQUIRE);
	uint32_t counts = STATE_COUNTS(state), edits = OVERLAY_RULES_OF(counts), number;
	struct rule *rule = alone->rules;
	int r;

	if (blob->rules < OVERLAY_FROM || blob->rules + edits >= MAX_RULES ||
	    edits >= OVERLAY_RULES || STATE_GENERATION(state) >= OVERLAY_LAST_GENERATION ||
	    !is_plain(blob, alone))
		return 1;
	r = take_number(blob, edits, where, id, &number);
	if (!r)
		r = write_rule(blob, edits, number, alone, &counts, fault);
	if (r) { /* the ordinary way gives it others */
		rule->id = rule->slot = 0;
		return r;
	}
	*ret = (struct overlay_edit){
		.before = state,
		.state = OVERLAY_STATE(STATE_GENERATION(state) + PARTS_PLACES, counts),
		.number = number,
		.id = rule->id,
		.slot = rule->slot,
	};
	return 0;
}

void overlay_publish(struct blob *blob, const struct overlay_edit *edit)
{
	/* What it counts is written before. */
	__atomic_store_n(&blob->state, edit->state, __ATOMIC_RELEASE);
}
