/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser.c - a rule put together from what the grammar recognizes. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "rule_check.h"
#include "script_line.h"
#include "rule.tab.h"
#include "rule.lex.h"

int parser_match(struct rule_parser *p, enum field field, const struct piece * not, struct piece at)
{
	if (p->rule.count == MAX_MATCHES)
		return parser_fault(p, at, "a rule holds at most %d matches", MAX_MATCHES);
	if (array_grow(p->rule.matches, p->rule.count) < 0 ||
	    array_grow(p->pieces, p->rule.count) < 0)
		return -ENOMEM;
	p->field = at;
	p->masked = false;
	p->pieces[p->rule.count] = (struct piece){
		.begin = not ? not ->begin : at.begin, .end = at.end
	};
	p->rule.matches[p->rule.count++] = (struct match){ .field = field, .negated = not };
	return 0;
}

int parser_two_words(struct rule_parser *p, struct piece first, struct piece second, int *ret)
{
	autofree char *one = NULL, *two = NULL;
	int r = parser_word(p, first, &one);

	if (!r)
		r = parser_word(p, second, &two);
	for (enum field f = 0; !r && f < FIELDS; f++) {
		const char *word = field_second_word(f, one);

		if (word && !strcmp(word, two)) {
			*ret = (int)f;
			return 0;
		}
	}
	return r < 0 ? r : parser_needs_second(p, first, second);
}

int parser_value(struct rule_parser *p, struct piece at, bool keyword)
{
	const struct match *match = &p->rule.matches[p->rule.count - 1];
	enum field field = match->field;
	const struct name *names = match_fields[field].names;
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
	if (keyword && !(names && name_number(names, word) >= 0))
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

int parser_finish(struct rule_parser *p)
{
	int r;

	rule_settle(&p->rule);
	r = rule_check(p);
	if (r < 0)
		return r;
	rule_sort(&p->rule);
	return 0;
}

int parser_run(struct rule_parser *p)
{
	struct yy_buffer_state *buffer;
	void *scanner;
	int r;

	if (rule_yylex_init_extra(p, &scanner))
		return -ENOMEM;
	buffer = rule_yy_scan_string(p->words ? "" : p->text, scanner);
	if (p->script)
		p->script->open[0].buffer = buffer;
	r = rule_yyparse(scanner, p);
	while (p->script && script_end_include(p, scanner))
		;
	rule_yylex_destroy(scanner); /* and the text's copy */
	if (!r)
		return 0;
	return p->error < 0 ? p->error : -ENOMEM;
}
