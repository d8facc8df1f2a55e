/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule_parse.h - what the grammar, the lexer and the makers of values share; for ctl/rule*.c alone.
 */
#ifndef NETCTL_RULE_PARSE_H
#define NETCTL_RULE_PARSE_H

#include <stdio.h>

#include "../rules/names.h"
#include "../rules/rule.h"

#define MAX_MATCHES 64 /* in a rule */
#define MAX_VALUES \
	4096 /* in a list: comparing two lists stays quick; the compiler's own limit is lower */
#define RATE_HINT "for example 1000pps, 5/m or 10mbit"
#define MAX_COMMENT 128 /* bytes */
#define ADDR_TEXT 46	/* INET6_ADDRSTRLEN */

/*
 * A piece of the text, in bytes: where it stands, and where its word is, which for words out of a
 * "define" is elsewhere.
 */
struct piece {
	unsigned int begin, end;
	unsigned int word, word_len;
};

struct script_reader; /* script_parse.h */

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
	bool masked; /* a value with a mask was among the flags */

	/* the lexer's place, and the last two tokens for syntax errors */
	unsigned int offset;
	int token, previous;
	struct piece at, before;
};

/* A value of ICMP that waits for icmp_resolve(): the rule's other matches may decide the family. */
enum icmp_family {
	ICMP_BY_NUMBER = 0,
	ICMP_4 = 4,
	ICMP_6 = 6,
	ICMP_EITHER_4 = 14, /* the two meanings of one name */
	ICMP_EITHER_6 = 16,
};

/* Point the fault at a word; returns -EINVAL. */
int parser_fault(struct rule_parser *p, struct piece at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void parser_hint(struct rule_parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "dst needs an address". */
int parser_needs(struct rule_parser *p, enum field field, struct piece at);
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

/* Whether "@NAME" may stand among the field's values. */
bool field_takes_sets(enum field field);
/* One word to one value (ICMP: one or two) of the field. */
int value_read(struct rule_parser *p, enum field field, const char *word, struct piece at);
int value_add(struct rule_parser *p, const struct value *value);

/* Decimal digits alone, without leading zeros, up to max. */
bool value_number(const char *word, size_t len, uint32_t max, uint32_t *ret);
int value_backwards(struct rule_parser *p, const char *word, struct piece at);

int addr_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret);
int port_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret);
int proto_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret);
int addr_compare(const struct addr6 *a, const struct addr6 *b);
void addr_print(FILE *out, const struct value *value);

/* Order of values in canonical text; 0 when they are equal. */
int value_compare(enum field field, const struct value *a, const struct value *b);
/* Every packet that has b has a. */
bool value_covers(enum field field, const struct value *a, const struct value *b);
bool value_overlaps(enum field field, const struct value *a, const struct value *b);

/* What of the three compiled lists (see bpf/types.h) a match can hold for. */
enum {
	ON_IP4 = 1,
	ON_IP6 = 2,
	ON_OTHER = 4,
};
uint8_t match_families(const struct match *match);
/* Whether the number is in the list; for fields whose values are ranges. */
bool match_lists(const struct match *match, uint32_t number);

/* The one family (4 or 6) that the matches other than ICMP leave, or 0. */
int rule_family(const struct match *matches, size_t count);
/* Settle the families of ICMP values; sort values and drop doubles. */
void rule_settle(struct rule *rule);
/* Refuse what no packet can satisfy. */
int rule_check(struct rule_parser *p);

#endif
