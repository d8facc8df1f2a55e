/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule.y - the grammar of the rule language.
 *
 *	[disabled] ACTION [not] FIELD LIST ... [for TIME] [comment "TEXT"]
 *
 * ACTION is a word, or "limit RATE [burst N] [per KEY]".
 * LIST is values joined by commas, with or without braces. Blanks separate words; "#" begins a remark;
 * a line's end or ";" ends a rule. A file holds any number of rules, and beside them
 *
 *	policy pass|drop
 *	define NAME = WORD ...		from there on $NAME stands for the words
 *	include "FILE"
 *	set NAME [ports|services] [counters] { ELEMENT[ for TIME], ... }
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

/* As flex knows them. */
#define YYSTYPE RULE_YYSTYPE
#define YYLTYPE RULE_YYLTYPE
}

%code top {
#include <errno.h>

#include "script_line.h"
#include "script_set.h"
}

%code {
#define YYLLOC_DEFAULT(all, parts, count)                                                          \
	do {                                                                                       \
		(all).begin = (count) ? YYRHSLOC(parts, 1).begin : YYRHSLOC(parts, 0).end;         \
		(all).end = YYRHSLOC(parts, count).end;                                            \
		(all).word = YYRHSLOC(parts, (count) ? 1 : 0).word;                                \
		(all).word_len = YYRHSLOC(parts, (count) ? 1 : 0).word_len;                        \
	} while (0)

static void rule_yyerror(struct piece *at, void *scanner, struct rule_parser *p, const char *message);
}

%token ACTION_WORD "action"
%token FIELD "match"
%token LONE_FIELD "match without a value"
%token FIRST_WORD "first word of a match"
%token NOT "not"
%token COMMENT "comment"
%token LIMIT "limit"
%token BURST "burst"
%token PER "per"
%token FOR "for"
%token WORD "word"
%token STRING "quoted text"
%token OPEN_STRING "quoted text without its end"
%token BREAK "end of line"
%token DISABLED "disabled"
%token POLICY "policy"
%token DEFINE "define"
%token INCLUDE "include"
%token NAME "name of a define"
%token NOT_A_NAME "no name"
%token SET "set"
%token BLOCK "block" /* "{" and all before "}" */
/* What the lexer begins with: a rule alone, or a file. */
%token ONE_RULE FILE_TEXT

%%

input:
	ONE_RULE breaks rule breaks
	| FILE_TEXT lines
	;

/* Each line is dealt with before the next is read: it may define what that uses. */
lines:
	%empty
	| lines line
	;

line:
	BREAK
	| rule BREAK {
		p->error = script_rule(p, @rule);
		if (p->error < 0)
			YYABORT;
	}
	| POLICY choice BREAK {
		p->error = script_policy(p, @choice);
		if (p->error < 0)
			YYABORT;
	}
	| DEFINE WORD '=' words BREAK {
		p->error = script_define(p, @WORD);
		if (p->error < 0)
			YYABORT;
	}
	| SET set_head BLOCK '}' BREAK {
		p->error = script_set(p, @BLOCK);
		if (p->error < 0)
			YYABORT;
	}
	| INCLUDE text BREAK {
		p->error = script_include(p, @text, scanner);
		if (p->error < 0)
			YYABORT;
	}
	;

set_head:
	text {
		p->error = script_set_name(p, @text);
		if (p->error < 0)
			YYABORT;
	}
	| set_head text {
		p->error = script_set_word(p, @text);
		if (p->error < 0)
			YYABORT;
	}
	;

choice:
	text
	| keyword
	;

words:
	word
	| words word
	;

word:
	token {
		p->error = script_define_word(p, $token, @token);
		if (p->error < 0)
			YYABORT;
	}
	;

/* Any token with its number: a define holds tokens as they are. */
token:
	ACTION_WORD { $$ = script_token(ACTION_WORD, $1); }
	| FIELD { $$ = script_token(FIELD, $1); }
	| LONE_FIELD { $$ = script_token(LONE_FIELD, $1); }
	| FIRST_WORD { $$ = script_token(FIRST_WORD, 0); }
	| NOT { $$ = script_token(NOT, 0); }
	| COMMENT { $$ = script_token(COMMENT, 0); }
	| LIMIT { $$ = script_token(LIMIT, 0); }
	| BURST { $$ = script_token(BURST, 0); }
	| PER { $$ = script_token(PER, 0); }
	| FOR { $$ = script_token(FOR, 0); }
	| WORD { $$ = script_token(WORD, 0); }
	| STRING { $$ = script_token(STRING, 0); }
	| ',' { $$ = script_token(',', 0); }
	| '{' { $$ = script_token('{', 0); }
	| '}' { $$ = script_token('}', 0); }
	;

breaks:
	%empty
	| breaks BREAK
	;

rule:
	disabled action { p->rule.disabled = $disabled; } matches lifetime comment
	;

action:
	ACTION_WORD { p->rule.action = (enum action)$ACTION_WORD; }
	| LIMIT { p->rule.action = ACTION_LIMIT; } rate limit_words {
		p->error = parser_limit(p, @$);
		if (p->error < 0)
			YYABORT;
	}
	;

rate:
	text {
		p->error = parser_rate(p, @text);
		if (p->error < 0)
			YYABORT;
	}
	;

limit_words:
	%empty
	| limit_words BURST text {
		p->error = parser_burst(p, @text);
		if (p->error < 0)
			YYABORT;
	}
	| limit_words PER text {
		p->error = parser_per(p, @text);
		if (p->error < 0)
			YYABORT;
	}
	| limit_words PER FIELD {
		p->error = parser_per(p, @FIELD);
		if (p->error < 0)
			YYABORT;
	}
	;

disabled:
	%empty { $$ = 0; }
	| DISABLED { $$ = 1; }
	;

matches:
	match
	| matches match
	;

match:
	negation LONE_FIELD {
		p->error = parser_match(p, (enum field)$LONE_FIELD, $negation ? &@negation : NULL, @LONE_FIELD);
		if (p->error < 0)
			YYABORT;
	}
	| negation field {
		p->error = parser_match(p, (enum field)$field, $negation ? &@negation : NULL, @field);
		if (p->error < 0)
			YYABORT;
	} list
	;

field:
	FIELD
	| FIRST_WORD choice {
		p->error = parser_two_words(p, @FIRST_WORD, @choice, &$$);
		if (p->error < 0)
			YYABORT;
	}
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

lifetime:
	%empty
	| FOR text {
		p->error = parser_lifetime(p, @text);
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
	| LONE_FIELD
	| FIRST_WORD
	| NOT
	| COMMENT
	| LIMIT
	| BURST
	| PER
	| FOR
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
