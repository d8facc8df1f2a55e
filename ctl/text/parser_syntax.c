/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_syntax.c - what kept the grammar from going on, said so that it can be mended. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "../base/duration.h"
#include "script_line.h"
#include "rule.tab.h"

static const struct name line_words[] = {
	{0, "policy"}, {0, "define"}, {0, "include"}, {0, "set"}, {0, "disabled"}, {0, NULL},
};

/* A word where an action is due. */
static int not_an_action(struct rule_parser *p, const char *word)
{
	const char *near = name_nearest(action_names, word);

	parser_fault(p, p->at, "not an action: '%s'", word);
	if (p->script && !near)
		near = name_nearest(line_words, word);
	if (!near && !strcmp(word, "enabled"))
		parser_hint(p, "a rule is enabled unless 'disabled' stands before it");
	else if (near && !strcmp(near, word)) /* a line's own, but out of a define */
		parser_hint(p, "'%s' stands in the line itself: a define is words of rules", word);
	else if (near)
		parser_hint(p, "did you mean '%s'?", near);
	else
		parser_hint(p, "a rule begins with pass, drop, audit or limit");
	return -EINVAL;
}

static bool is_address(const char *word)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, word, bytes) == 1 || inet_pton(AF_INET6, word, bytes) == 1;
}

/* A word where "not", a field or the comment is due. */
static int not_a_match(struct rule_parser *p, const char *word)
{
	const char *near = name_nearest(field_names, word);
	enum field foreign = field_of_foreign(word);

	if (p->token == ACTION_WORD || p->token == LIMIT)
		return parser_fault(p, p->at, "a rule has one action: '%s' is a second one", word);
	if (p->token == BURST || p->token == PER)
		return parser_fault(p, p->at, "'%s' stands behind the rate of a limit", word);
	if (p->token == FOR)
		return parser_fault(p, p->at, "the time is given a second time: '%s'", word);
	parser_fault(p, p->at, "unknown word: '%s'", word);
	if (p->token == WORD && is_address(word))
		parser_hint(p, "an address follows src, dst or host; lists are joined by commas");
	else if (p->token == WORD && name_number(protocol_names, word) >= 0)
		parser_hint(p, "did you mean 'proto %s'?", word);
	else if (foreign < FIELDS)
		parser_hint(p, "did you mean '%s'?", match_fields[foreign].word);
	else if (near && strcmp(near, word)) /* a match's own, but in a place where none goes */
		parser_hint(p, "did you mean '%s'?", near);
	else if (name_nearest((const struct name[]){{0, "comment"}, {0, NULL}}, word))
		parser_hint(p, "did you mean 'comment'?");
	else if (p->previous == WORD && strspn(word, "0123456789"))
		parser_hint(p, "lists are joined by commas");
	return -EINVAL;
}

static int needs_a_match(struct rule_parser *p)
{
	parser_fault(p, p->before, "a rule needs a match");
	parser_hint(p, "for what no rule matches: netctl policy pass|drop");
	return -EINVAL;
}

/* The action is complete, and no match follows. */
static bool ends_with_action(const struct rule_parser *p)
{
	return p->previous == ACTION_WORD ||
	       (p->rule.action == ACTION_LIMIT && p->rule.limit.rate && !p->rule.count);
}

/* What is missing after a word of a limit or "for"; 0 when nothing is. */
static int incomplete_limit(struct rule_parser *p)
{
	switch (p->rule.comment ? 0 : p->previous) {
	case LIMIT:
		parser_fault(p, p->before, "limit needs a rate");
		parser_hint(p, RATE_HINT);
		return -EINVAL;
	case BURST:
		return parser_fault(p, p->before, "burst needs a number");
	case PER:
		return parser_fault(p, p->before, "per needs src, dst or flow");
	case FOR:
		parser_fault(p, p->before, "for needs a time");
		parser_hint(p, DURATION_HINT);
		return -EINVAL;
	default:
		return 0;
	}
}

/* The text ended, or a mark (comma, brace, end of line) is where a word is due. */
static int incomplete(struct rule_parser *p)
{
	const char *mark = p->token == ',' ? "','" : p->token == '{' ? "'{'" : "'}'";
	bool ended = p->token == RULE_YYEOF || p->token == BREAK;

	switch (p->previous) {
	case FIELD:
		if (!p->rule.count) /* "per src" */
			break;
		return parser_needs(p, p->rule.matches[p->rule.count - 1].field, p->field);
	case FIRST_WORD:
		return parser_needs_second(p, p->before, p->before);
	case NOT:
		return parser_fault(p, p->before, "not needs a match after it");
	case COMMENT:
		return parser_fault(p, p->before, "comment needs a text");
	case '{':
		if (p->token == '}')
			return parser_fault(p, p->at, "the list is empty");
		break;
	case ',':
		return parser_fault(p, p->before, "a value is missing after ','");
	case 0:
	case BREAK:
		if (!ended)
			break;
		parser_fault(p, p->at, "the rule is empty");
		parser_hint(p, "a rule begins with pass, drop, audit or limit");
		return -EINVAL;
	case DISABLED:
		if (!ended)
			break;
		return parser_fault(p, p->before, "disabled needs a rule after it");
	default:
		break;
	}
	if (ended && ends_with_action(p))
		return needs_a_match(p);
	if (ended)
		return parser_fault(p, p->at, "'}' is missing at the end of the list");
	return parser_fault(p, p->at, "unexpected %s", mark);
}

/* The same of a line "set NAME ...". */
static int incomplete_set(struct rule_parser *p)
{
	struct piece brace = { .begin = p->before.begin, .end = p->before.begin + 1 };

	if (p->previous == BLOCK)
		return parser_fault(p, brace, "'}' is missing at the end of the set");
	if (p->previous == '}')
		return parser_fault(p, p->at, "nothing may follow a set in its line");
	parser_fault(p, p->token == BREAK ? p->before : p->at, "a set needs a block of elements");
	parser_hint(p, "set NAME [ports|services] [counters] { ELEMENT, ... }");
	return -EINVAL;
}

/* What a line of a file that is no rule needs; 0 when it is one. */
static int incomplete_line(struct rule_parser *p)
{
	if (p->token == NOT_A_NAME)
		return parser_fault(p, p->at, "a name holds letters, digits and '_' alone");
	if (p->script && p->script->set && p->previous != BREAK)
		return incomplete_set(p);
	switch (p->previous) {
	case SET:
		parser_fault(p, p->before, "set needs a name and a block");
		parser_hint(p, "set NAME [ports|services] [counters] { ELEMENT, ... }");
		return -EINVAL;
	case POLICY:
		return parser_fault(p, p->before, "policy needs pass or drop");
	case DEFINE:
		return parser_fault(p, p->before, "define needs a name: define NAME = WORDS");
	case INCLUDE:
		return parser_fault(p, p->before, "include needs the name of a file");
	case '=':
		return parser_fault(p, p->before, "define needs words behind '='");
	default:
		break;
	}
	if (p->script && p->previous == WORD && !p->rule.count && p->token == BREAK)
		return parser_fault(p, p->before, "define needs '=' and words behind it");
	return 0;
}

int parser_syntax_fault(struct rule_parser *p)
{
	autofree char *word = NULL;
	int r;

	if (p->token != OPEN_STRING) {
		r = incomplete_limit(p);
		if (!r && !ends_with_action(p))
			r = incomplete_line(p);
		if (r < 0)
			return r;
	}
	switch (p->token) {
	case OPEN_STRING:
		return parser_fault(p, p->at, "the closing '\"' is missing");
	case RULE_YYEOF:
	case BREAK:
	case ',':
	case '{':
	case '}':
		return incomplete(p);
	default:
		break;
	}
	r = parser_word(p, p->at, &word);
	if (r < 0)
		return r;
	if (p->rule.comment) {
		parser_fault(p, p->at, "nothing may follow the comment: '%s'", word);
		parser_hint(p, p->token == FOR ? "'for TIME' stands before the comment"
					       : "a comment of several words is quoted");
		return -EINVAL;
	}
	if (p->rule.count && p->previous == BREAK)
		return parser_fault(p, p->at, "one rule only: '%s' begins another", word);
	if (p->previous == 0 || p->previous == BREAK || p->previous == DISABLED)
		return not_an_action(p, word);
	if (p->script && !p->rule.count && !ends_with_action(p) && p->previous != NOT)
		return parser_fault(p, p->at, "unexpected word: '%s'", word);
	if (p->previous == NOT && (p->token == NOT || p->token == COMMENT || p->token == FOR))
		return parser_fault(p, p->before, "not needs a match after it");
	if (ends_with_action(p) && (p->token == COMMENT || p->token == FOR))
		return needs_a_match(p);
	return not_a_match(p, word);
}
