/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fields.h - the match fields of the rule language: all that is known of one is its row of fields.def, but for its
 * meaning. That is code of ctl/compile/expand.c and bpf/rules/ and, once more and by itself, of ctl/check/oracle.c.
 */
#ifndef NETCTL_FIELDS_H
#define NETCTL_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/types.h"
#include "../../bpf/rules/blob.h"
#include "names.h"
#include "set.h"

/* Which member of struct value its values are. */
enum value_kind {
	VALUE_NONE, /* it has no values: the word alone is the match */
	VALUE_RANGE,
	VALUE_ADDRESS,
	VALUE_ICMP,
	VALUE_MASKED,
	VALUE_IFACE,
};

/* How numbers are written, beside by their names. */
enum {
	AS_DECIMAL = 1,
	AS_HEX = 2,
	AS_RANGE = 4,	/* N-M, too */
	AS_SERVICE = 8, /* a service's name, as an end of a range, too */
	AS_ETHER = 16,	/* six bytes with colons between */
};

/*
 * What a packet must have before a match says anything of it, be it yes or no. Numbers have an order: a packet that the
 * parser could not read may have what comes before what it lacks.
 */
enum field_needs {
	NEEDS_NOTHING,
	NEEDS_FRAME, /* all its tags read, and so its ethertype */
	NEEDS_IP,
	NEEDS_PROTO, /* IP, and its extension headers read */
	NEEDS_PORTS, /* a protocol with ports, whose header was read */
	NEEDS_TCP,   /* the same of TCP */
	NEEDS_ICMP,  /* ICMP or ICMPv6, the same */
};

#define ON_XDP (1u << HOOK_XDP)
#define ON_TC (1u << HOOK_TC)
#define ON_NF (1u << HOOK_NF)
#define ON_ALL (ON_XDP | ON_TC | ON_NF)

#define OF_ADDRESSES (1u << SET_ADDRESSES)
#define OF_SERVICES (1u << SET_SERVICES)
#define OF_PORTS (1u << SET_PORTS)

enum field {
#define FIELD(id, ...) FIELD_##id,
#include "fields.def"
#undef FIELD
	FIELDS,
};

/* Which member of struct packet or of struct envelope has its values; by the row's axis. */
enum field_place {
	PLACE_OTHER, /* the flow key's and those that their meaning tells */
	PLACE_BYTE,
	PLACE_NUMBER = PLACE_BYTE + BYTE_COUNT,
#define X(id) PLACE_##id = PLACE_BYTE + BYTE_##id,
	BYTE_FIELDS(X)
#undef X
#define X(id) PLACE_##id = PLACE_NUMBER + NUMBER_##id,
	NUMBER_FIELDS(X)
#undef X
};

struct match_field {
	const char *word;
	enum value_kind kind;
	enum field_place place;
	unsigned int written;	  /* AS_..., of numbers */
	uint64_t max;		  /* the largest number */
	const struct name *names; /* of numbers or flags, or NULL */
	const char *value;	  /* what faults call one: "a length" */
	const char *asks;	  /* what "it needs", where that is something else */
	enum field_needs needs;
	unsigned int only_on; /* the hooks where a packet has one, or 0: at all */
	unsigned int sets;    /* OF_...: the sets that may be among its values */
	unsigned int ends;    /* enum direction: of the packet, that it is about */
	bool two;	      /* a packet has two: "port 1 port 2" is met by one of each */
	bool varies;	      /* among the packets of one flow: the flow key has none */
	bool local;	      /* of one packet, interfaces that stand on each other may tell different ones */
	const char *takes;    /* what help calls its values, or NULL */
	const char *help;     /* examples, or what it is */
	const char *foreign;  /* words of other tools that mean it, or NULL */
};

/* Hooks in a sentence: "tc and nf". */
const char *hooks_text(unsigned int hooks);

extern const struct match_field match_fields[FIELDS];
extern const struct name field_names[]; /* by enum field */

/* The second word of a field of two, if that is its first: "src" of "ether src"; or NULL. */
const char *field_second_word(enum field field, const char *first);
/* Whether a field of two words has it for its first. */
bool field_is_first_word(const char *word);

/* The field that a word of another tool means; FIELDS: none. */
enum field field_of_foreign(const char *word);

/* Its values are addresses. */
static inline bool field_is_address(enum field field)
{
	return match_fields[field].kind == VALUE_ADDRESS;
}

/* It is about the Ethernet header's addresses. */
static inline bool field_is_ether(enum field field)
{
	return field == FIELD_ETHER_SRC || field == FIELD_ETHER_DST;
}

/* Its values are names of interfaces. */
static inline bool field_is_iface(enum field field)
{
	return match_fields[field].kind == VALUE_IFACE;
}

/* Says nothing of packets whose transport header was not read. */
static inline bool field_needs_transport(enum field field)
{
	return match_fields[field].needs >= NEEDS_PORTS;
}

#endif
