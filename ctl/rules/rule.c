/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule.c - rules: parsed, compared, copied, freed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_parse.h"

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte written after a backslash in quotes: \" \\ \xNN. Returns the bytes taken, or 0. */
static size_t unescape(const char *p, char *ret)
{
	int byte;

	if (*p == '"' || *p == '\\') {
		*ret = *p;
		return 1;
	}
	if (*p != 'x' || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0)
		return 0;
	byte = hex_digit(p[1]) << 4 | hex_digit(p[2]);
	*ret = (char)byte;
	return byte ? 3 : 0;
}

int parser_word(struct rule_parser *p, struct piece at, char **ret)
{
	const char *from = p->text + at.word;
	size_t len = at.word_len, to = 0;
	autofree char *word = strndup(from, len);

	if (!word)
		return -ENOMEM;
	if (from[0] == '"') {
		for (size_t i = 1; i < len - 1; i++) {
			size_t taken;

			if (from[i] != '\\') {
				word[to++] = from[i];
				continue;
			}
			taken = unescape(from + i + 1, &word[to++]);
			if (!taken) {
				if (at.word == at.begin) {
					at.begin += (unsigned int)i;
					at.end = at.begin + 2;
				}
				parser_fault(p, at, "unknown escape: '%.2s'", from + i);
				parser_hint(p, "known are \\\" \\\\ and \\xNN, in lower case");
				return -EINVAL;
			}
			i += taken;
		}
		word[to] = '\0';
	}
	*ret = take_ptr(word);
	return 0;
}

int parser_match(struct rule_parser *p, enum field field, const struct piece * not, struct piece at)
{
	struct match *matches;
	struct piece *pieces;

	if (p->rule.count == MAX_MATCHES)
		return parser_fault(p, at, "a rule holds at most %d matches", MAX_MATCHES);
	matches = reallocarray(p->rule.matches, p->rule.count + 1, sizeof(*matches));
	if (!matches)
		return -ENOMEM;
	p->rule.matches = matches;
	pieces = reallocarray(p->pieces, p->rule.count + 1, sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	p->pieces = pieces;

	p->field = at;
	p->masked = false;
	pieces[p->rule.count] =
		(struct piece){.begin = not ? not ->begin : at.begin, .end = at.end};
	matches[p->rule.count++] = (struct match){.field = field, .negated = not };
	return 0;
}

int value_add(struct rule_parser *p, const struct value *value)
{
	struct match *match = &p->rule.matches[p->rule.count - 1];
	struct value *values = match->values;

	if (match->count == MAX_VALUES)
		return parser_fault(p, p->field, "a list holds at most %d values", MAX_VALUES);
	/* Grown in powers of two: lists can be long. */
	if ((match->count & (match->count - 1)) == 0) {
		values = reallocarray(values, MAX(1U, match->count * 2), sizeof(*values));
		if (!values)
			return -ENOMEM;
		match->values = values;
	}
	values[match->count++] = *value;
	return 0;
}

int parser_value(struct rule_parser *p, struct piece at, bool keyword)
{
	const struct match *match = &p->rule.matches[p->rule.count - 1];
	enum field field = match->field;
	autofree char *word = NULL;
	int r;

	r = parser_word(p, at, &word);
	if (r < 0)
		return r;
	if (keyword && field == FIELD_ETHERTYPE && !strcmp(word, "vlan")) {
		parser_fault(p, at, "not an ethertype: '%s'", word);
		parser_hint(p, "matches look behind VLAN tags; for the tag itself: vlan ID");
		return -EINVAL;
	}
	/* "dst proto tcp": the value was left out. But "proto icmp" is one. */
	if (keyword && !(field == FIELD_PROTO && !strcmp(word, "icmp")))
		return match->count ? parser_fault(p, at, "a value is missing before '%s'", word)
				    : parser_needs(p, field, p->field);
	p->pieces[p->rule.count - 1].end = at.end;
	return value_read(p, field, word, at);
}

int parser_comment(struct rule_parser *p, struct piece at)
{
	int r = parser_word(p, at, &p->rule.comment);
	size_t len;

	if (r < 0)
		return r;
	len = strlen(p->rule.comment);
	if (!len)
		return parser_fault(p, at, "comment needs a text");
	if (len > MAX_COMMENT)
		return parser_fault(p, at, "the comment has %zu bytes: at most %d", len,
				    MAX_COMMENT);
	for (const char *c = p->rule.comment; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return parser_fault(p, at, "a comment holds no control bytes");
	}
	return 0;
}

static int match_order(const struct match *a, const struct match *b)
{
	return a->field != b->field ? (int)a->field - (int)b->field
				    : (int)a->negated - (int)b->negated;
}

/* Stable, for equal fields stay as typed; short, so the plainest sort will do. */
static void sort_matches(struct rule *rule)
{
	for (size_t i = 1; i < rule->count; i++) {
		struct match match = rule->matches[i];
		size_t j = i;

		for (; j > 0 && match_order(&rule->matches[j - 1], &match) > 0; j--)
			rule->matches[j] = rule->matches[j - 1];
		rule->matches[j] = match;
	}
}

int parser_finish(struct rule_parser *p)
{
	int r;

	rule_settle(&p->rule);
	r = rule_check(p);
	if (r < 0)
		return r;
	sort_matches(&p->rule);
	return 0;
}

int rule_parse(const char *text, struct rule *ret, struct fault *fault)
{
	struct rule_parser parser = {.text = text, .fault = fault};
	int r = parser_run(&parser);

	if (!r)
		r = parser_finish(&parser);
	free(parser.pieces);
	if (r < 0)
		rule_free(&parser.rule);
	else
		*ret = parser.rule;
	return r;
}

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

static int copy_match(const struct match *from, struct match *ret)
{
	struct value *values = from->count ? calloc(from->count, sizeof(*values)) : NULL;

	if (from->count && !values)
		return -ENOMEM;
	if (from->count)
		memcpy(values, from->values, from->count * sizeof(*values));
	*ret = *from;
	ret->values = values;
	return 0;
}

/* Whatever is copied belongs to *ret at once, so that rule_free() can clean up a half-made copy. */
static int copy_into(const struct rule *from, struct rule *ret)
{
	if (from->comment) {
		ret->comment = strdup(from->comment);
		if (!ret->comment)
			return -ENOMEM;
	}
	if (!from->count)
		return 0;
	ret->matches = calloc(from->count, sizeof(*ret->matches));
	if (!ret->matches)
		return -ENOMEM;
	for (size_t i = 0; i < from->count; i++) {
		int r = copy_match(&from->matches[i], &ret->matches[i]);

		if (r < 0)
			return r;
		ret->count++;
	}
	return 0;
}

/* In neither of two lists: in none of both. */
static bool can_join(const struct match *a, const struct match *b)
{
	return a->field == b->field && a->negated && b->negated && a->field != FIELD_FRAG &&
	       a->field != FIELD_FLAGS && a->count + b->count <= MAX_VALUES;
}

static int join_values(struct match *match, const struct match *more)
{
	struct value *values =
		reallocarray(match->values, match->count + more->count, sizeof(*values));

	if (!values)
		return -ENOMEM;
	memcpy(values + match->count, more->values, more->count * sizeof(*values));
	match->values = values;
	match->count += more->count;
	return 0;
}

int rule_merge(struct rule *rule, const struct rule *with)
{
	struct match *matches =
		reallocarray(rule->matches, rule->count + with->count + 1, sizeof(*matches));
	size_t count = rule->count;
	int r = 0;

	if (!matches)
		return -ENOMEM;
	rule->matches = matches;
	for (size_t i = 0; i < with->count && !r; i++) {
		const struct match *more = &with->matches[i];
		struct match *same = NULL;

		for (size_t k = 0; k < count && !same; k++)
			if (match_equal(&matches[k], more) || can_join(&matches[k], more))
				same = &matches[k];
		if (same) {
			r = match_equal(same, more) ? 0 : join_values(same, more);
			continue;
		}
		r = copy_match(more, &matches[rule->count]);
		if (!r)
			rule->count++;
	}
	sort_matches(rule);
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
