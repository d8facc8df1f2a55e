/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule.y - the grammar of the rule language.
 *
 *	ACTION [not] FIELD LIST ... [comment "TEXT"]
 *
 * LIST is values joined by commas, with or without braces. Blanks separate words; "#" begins a remark;
 * a line's end or ";" ends a rule.
 */
%define api.pure full
%define api.prefix {rule_yy}
%define api.value.type {int}
%define api.location.type {struct piece}
%define parse.error custom
%locations
%param { void *scanner }
%parse-param { struct rule_parser *p }

%code requires {
struct piece;
struct rule_parser;
}

%code provides {
int rule_yylex(int *value, struct piece *at, void *scanner);
}

%code top {
#include <errno.h>

#include "rule_parse.h"
}

%code {
#define YYLLOC_DEFAULT(all, parts, count)                                                          \
	do {                                                                                       \
		(all).begin = YYRHSLOC(parts, (count) ? 1 : 0).begin;                              \
		(all).end = YYRHSLOC(parts, count).end;                                            \
	} while (0)

static void rule_yyerror(struct piece *at, void *scanner, struct rule_parser *p, const char *message);
}

%token ACTION_WORD "action"
%token FIELD "match"
%token FRAG "frag"
%token NOT "not"
%token COMMENT "comment"
%token WORD "word"
%token STRING "quoted text"
%token OPEN_STRING "quoted text without its end"
%token BREAK "end of line"

%%

input:
	breaks rule breaks
	;

breaks:
	%empty
	| breaks BREAK
	;

rule:
	ACTION_WORD { p->rule.action = (enum action)$ACTION_WORD; } matches comment
	;

matches:
	match
	| matches match
	;

match:
	negation FRAG {
		p->error = parser_match(p, FIELD_FRAG, $negation ? &@negation : NULL, @FRAG);
		if (p->error < 0)
			YYABORT;
	}
	| negation FIELD {
		p->error = parser_match(p, (enum field)$FIELD, $negation ? &@negation : NULL, @FIELD);
		if (p->error < 0)
			YYABORT;
	} list
	;

negation:
	%empty { $$ = 0; }
	| NOT { $$ = 1; }
	;

list:
	values
	| '{' values '}' { p->pieces[p->rule.count - 1].end = @3.end; }
	| '{' values ',' '}' { p->pieces[p->rule.count - 1].end = @4.end; }
	;

values:
	value
	| values ',' value
	;

value:
	text {
		p->error = parser_value(p, @text, false);
		if (p->error < 0)
			YYABORT;
	}
	| keyword {
		p->error = parser_value(p, @keyword, true);
		if (p->error < 0)
			YYABORT;
	}
	;

comment:
	%empty
	| COMMENT text {
		p->error = parser_comment(p, @text);
		if (p->error < 0)
			YYABORT;
	}
	| COMMENT keyword {
		p->error = parser_comment(p, @keyword);
		if (p->error < 0)
			YYABORT;
	}
	;

text:
	WORD
	| STRING
	;

/* Where a value is due, the language's own words are words like any other: "proto icmp". */
keyword:
	ACTION_WORD
	| FIELD
	| FRAG
	| NOT
	| COMMENT
	;

%%

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner, struct rule_parser *p)
{
	p->error = parser_syntax_fault(p);
	return 0;
}

/* Only without memory: everything else is reported above. */
static void rule_yyerror(struct piece *at, void *scanner, struct rule_parser *p, const char *message)
{
	p->error = -ENOMEM;
}
