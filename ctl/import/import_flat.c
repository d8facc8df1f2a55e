/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * import_flat.c - flattens chains into one list. A jump's matches are added to every rule of the chain it
 * leads to. After a RETURN the rest of its chain is for the other packets: it is repeated for each match of the
 * RETURN, with that match inverted. What one base chain passes, the next one at the hook judges.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_check.h"
#include "../text/rule_print.h"
#include "import_change.h"
#include "import_empty.h"
#include "import_flat.h"

#define MAX_STEPS (16 * MAX_IMPORTED) /* lines walked over on the way to the rules */
#define MAX_JUMPS 32		      /* chains in chains */

#define autorule __attribute__((cleanup(rule_free)))

/* One hook. */
struct flat {
	struct import *import;
	enum hook_id hook;
	struct import_chain *const *bases;
	size_t count;
};

static int flatten(struct flat *f, struct import_chain *chain, size_t from,
		   const struct rule *prefix, size_t base, int depth);
static int follow(struct flat *f, size_t base, const struct rule *prefix, const char *comment,
		  bool top);

static int report_line(struct import *import, struct import_line *line, const char *why)
{
	if (!line->why)
		line->why = strdup(why);
	if (!line->why)
		return -ENOMEM;
	if (line->reported) /* a chain may be reached in several ways */
		return 0;
	line->reported = true;
	return import_report(import, line->number, line->text, line->column, line->width,
			     line->why);
}

/* An address says the family, too, negated or not; a set may hold both. */
static bool says_family(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		bool says = field_is_address(m->field);

		for (size_t k = 0; k < m->count && says; k++)
			says = !m->values[k].is_set;
		if (says)
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
	if (import_is_empty(rule))
		return 0;
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

/* Whether a match of ethertypes takes this one. */
static bool takes(const struct match *m, const struct value *ethertype)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->values[i].range.lo == ethertype->range.lo)
			return !m->negated;
	return m->negated;
}

/* The ethertypes of two matches that both hold, in the first of them. */
static void both_ethertypes(struct match *m, const struct match *more)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		if (takes(more, &m->values[i]))
			m->values[kept++] = m->values[i];
	m->count = kept;
}

/* One list of ethertypes where there are several: "ethertype ip,ip6 ethertype ip". */
static bool fit_ethertypes(struct rule *rule)
{
	struct match *plain = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < rule->count && !plain; i++)
		if (rule->matches[i].field == FIELD_ETHERTYPE && !rule->matches[i].negated)
			plain = &rule->matches[i];
	if (!plain)
		return true;
	for (size_t i = 0; i < rule->count; i++) {
		struct match *m = &rule->matches[i];

		if (m->field == FIELD_ETHERTYPE && m != plain) {
			both_ethertypes(plain, m);
			free(take_ptr(m->values));
			continue;
		}
		if (m == plain)
			plain = &rule->matches[kept];
		rule->matches[kept++] = *m;
	}
	rule->count = kept;
	return plain->count;
}

/* An interface that no packet of the hook has. */
static bool foreign(const struct flat *f, const struct match *m)
{
	return field_is_iface(m->field) && !(match_fields[m->field].only_on & 1u << f->hook);
}

/* Leave out what says nothing at this hook; false when no packet there can match. */
static bool fit(const struct flat *f, struct rule *rule)
{
	size_t kept = 0;
	bool possible = true;

	for (size_t i = 0; i < rule->count; i++) {
		struct match *m = &rule->matches[i];

		if (foreign(f, m)) {
			possible = possible && m->negated;
			free(take_ptr(m->values));
			continue;
		}
		rule->matches[kept++] = *m;
	}
	rule->count = kept;
	return possible && fit_ethertypes(rule) && rule_is_possible(rule);
}

/* The rule that matches what both match; 1: nothing. */
static int meet(const struct flat *f, const struct rule *prefix, const struct rule *with,
		struct rule *ret)
{
	autorule struct rule rule = {};
	int r = rule_copy(prefix, &rule);

	if (!r)
		r = rule_merge(&rule, with);
	if (!r)
		r = !fit(f, &rule);
	if (r)
		return r;
	*ret = rule;
	rule = (struct rule){};
	return 0;
}

/* The prefix, the line's matches before "turned", and that one inverted; 1: nothing matches them all. */
static int turn(const struct flat *f, const struct rule *prefix, const struct import_line *line,
		size_t turned, struct rule *ret)
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
	return r < 0 ? r : meet(f, &rule, &part, ret);
}

/* Whether every packet of the prefix has the ethertype. */
static bool implied(const struct rule *prefix, const struct match *ethertype)
{
	if (ethertype->negated)
		return false;
	if (says_family(prefix))
		return true;
	for (size_t i = 0; i < prefix->count; i++) {
		const struct match *m = &prefix->matches[i];
		bool all = m->field == FIELD_ETHERTYPE && !m->negated;

		for (size_t k = 0; k < m->count && all; k++)
			all = takes(ethertype, &m->values[k]);
		if (all)
			return true;
	}
	return false;
}

/* Whether inverting the match leaves any packets of the prefix. */
static bool parts(const struct flat *f, const struct rule *prefix, const struct match *m)
{
	return !foreign(f, m) && (m->field != FIELD_ETHERTYPE || !implied(prefix, m));
}

/*
 * The rest of the chain is for the packets that do not return: for each match, those that its negation takes. Of ports,
 * types and flags that is not all of them: packets without any match neither way.
 */
static int flatten_return(struct flat *f, struct import_chain *chain, size_t at,
			  const struct rule *prefix, size_t base, int depth)
{
	struct import_line *line = &chain->lines[at];
	int r = 0;

	if (at + 1 == chain->count)
		return 1;
	for (size_t i = 0; i < line->rule.count; i++)
		if (parts(f, prefix, &line->rule.matches[i]) &&
		    field_needs_transport(line->rule.matches[i].field))
			return report_line(f->import, line,
					   "RETURN on ports, types or flags has no exact "
					   "translation");
	for (size_t i = 0; i < line->rule.count && r >= 0; i++) {
		autorule struct rule rest = {};

		if (!parts(f, prefix, &line->rule.matches[i]))
			continue;
		r = turn(f, prefix, line, i, &rest);
		if (!r)
			r = flatten(f, chain, at + 1, &rest, base, depth);
	}
	return r < 0 ? r : 1;
}

static int flatten_jump(struct flat *f, struct import_line *line, const struct rule *merged,
			size_t base, int depth)
{
	struct import_chain *to = import_chain_find(f->import, line->jump);
	autofree char *why = NULL;
	size_t active;
	int r;

	if (to && !to->base && to->active != base + 1 && depth < MAX_JUMPS) {
		active = to->active;
		to->active = base + 1;
		r = flatten(f, to, 0, merged, base, depth + 1);
		to->active = active;
		return r;
	}
	if (to)
		return report_line(f->import, line, "the chains form a loop");
	why = text_printf("the target '%.64s' has no translation", line->jump);
	return why ? report_line(f->import, line, why) : -ENOMEM;
}

/* A chain ends for the packets of the rule. */
static int decide(struct flat *f, enum verdict verdict, const struct rule *rule,
		  const char *comment, size_t base)
{
	return verdict == VERDICT_DROP ? print(f->import, ACTION_DROP, rule, comment)
				       : follow(f, base + 1, rule, comment, false);
}

/* 1: no packet goes on to the next line of the chain. */
static int flatten_line(struct flat *f, struct import_chain *chain, size_t at,
			const struct rule *prefix, size_t base, int depth)
{
	struct import_line *line = &chain->lines[at];
	const char *comment = line->rule.comment;
	const char *unseen = import_unseen(f->import, f->hook, &line->rule);
	autorule struct rule merged = {};
	int r;

	if (f->import->steps++ == MAX_STEPS)
		return -E2BIG;
	if (line->why || unseen)
		return report_line(f->import, line, unseen);
	r = meet(f, prefix, &line->rule, &merged);
	if (r)
		return MIN(r, 0);
	switch (line->target) {
	case TARGET_PASS:
		return decide(f, VERDICT_PASS, &merged, comment, base);
	case TARGET_DROP:
		return decide(f, VERDICT_DROP, &merged, comment, base);
	case TARGET_JUMP:
		return flatten_jump(f, line, &merged, base, depth);
	case TARGET_GOTO:
		r = flatten_jump(f, line, &merged, base, depth);
		if (r < 0 || line->reported)
			return r;
		break;
	case TARGET_RETURN:
		break;
	default:
		return 0; /* it only counts */
	}
	if (chain == f->bases[base])
		return decide(f, chain->policy, &merged, comment, base);
	return flatten_return(f, chain, at, prefix, base, depth);
}

/* The lines of a chain from one on, for the packets that prefix matches. */
static int flatten(struct flat *f, struct import_chain *chain, size_t from,
		   const struct rule *prefix, size_t base, int depth)
{
	int r = 0;

	for (size_t i = from; i < chain->count && !r; i++)
		r = flatten_line(f, chain, i, prefix, base, depth);
	return MIN(r, 0);
}

/*
 * The base chains from one on, for the packets that prefix matches. What a chain's end passes is left to the
 * next chain; what the last one's passes needs a rule unless at the top, where no rule follows.
 */
static int follow(struct flat *f, size_t base, const struct rule *prefix, const char *comment,
		  bool top)
{
	int r = 0;

	for (; base < f->count && !r; base++) {
		struct import_chain *chain = f->bases[base];
		autorule struct rule domain = {};

		r = meet(f, prefix, &chain->domain, &domain);
		if (r) {
			r = MIN(r, 0);
			continue;
		}
		if (top && (chain->count || chain->policy == VERDICT_DROP))
			fprintf(f->import->out, "# %s\n", chain->title);
		r = flatten(f, chain, 0, &domain, base, 0);
		if (!r && chain->policy == VERDICT_DROP)
			r = print(f->import, ACTION_DROP, &domain, NULL);
	}
	return r || top ? r : print(f->import, ACTION_PASS, prefix, comment);
}

int import_flatten(struct import *import, enum hook_id hook, struct import_chain *const *bases,
		   size_t count)
{
	struct flat flat = { import, hook, bases, count };
	const struct rule all = {};

	return follow(&flat, 0, &all, NULL, true);
}
