/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_chain.h - chains of another filter as they are read; for import_*.c alone. */
#ifndef NETCTL_IMPORT_CHAIN_H
#define NETCTL_IMPORT_CHAIN_H

#include "import.h"
#include "import_words.h"

#define MAX_IMPORTED 65536 /* rules on the output: chains in chains multiply */

/* GOTO: like JUMP, but packets the other chain does not decide do not come back to this one. */
enum target { TARGET_NONE, TARGET_PASS, TARGET_DROP, TARGET_RETURN, TARGET_JUMP, TARGET_GOTO };

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
	unsigned int hooks;  /* ON_...: those that have seen its packets before */
	enum verdict policy;
	size_t count;
	struct import_line *lines; /* owned */
	size_t active; /* on the way to here from this base chain, counted from 1; 0: from none */

	/* base chains: */
	char *title;	     /* what the output calls it; owned */
	struct rule domain;  /* hook, family and device of the packets that go through it */
	const char *no_hook; /* why none of our hooks fits it, or NULL */
};

struct import {
	int family;
	size_t count;
	struct import_chain *chains; /* owned */
	struct import_faults *faults;
	FILE *out;
	size_t printed, steps;
	uint32_t changed[HOOKS]; /* bits by enum field: what rules change behind the hook */

	/* the line of the input in hand, without the white space at its end; counted from 1 */
	unsigned int number;
	const char *text;
};

struct import_chain *import_chain_find(const struct import *import, const char *name);

/* Append an empty chain of that name; NULL without memory. */
struct import_chain *import_chain_add(struct import *import, const char *name);

/* Append an empty line to the chain; NULL without memory. */
struct import_line *import_line_add(struct import_chain *chain, unsigned int number,
				    const char *text);

/* Keep the first "count" lines of the chain. */
void import_lines_cut(struct import_chain *chain, size_t count);

/* Note that a line has no translation, in the faults and in the output. */
int import_report(struct import *import, unsigned int number, const char *text, unsigned int column,
		  unsigned int width, const char *why);

/* The same of the line in hand, because of a word of it, or NULL. */
int import_report_word(struct import *import, const struct import_word *word, const char *why);

/* The same of all that a chain does. */
int import_report_chain(struct import *import, struct import_chain *chain, const char *why);

/* Would a block of a set of that type take the text as one element, with its time? */
bool import_is_element(enum set_type type, const char *text);

/*
 * read() is called for each line of "in" but empty ones and comments; those with a NUL byte are reported instead. The
 * first error ends it.
 */
int import_lines(struct import *import, FILE *in, int (*read)(void *state), void *state);

/* The words of the line in hand; 1: a quote is not closed, that is reported. */
int import_line_words(struct import *import, struct import_words *ret);

/* Sort the faults, name a failure; frees the chains. Returns the error r, or 0. */
int import_finish(struct import *import, int r, struct fault *fault);

#endif
