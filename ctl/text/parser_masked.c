/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_masked.c - values with a mask: TCP flags by name, Ethernet addresses, numbers. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "parser.h"

/* "syn+ack", "none" or "all". */
static int flags_read(struct rule_parser *p, const struct match_field *field, char *words,
		      struct piece at, uint64_t *ret)
{
	const char *near;
	uint64_t flags = 0;
	char *word;
	int n;

	if (!strcmp(words, "none") || !strcmp(words, "all")) {
		*ret = words[0] == 'a' ? field->max : 0;
		return 0;
	}
	while ((word = strsep(&words, "+"))) {
		n = name_number(field->names, word);
		if (n < 0) {
			parser_fault(p, at, "not a TCP flag: '%s'", word);
			near = name_nearest(field->names, word);
			if (near)
				parser_hint(p, "did you mean '%s'?", near);
			else
				parser_hint(
					p,
					"flags are fin syn rst psh ack urg ece cwr, joined by '+'");
			return -EINVAL;
		}
		flags |= (uint64_t)n;
	}
	*ret = flags;
	return 0;
}

/* "00:11:22:33:44:55" */
static bool ether_read(const char *word, uint64_t *ret)
{
	uint64_t address = 0;

	for (int i = 0; i < 6; i++, word += 3) {
		if (!isxdigit((unsigned char)word[0]) || !isxdigit((unsigned char)word[1]) ||
		    word[2] != (i < 5 ? ':' : '\0'))
			return false;
		address = address << 8 | strtoul(word, NULL, 16);
	}
	*ret = address;
	return true;
}

/* A value or its mask, in the form that the field has. */
static int bits_read(struct rule_parser *p, const struct match_field *field, char *word,
		     struct piece at, uint64_t *ret)
{
	uint32_t number;

	if (field->names)
		return flags_read(p, field, word, at, ret);
	if (field->written & AS_ETHER) {
		if (ether_read(word, ret))
			return 0;
		parser_fault(p, at, "not %s: '%s'", field->value, word);
		parser_hint(p, "for example %s", field->help);
		return -EINVAL;
	}
	if (!field_number(field, word, strlen(word), &number))
		return number_fault(p, field, word, at);
	*ret = number;
	return 0;
}

/*
 * VALUE/MASK: of the bits in MASK exactly those in VALUE are set. VALUE alone: of flags, all of these are set; of what
 * else there is, it is the whole.
 */
int masked_value(struct rule_parser *p, enum field field, const char *word, struct piece at,
		 struct value *ret)
{
	const struct match_field *f = &match_fields[field];
	const char *bit = f->names ? "flag" : "bit";
	autofree char *copy = strdup(word);
	char *mask = copy, *value;
	int r;

	if (!copy)
		return -ENOMEM;
	value = strsep(&mask, "/");
	r = bits_read(p, f, value, at, &ret->masked.value);
	ret->masked.mask = f->names ? ret->masked.value : f->max;
	if (r == 0 && mask)
		r = bits_read(p, f, mask, at, &ret->masked.mask);
	if (r < 0)
		return r;
	if (!ret->masked.mask) {
		parser_fault(p, at, "%s '%s' looks at no %s", f->word, word, bit);
		if (f->names)
			parser_hint(p, "for packets without flags: none/all");
		return -EINVAL;
	}
	if (ret->masked.value & ~ret->masked.mask)
		return parser_fault(p, at, "%s '%s' can never match: a %s is not in the mask",
				    f->word, word, bit);
	/*
	 * iptables writes "syn/syn,ack"; here the comma would make it "or ack", far more than was
	 * meant.
	 */
	if (f->names && !mask && p->masked) {
		parser_fault(p, at, "flags of a mask are joined by '+', not by ','");
		parser_hint(p, "to mean one or the other, put '%s' first", word);
		return -EINVAL;
	}
	p->masked = mask;
	return 0;
}
