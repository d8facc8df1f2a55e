/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * import_flat.c - chains in chains to one list. A jump's matches hold for every rule of the chain it leads to; a RETURN
 * means that the rest of its chain is for the other packets: for each of its matches once with that match turned round.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "import_parse.h"

#define autorule __attribute__((cleanup(rule_free)))

static int flatten(struct import *import, struct import_chain *chain, size_t from,
		   const struct rule *prefix, const struct import_chain *base, int depth);

static int report_line(struct import *import, struct import_line *line, const char *why)
{
	if (!line->why) {
		line->why = strdup(why);
		if (!line->why)
			return -ENOMEM;
	}
	if (line->reported) /* a chain may be reached on several ways */
		return 0;
	line->reported = true;
	return import_report(import, line->number, line->text, line->column, line->width,
			     line->why);
}

/* An address says the family, too. */
static bool says_family(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];

		if ((m->field == FIELD_SRC || m->field == FIELD_DST) && !m->negated)
			return true;
	}
	return false;
}

static int print(struct import *import, enum action action, const struct rule *rule,
		 const char *comment)
{
	autofree struct match *matches = calloc(rule->count + 1, sizeof(*matches));
	/* Borrowed, all of it. */
	struct rule shown = { .action = action, .matches = matches, .comment = (char *)comment };
	autofree char *text = NULL;
	bool family = says_family(rule);
	int r;

	if (!matches)
		return -ENOMEM;
	if (import->printed++ == MAX_IMPORTED)
		return -E2BIG;
	for (size_t i = 0; i < rule->count; i++)
		if (!family || rule->matches[i].field != FIELD_ETHERTYPE)
			matches[shown.count++] = rule->matches[i];
	r = rule_print(&shown, &text);
	if (!r)
		fprintf(import->out, "%s\n", text);
	return r;
}

/*
 * Whether "not" in front of it, or taken away, gives exactly the other packets of the hook and family. Not so for
 * ports, types and flags: either way they leave out packets without them.
 */
static bool reversible(enum field field)
{
	return field == FIELD_SRC || field == FIELD_DST || field == FIELD_PROTO ||
	       field == FIELD_IN || field == FIELD_OUT;
}

/* prefix and the line's matches before "turned", and that one turned round. */
static int turn(const struct rule *prefix, const struct import_line *line, size_t turned,
		struct rule *ret)
{
	autorule struct rule rule = {};
	struct rule part = line->rule;
	struct match match;
	int r = rule_copy(prefix, &rule);

	part.count = turned;
	if (!r)
		r = rule_merge(&rule, &part);
	match = line->rule.matches[turned];
	match.negated = !match.negated;
	part = (struct rule){ .count = 1, .matches = &match };
	if (!r)
		r = rule_merge(&rule, &part);
	if (r < 0)
		return r;
	*ret = rule;
	rule = (struct rule){};
	return 0;
}

/* The rest of the chain is for the packets that do not return. */
static int flatten_return(struct import *import, struct import_chain *chain, size_t at,
			  const struct rule *prefix, const struct import_chain *base, int depth)
{
	struct import_line *line = &chain->lines[at];
	int r = 0;

	for (size_t i = 0; i < line->rule.count; i++)
		if (line->rule.matches[i].field != FIELD_ETHERTYPE &&
		    !reversible(line->rule.matches[i].field))
			return report_line(import, line,
					   "RETURN on ports, types or flags has no exact "
					   "translation");
	for (size_t i = 0; i < line->rule.count && !r; i++) {
		autorule struct rule rest = {};

		if (line->rule.matches[i].field == FIELD_ETHERTYPE)
			continue;
		r = turn(prefix, line, i, &rest);
		if (!r && rule_is_possible(&rest))
			r = flatten(import, chain, at + 1, &rest, base, depth);
	}
	return r < 0 ? r : 1;
}

static int flatten_jump(struct import *import, struct import_line *line, const struct rule *merged,
			const struct import_chain *base, int depth)
{
	struct import_chain *to = import_chain_find(import, line->jump);
	autofree char *why = NULL;
	int r;

	if (to && !to->base && !to->active && depth < MAX_JUMPS) {
		to->active = true;
		r = flatten(import, to, 0, merged, base, depth + 1);
		to->active = false;
		return r;
	}
	if (to)
		return report_line(import, line, "the chains lead back to themselves");
	if (asprintf(&why, "the target '%.64s' has no translation", line->jump) < 0) {
		why = NULL;
		return -ENOMEM;
	}
	return report_line(import, line, why);
}

/* 1: no packet goes on to the next line of the chain. */
static int flatten_line(struct import *import, struct import_chain *chain, size_t at,
			const struct rule *prefix, const struct import_chain *base, int depth)
{
	struct import_line *line = &chain->lines[at];
	autorule struct rule merged = {};
	enum action policy = base->policy == VERDICT_DROP ? ACTION_DROP : ACTION_PASS;
	int r;

	if (line->why)
		return report_line(import, line, NULL);
	r = rule_copy(prefix, &merged);
	if (!r)
		r = rule_merge(&merged, &line->rule);
	if (r < 0 || !rule_is_possible(&merged))
		return r;
	switch (line->target) {
	case TARGET_PASS:
		return print(import, ACTION_PASS, &merged, line->rule.comment);
	case TARGET_DROP:
		return print(import, ACTION_DROP, &merged, line->rule.comment);
	case TARGET_JUMP:
		return flatten_jump(import, line, &merged, base, depth);
	case TARGET_RETURN:
		if (chain == base)
			return print(import, policy, &merged, line->rule.comment);
		return flatten_return(import, chain, at, prefix, base, depth);
	default:
		return 0; /* it only counts */
	}
}

/* The lines of a chain from one on, for the packets that prefix matches. */
static int flatten(struct import *import, struct import_chain *chain, size_t from,
		   const struct rule *prefix, const struct import_chain *base, int depth)
{
	int r = 0;

	for (size_t i = from; i < chain->count && !r; i++)
		r = flatten_line(import, chain, i, prefix, base, depth);
	return MIN(r, 0);
}

int import_flatten(struct import *import, struct import_chain *chain, enum hook_id hook)
{
	autorule struct rule prefix = {};
	char text[64];
	int r;

	snprintf(text, sizeof(text), "pass hook %s ethertype %s", hook == HOOK_XDP ? "xdp" : "nf",
		 import->family == 4 ? "ip" : "ip6");
	r = rule_parse(text, &prefix, NULL);
	if (r < 0)
		return r;
	if (chain->count || chain->policy == VERDICT_DROP)
		fprintf(import->out, "# %s, IPv%d, at hook %s%s\n", chain->name, import->family,
			hook == HOOK_XDP ? "xdp" : "nf",
			hook == HOOK_XDP ? ": packets to be forwarded are judged, too" : "");
	chain->active = true;
	r = flatten(import, chain, 0, &prefix, chain, 0);
	chain->active = false;
	if (!r && chain->policy == VERDICT_DROP)
		r = print(import, ACTION_DROP, &prefix, NULL);
	return r;
}
