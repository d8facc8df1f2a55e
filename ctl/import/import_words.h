/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_words.h - the words of a line of iptables-save or ipset save, and single words in our language. */
#ifndef NETCTL_IMPORT_WORDS_H
#define NETCTL_IMPORT_WORDS_H

#include <stdio.h>

#include "../rules/rule.h"

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
#define autowords __attribute__((cleanup(import_words_free)))

/* Is it of letters, digits and these marks, so without blanks and marks of our language? */
bool import_is_plain(const char *word, const char *marks);
/* Is it one of these words, with a blank between each two? */
bool import_is_one_of(const char *word, const char *words);

/* A protocol by name or number, as iptables and nft write it; -ENOENT. */
int import_protocol(const char *word);

/* A value of iptables in our language. NULL, or why it has no translation. */
typedef const char *import_print(FILE *out, const char *word);
import_print import_print_word;
import_print import_print_address; /* ADDRESS[/MASK or /BITS] */
import_print import_print_ports;   /* "1:3,5:" as "1-3,5-65535" */
import_print import_print_protocol; /* its number */
import_print import_print_number;  /* "0x2e" as "46" */
import_print import_print_class;   /* "EF" as "ef" */
import_print import_print_tos;	   /* "0xb8/0xfc": its DSCP */
import_print import_print_mark;	   /* "0x1/0xff", its mask left out where it is of all bits */
import_print import_print_below, import_print_above; /* numbers up to 255 */
/* "SYN,ACK" as "syn+ack"; "ALL" as the six flags that iptables knows. */
void import_print_flags(FILE *out, const char *word);

/* Give the rule a comment, shortened to what one may hold. */
int import_comment(const char *text, struct rule *rule);

#endif
