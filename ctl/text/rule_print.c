/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule_print.c - rules to canonical text.
 *
 * Canonical text: "disabled" where it is, the action, the matches in the order of enum field (negated ones after plain
 * ones), how long it lasts, the comment. Values are sorted. Ports are numbers; protocols, ethertypes and ICMP types
 * names where there is one; a prefix of one address is that address; flags are "syn+ack", or
 * "syn/syn+ack" with a mask.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/duration.h"
#include "parser.h"
#include "rule_print.h"

void print_quoted(FILE *out, const char *bytes, size_t len)
{
	fputc('"', out);
	while (len) {
		size_t plain = strcspn(bytes, "\"\\");
		autofree char *text = NULL;

		plain = MIN(plain, len);
		text = text_escape(bytes, plain);
		fputs(text ? text : "", out);
		bytes += plain;
		len -= plain;
		if (len) {
			fprintf(out, "\\%c", *bytes++);
			len--;
		}
	}
	fputc('"', out);
}

static bool is_keyword(const char *word)
{
	return name_number(action_names, word) >= 0 || name_number(field_names, word) >= 0 ||
	       field_is_first_word(word) ||
	       !strcmp(word, "not") || !strcmp(word, "comment") || !strcmp(word, "burst") ||
	       !strcmp(word, "per") || !strcmp(word, "for");
}

static void print_iface(FILE *out, const char *name)
{
	bool plain = !is_keyword(name);

	for (const char *c = name; *c; c++)
		plain = plain && (isalnum((unsigned char)*c) || strchr("-_.@+:", *c));
	if (plain)
		fputs(name, out);
	else
		print_quoted(out, name, strlen(name));
}

static void print_range(FILE *out, const struct match_field *field, const struct value *v)
{
	const char *name = field->names ? name_text(field->names, (int)v->range.lo) : NULL;

	if (v->range.lo != v->range.hi)
		fprintf(out, "%u-%u", v->range.lo, v->range.hi);
	else if (name)
		fputs(name, out);
	else
		fprintf(out, field->written & AS_DECIMAL ? "%u" : "0x%04x", v->range.lo);
}

static void print_flags(FILE *out, const struct match_field *field, uint64_t flags)
{
	const char *join = "";

	if (flags == 0 || flags == field->max) {
		fputs(flags ? "all" : "none", out);
		return;
	}
	for (uint64_t flag = 1; flag <= field->max; flag <<= 1) {
		if (!(flags & flag))
			continue;
		fprintf(out, "%s%s", join, name_text(field->names, (int)flag));
		join = "+";
	}
}

/* A value or its mask, in the form that the field has. */
static void print_bits(FILE *out, const struct match_field *field, uint64_t bits)
{
	if (field->names)
		print_flags(out, field, bits);
	else if (!(field->written & AS_ETHER))
		fprintf(out, "0x%" PRIx64, bits);
	else
		for (int shift = 40; shift >= 0; shift -= 8)
			fprintf(out, "%02x%s", (unsigned int)(bits >> shift & 0xff),
				shift ? ":" : "");
}

static void print_masked(FILE *out, const struct match_field *field, const struct value *v)
{
	print_bits(out, field, v->masked.value);
	if (v->masked.mask == (field->names ? v->masked.value : field->max))
		return;
	fputc('/', out);
	print_bits(out, field, v->masked.mask);
}

/* Whether the list also holds the other family's type of that name, with the same codes. */
static bool icmp_has_twin(const struct match *match, const struct value *v, const char *name)
{
	struct value twin = *v;
	int type;

	twin.icmp.family = v->icmp.family == 4 ? 6 : 4;
	type = icmp_type_number(twin.icmp.family, name);
	twin.icmp.type = (uint8_t)type;
	for (size_t i = 0; type >= 0 && i < match->count; i++) {
		if (!value_compare(FIELD_ICMP, &match->values[i], &twin))
			return true;
	}
	return false;
}

/* Whether an IPv4 value of the list, printed by the name both have, says this IPv6 one too. */
static bool icmp_said_by_twin(const struct match *match, const struct value *v)
{
	for (const struct name *n = icmp6_names; n->name; n++) {
		if (n->number == v->icmp.type && icmp_has_twin(match, v, n->name))
			return true;
	}
	return false;
}

/*
 * A name that both ICMPs have means both, unless the rule's other matches leave one family: so one
 * of the two alone is printed as its number. Nothing is printed when the twin said it already.
 */
static const char *print_icmp(FILE *out, const struct match *match, const struct value *v,
			      int family, const char *join)
{
	int other = v->icmp.family == 4 ? 6 : 4;
	const char *name = icmp_type_name(v->icmp.family, v->icmp.type);

	if (!family && v->icmp.family == 6 && icmp_said_by_twin(match, v))
		return join;
	if (!family && name && icmp_type_number(other, name) >= 0 && !icmp_has_twin(match, v, name))
		name = NULL;
	fputs(join, out);
	if (name)
		fputs(name, out);
	else
		fprintf(out, "%u", v->icmp.type);
	if (v->icmp.code_lo || v->icmp.code_hi != 255)
		fprintf(out, "/%u", v->icmp.code_lo);
	return ",";
}

static void print_value(FILE *out, enum field field, const struct value *v)
{
	if (v->is_set) {
		fprintf(out, "@%s", v->set);
		return;
	}
	switch (match_fields[field].kind) {
	case VALUE_ADDRESS:
		addr_print(out, v);
		break;
	case VALUE_MASKED:
		print_masked(out, &match_fields[field], v);
		break;
	case VALUE_IFACE:
		print_iface(out, v->iface);
		break;
	default:
		print_range(out, &match_fields[field], v);
		break;
	}
}

static void print_match(FILE *out, const struct match *match, int family)
{
	const char *join = " ";

	fprintf(out, "%s%s", match->negated ? "not " : "", match_fields[match->field].word);
	for (size_t i = 0; i < match->count; i++) {
		const struct value *v = &match->values[i];

		if (match_fields[match->field].kind == VALUE_ICMP) {
			join = print_icmp(out, match, v, family, join);
			continue;
		}
		fputs(join, out);
		print_value(out, match->field, v);
		join = ",";
	}
}

char *match_print(const struct match *match)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out)
		print_match(out, match, 0);
	text_close(out, out, &text);
	return text;
}

int rule_print(const struct rule *rule, char **ret_text)
{
	int family = rule_family(rule->matches, rule->count);
	char duration[DURATION_SIZE];
	autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s%s", rule->disabled ? "disabled " : "",
		name_text(action_names, (int)rule->action));
	if (rule->action == ACTION_LIMIT)
		limit_print(out, &rule->limit);
	for (size_t i = 0; i < rule->count; i++) {
		fputc(' ', out);
		print_match(out, &rule->matches[i], family);
	}
	if (rule_is_timed(rule))
		fprintf(out, " for %s", duration_print(MAX(rule_left(rule), 1), duration));
	if (rule->comment) {
		fputs(" comment ", out);
		print_quoted(out, rule->comment, strlen(rule->comment));
	}
	if (fclose(out))
		return -ENOMEM;
	*ret_text = take_ptr(text);
	return 0;
}
