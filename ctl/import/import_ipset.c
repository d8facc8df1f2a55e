/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_ipset.c - the output of "ipset save" as blocks of sets: "create" opens one, "add" gives it elements. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/duration.h"
#include "../rules/names.h"
#include "import_chain.h"
#include "import_words.h"

/* Where the reading is. */
struct state {
	struct import import;
	char name[32];	    /* of the open set, "": none */
	bool skipped;	    /* it has no translation */
	enum set_type type; /* SET_SERVICES: elements are ADDRESS,PROTO:PORT */
	unsigned int mask;  /* bits that hash:ip looks at, 0: all */
	bool any;	    /* a "create" was seen */
};

static const struct {
	const char *name, *words;
	enum set_type type;
} types[] = {
	{ "hash:ip", "", SET_ADDRESSES },
	{ "hash:net", "", SET_ADDRESSES },
	{ "bitmap:ip", "", SET_ADDRESSES },
	{ "bitmap:port", " ports", SET_PORTS },
	{ "hash:ip,port", " services", SET_SERVICES },
};

static int report(struct state *s, const struct import_word *word, const char *why)
{
	return import_report_word(&s->import, word, why);
}

/* The option of that name, or with after = 1 its value; NULL: it is not there. */
static const struct import_word *option(const struct import_words *words, const char *name,
					size_t after)
{
	for (size_t i = 3; i + after < words->count; i++)
		if (!strcmp(words->word[i].text, name))
			return &words->word[i + after];
	return NULL;
}

/* 0: not a prefix length. */
static unsigned int mask_bits(const char *word, bool six)
{
	size_t len = strlen(word);
	unsigned int bits = 0;

	if (len <= 3 && strspn(word, "0123456789") == len)
		bits = (unsigned int)atoi(word);
	return bits <= (six ? 128 : 32) ? bits : 0;
}

static void end_set(struct state *s)
{
	if (s->name[0] && !s->skipped)
		fputs("}\n", s->import.out);
	s->name[0] = '\0';
}

/* "create NAME hash:ip family inet hashsize 1024 ..." */
static int read_create(struct state *s, const struct import_words *words)
{
	const struct import_word *mask = option(words, "netmask", 1),
				 *family = option(words, "family", 1);
	unsigned int bits =
		mask ? mask_bits(mask->text, family && !strcmp(family->text, "inet6")) : 0;
	size_t type = 0;

	end_set(s);
	s->any = true;
	s->skipped = true;
	if (words->count < 3 || strlen(words->word[1].text) >= sizeof(s->name))
		return report(s, NULL, "not understood");
	snprintf(s->name, sizeof(s->name), "%s", words->word[1].text);
	while (type < ARRAY_SIZE(types) && strcmp(words->word[2].text, types[type].name) != 0)
		type++;
	if (type == ARRAY_SIZE(types))
		return report(s, &words->word[2], "sets of that type have no equivalent");
	if (!set_name_is_good(s->name))
		return report(s, &words->word[1], "netctl does not take that set name");
	if (option(words, "bitmask", 0))
		return report(s, option(words, "bitmask", 1), "a mask with holes");
	if (mask && !bits)
		return report(s, mask, "not a prefix length");
	s->skipped = false;
	s->type = types[type].type;
	s->mask = bits;
	fprintf(s->import.out, "set %s%s%s {\n", s->name, types[type].words,
		option(words, "counters", 0) ? " counters" : "");
	return 0;
}

/* Addresses, ports and what joins them. */
static bool plain(const char *word)
{
	return *word && !word[strspn(word, "0123456789abcdefABCDEF:./-")];
}

/* "10.0.0.5,udp:53" as "10.0.0.5:53/udp" */
static bool print_service(FILE *out, const char *word)
{
	autofree char *address = strdup(word);
	char *protocol = address ? strchr(address, ',') : NULL;
	char *ports = protocol ? strchr(protocol, ':') : NULL;

	if (!ports)
		return false;
	*protocol++ = '\0';
	*ports++ = '\0';
	return plain(address) && plain(ports) &&
	       protocol_has_ports((uint32_t)name_number(protocol_names, protocol)) &&
	       fprintf(out, strchr(address, ':') ? "[%s]:%s/%s" : "%s:%s/%s", address, ports,
		       protocol) > 0;
}

/* "life": "300s", or NULL. */
static int print_element(struct state *s, const struct import_word *word, const char *life)
{
	autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool good = true;

	if (!out)
		return -ENOMEM;
	if (s->type == SET_SERVICES)
		good = print_service(out, word->text);
	else
		fputs(word->text, out);
	if (s->mask && !strpbrk(word->text, "/-"))
		fprintf(out, "/%u", s->mask);
	if (life)
		fprintf(out, " for %s", life);
	if (fclose(out))
		return -ENOMEM;
	if (!good)
		return report(s, word, "only ports of tcp, udp, udplite, sctp and dccp");
	if (!import_is_element(s->type, text))
		return report(s, word, "not an element netctl can hold");
	fprintf(s->import.out, "\t%s\n", text);
	return 0;
}

/* "add NAME ELEMENT timeout 300" */
static int read_add(struct state *s, const struct import_words *words)
{
	const struct import_word *timeout = option(words, "timeout", 1);
	autofree char *life = NULL;
	const struct import_word *word;
	uint32_t seconds;

	if (words->count < 3 || !s->name[0] || strcmp(words->word[1].text, s->name) != 0)
		return report(s, NULL, "valid only right after its set");
	if (s->skipped) /* already reported */
		return 0;
	word = &words->word[2];
	if (option(words, "nomatch", 0))
		return report(s, NULL, "'nomatch' has no equivalent");
	if (timeout && strcmp(timeout->text, "0") != 0) {
		life = text_printf("%ss", timeout->text);
		if (!life)
			return -ENOMEM;
		if (!duration_read(life, &seconds))
			return report(s, timeout, "not a lifetime netctl can hold");
	}
	if (s->type == SET_SERVICES ? strchr(word->text, '/') || !strchr(word->text, ',')
				    : !plain(word->text))
		return report(s, word, "not an element netctl can hold");
	return print_element(s, word, life);
}

static int read_line(void *state)
{
	autowords struct import_words words = {};
	struct state *s = state;
	int r = import_line_words(&s->import, &words);

	if (r)
		return MIN(r, 0);
	if (import_is_one_of(words.word[0].text, "create -N"))
		return read_create(s, &words);
	if (import_is_one_of(words.word[0].text, "add -A"))
		return read_add(s, &words);
	return report(s, NULL, "not a line that ipset writes");
}

int import_ipset(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault)
{
	struct state s = { .import = { .faults = ret, .out = out } };
	int r = import_lines(&s.import, in, read_line, &s);

	end_set(&s);
	if (!r && !s.any)
		r = fault_set(fault, -EINVAL, EXIT_USAGE, "this is not the output of ipset save");
	return import_finish(&s.import, r, fault);
}
