/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft.h - the output of "nft -j list ruleset" as it is read; for import_nft*.c alone. */
#ifndef NETCTL_IMPORT_NFT_H
#define NETCTL_IMPORT_NFT_H

#include <jansson.h>

#include "import_chain.h"

#define MAX_VARIANTS 4096 /* rules that one rule may become: one an element of what joins fields */

/* A named set or map. Strings and elements belong to the JSON. */
struct nft_set {
	const char *table; /* of it, and its family's */
	const char *family, *name;
	const json_t *type, *elements;
	bool counters; /* of its elements */
	bool used;     /* by a rule as a set: it needs its block */
};

struct nft {
	struct import import;
	size_t set_count;
	struct nft_set *sets; /* owned */
};

/* What a match looks at. */
enum nft_kind {
	NFT_ADDRESS,
	NFT_PORT,
	NFT_PROTO,
	NFT_TYPE, /* of ICMP */
	NFT_CODE,
	NFT_FLAGS,
	NFT_IFACE,
	NFT_ETHERTYPE,
	NFT_FRAGMENT,
	NFT_DSCP,
	NFT_TTL,
	NFT_MAC,
	NFT_MARK,
};

struct nft_key {
	enum nft_kind kind;
	const char *field;  /* in our language */
	const char *needs;  /* what else holds for packets that have it: "proto tcp", or NULL */
	int icmp;	    /* NFT_TYPE, NFT_CODE: 4 or 6; NFT_ADDRESS: 4 or 6 */
	bool any_proto;	    /* ports of any protocol: one with ports must be named */
	uint64_t mask;	    /* NFT_MAC, NFT_MARK: the bits that count; 0: all */
};

/* One of the rules that a rule becomes. */
struct nft_variant {
	char *text; /* matches of our language; owned */
	enum target target;
	const char *jump; /* name of a chain in the table, or NULL; the JSON's */
};

/* A rule being read. */
struct nft_rule {
	struct nft *nft;
	const char *family, *table;
	size_t count;
	struct nft_variant *variants; /* owned */
	const char *needs[8];	      /* each once, after the variants' text */
	size_t need_count;
	const json_t *type; /* of an ICMP type alone, until its code is known */
	struct nft_key type_key;
	bool type_negated;
	bool proto;	  /* names protocols with ports alone */
	bool any_proto;	  /* looks at ports of any protocol */
	bool decided;	  /* a verdict has been */
	bool never;	  /* no packet meets it */
	const json_t *at; /* what has no translation */
	char *why;	  /* owned; NULL: all has */
};

/* ---- import_nft_out.c ---- */

/* Note that the rule has no translation because of "at". 0: that is no failure. */
int nft_no_translation(struct nft_rule *rule, const json_t *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A string of an object, or NULL. */
const char *nft_string(const json_t *object, const char *name);

/* Append to the text of all variants. */
int nft_append(struct nft_rule *rule, const char *text);
/* Append to all of it, once; the text is not copied, NULL is none. */
int nft_need(struct nft_rule *rule, const char *text);

/* {"jump": {"target": ...}} */
int nft_read_verdict(struct nft_rule *rule, const json_t *verdict, struct nft_variant *ret);

/* ---- import_nft_rule.c ---- */

/* The statements of a rule, as lines of its chain. -ENOMEM. */
int nft_read_rule(struct nft *nft, const json_t *rule, struct import_chain *chain,
		  unsigned int number);

/* ---- import_nft_match.c ---- */

/* {"op": ..., "left": ..., "right": ...} */
int nft_read_match(struct nft_rule *rule, const json_t *match);

/* An ICMP type without a code. */
int nft_flush_type(struct nft_rule *rule);

/* ---- import_nft_join.c ---- */

/* "left" against the elements of a set; map: each with its verdict. */
int nft_read_elements(struct nft_rule *rule, const json_t *left, const json_t *right, bool map);

/* ---- import_nft_key.c ---- */

/* Our word for what an expression looks at, or NULL. */
const char *nft_key_field(const json_t *expression);
/* What an expression looks at; false: it has no translation, and said so. */
bool nft_key(struct nft_rule *rule, const json_t *expression, struct nft_key *ret);

/* ---- import_nft_change.c ---- */

/* What a rule of a chain whose packets those hooks (ON_...) see before changes of them. */
void nft_note_changes(struct import *import, unsigned int hooks, const json_t *statements);

/* ---- import_nft_value.c ---- */

/*
 * The value of a set's element, and the seconds it has left, 0: it stays. NULL: there is more to it than to be there,
 * as a limit.
 */
const json_t *nft_element(const json_t *element, json_int_t *ret_left);
/*
 * One value, range or prefix, or elements of a set joined by ",", as the value of a match; false: there is none.
 * Elements that expire have none: the match would not.
 */
bool nft_print_values(FILE *out, const struct nft_key *key, const json_t *values);
/* The same in a text of its own, which the caller frees; NULL: there is none, or no memory. */
char *nft_values_text(const struct nft_key *key, const json_t *values);
/* The mask of such a match; 0: there is no translation. */
uint64_t nft_mask(enum nft_kind kind, const json_t *mask);
/* Whether such a text of protocols lists only those with ports. */
bool nft_have_ports(const char *text);
/* Flags by their names with "between" in between; "none" for 0. */
bool nft_print_flags(FILE *out, const json_t *value, const char *between);

/* ---- import_nft_set.c ---- */

/* "@NAME" of the rule's table, or NULL. */
struct nft_set *nft_set_find(const struct nft_rule *rule, const char *name);

/* Whether a set can be one of our blocks, for a match of that kind. */
bool nft_set_is(const struct nft_set *set, enum nft_kind kind);
/* Addresses with ports, and with protocols between if proto. */
bool nft_set_is_services(const struct nft_set *set, bool *ret_proto);

/* The blocks of all sets that are used. */
int nft_print_sets(struct nft *nft, FILE *out);

/* A set's name among ours: with its table's in front where two share it. */
int nft_set_name(const struct nft *nft, const struct nft_set *set, char *ret, size_t size);

#endif
