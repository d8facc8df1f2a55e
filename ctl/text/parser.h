/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser.h - what the grammar, the lexer and the readers of values share; for ctl/text/ alone. */
#ifndef NETCTL_PARSER_H
#define NETCTL_PARSER_H

#include <stdio.h>

#include "../rules/names.h"
#include "../rules/rule_match.h"

#define MAX_MATCHES 64 /* in a rule */
#define RATE_HINT "for example 1000pps, 5/m or 10mbit"
#define MAX_COMMENT 128 /* bytes */
#define ADDR_TEXT 46	/* INET6_ADDRSTRLEN */

/*
 * A piece of the text, in bytes: where it is, and where its word is, which for words out of a
 * "define" is elsewhere.
 */
struct piece {
	unsigned int begin, end;
	unsigned int word, word_len;
	bool whole; /* a word of a command line that is a token as it is: without quotes and escapes */
};

struct script_reader; /* script_line.h */

struct rule_parser {
	const char *text;
	struct fault *fault;
	int error; /* 0, or the -errno that goes with *fault */
	struct script_reader *script; /* NULL: the text is one rule */
	bool begun;		      /* the grammar knows which of the two it is */

	struct rule rule;     /* so far */
	struct piece *pieces; /* of rule.matches[]; owned */

	/* the match being read: the last of rule.matches[] */
	struct piece field;
	bool masked; /* a value with a mask was the one before */

	/* the lexer's place, and the last two tokens for syntax errors */
	unsigned int offset;
	char *const *words; /* of a command line, still to be read, each by itself; the text has blanks between */
	int word_count;
	int token, previous;
	struct piece at, before;
};

/* Point the fault at a word; returns -EINVAL. */
int parser_fault(struct rule_parser *p, struct piece at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void parser_hint(struct rule_parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "dst needs an address". */
int parser_needs(struct rule_parser *p, enum field field, struct piece at);
/* "ether needs src or dst", at the place of what is not one of these. */
int parser_needs_second(struct rule_parser *p, struct piece first, struct piece at);
/* What kept the grammar from going on, from the last two tokens. */
int parser_syntax_fault(struct rule_parser *p);
/* A token as text: a quoted one without its quotes and escapes. -EINVAL, -ENOMEM. */
int parser_word(struct rule_parser *p, struct piece at, char **ret);

/* Run the grammar over p->text. */
int parser_run(struct rule_parser *p);
/* What is left to do when a rule has been read: canonical order, contradictions. */
int parser_finish(struct rule_parser *p);

/* Called by the grammar as it recognizes things. */
/* "not" is the place of that word, or NULL. */
int parser_match(struct rule_parser *p, enum field field, const struct piece * not,
		 struct piece at);
/* The field of two words. */
int parser_two_words(struct rule_parser *p, struct piece first, struct piece second, int *ret);
int parser_value(struct rule_parser *p, struct piece at, bool keyword);
int parser_comment(struct rule_parser *p, struct piece at);
/* What follows "limit", "burst", "per" and "for"; and the limit as a whole. */
int parser_rate(struct rule_parser *p, struct piece at);
int parser_burst(struct rule_parser *p, struct piece at);
int parser_per(struct rule_parser *p, struct piece at);
int parser_limit(struct rule_parser *p, struct piece at);
int parser_lifetime(struct rule_parser *p, struct piece at);

/* "1000pps burst 100 per src/24" */
void limit_print(FILE *out, const struct limit *limit);

/* One word to one value (ICMP: one or two) of the field. */
int value_read(struct rule_parser *p, enum field field, const char *word, struct piece at);

/* Decimal digits alone, without leading zeros, up to max. */
bool value_number(const char *word, size_t len, uint32_t max, uint32_t *ret);
int value_backwards(struct rule_parser *p, const char *word, struct piece at);

int addr_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret);
int port_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret);
/* A number of len bytes, as the field writes them; and the fault when it is none. */
bool field_number(const struct match_field *field, const char *word, size_t len, uint32_t *ret);
int number_fault(struct rule_parser *p, const struct match_field *field, const char *word,
		 struct piece at);
/* A number or name as the field writes them; a range of numbers where it has such. */
int number_value(struct rule_parser *p, enum field field, const char *word, struct piece at,
		 struct value *ret);
int masked_value(struct rule_parser *p, enum field field, const char *word, struct piece at,
		 struct value *ret);
void addr_print(FILE *out, const struct value *value);

#endif
