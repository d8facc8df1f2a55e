/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_parse.h - chains of another filter as they are read; for ctl/import*.c alone. */
#ifndef NETCTL_IMPORT_PARSE_H
#define NETCTL_IMPORT_PARSE_H

#include "import.h"
#include "rule.h"

#define MAX_IMPORTED 65536 /* rules on the output: chains in chains multiply */
#define MAX_JUMPS 32	   /* chains in chains */

enum target { TARGET_NONE, TARGET_PASS, TARGET_DROP, TARGET_RETURN, TARGET_JUMP };

struct import_line {
	unsigned int number;
	char *text;	  /* owned */
	struct rule rule; /* matches, the family's among them, and comment */
	enum target target;
	char *jump; /* name of a chain; owned */

	/* no translation: why, and the word at fault */
	char *why; /* owned */
	unsigned int column, width;
	bool reported;
};

struct import_chain {
	char *name;	     /* owned */
	unsigned int number; /* of the line that declares it */
	char *text;	     /* that line; owned */
	bool base;	     /* has a policy */
	enum verdict policy;
	size_t count;
	struct import_line *lines; /* owned */
	bool active;		   /* on the way from the base chain to here */
};

struct import {
	int family;
	size_t count;
	struct import_chain *chains; /* of table filter; owned */
	struct import_faults *faults;
	FILE *out;
	size_t printed;
};

struct import_chain *import_chain_find(const struct import *import, const char *name);

/* Note that a line has no translation, in the faults and in the output. */
int import_report(struct import *import, unsigned int number, const char *text, unsigned int column,
		  unsigned int width, const char *why);

/* ---- import_words.c ---- */

/* A word of a line, without its quotes. */
struct import_word {
	char *text; /* owned */
	unsigned int begin, end;
};

struct import_words {
	size_t count;
	struct import_word *word; /* owned */
};

/* -EINVAL when a quote is not closed. */
int import_split(const char *text, struct import_words *ret);
void import_words_free(struct import_words *words);

/* ADDRESS[/MASK or /BITS] as our rules have it; false when the mask has holes. */
bool import_print_address(FILE *out, const char *word);
/* "1:3,5:" as "1-3,5-65535" */
void import_print_ports(FILE *out, const char *word);
/* "SYN,ACK" as "syn+ack"; "ALL" as the six flags that iptables knows. */
void import_print_flags(FILE *out, const char *word);

/* ---- import_match.c ---- */

/* Options from words[first] on into the line's rule and target, or its why. -ENOMEM. */
int import_options(int family, const struct import_words *words, size_t first,
		   struct import_line *line);

/* ---- import_flat.c ---- */

/* What a base chain does at a hook, chains in chains flattened, as rules. */
int import_flatten(struct import *import, struct import_chain *chain, enum hook_id hook);

#endif
