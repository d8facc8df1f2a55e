/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_value.c - one word of a rule to a value of its match: addresses, numbers, names, ranges. */
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "../base/array.h"
#include "parser.h"

#define SERVICE_WORD 32 /* bytes; nothing longer is looked for in the system's services */

static bool is_number(const char *word)
{
	return *word && strspn(word, "0123456789") == strlen(word);
}

/*
 * A port number or service name of len bytes. The table is asked first: a rule should read the same
 * everywhere.
 */
static bool port_read(const char *word, size_t len, uint32_t *ret)
{
	char name[SERVICE_WORD + 1];
	struct servent *service;
	int n;

	if (value_number(word, len, UINT16_MAX, ret))
		return true;
	if (!len || len > SERVICE_WORD)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)word[i]) && !strchr("-_.+", word[i]))
			return false;
	}
	memcpy(name, word, len);
	name[len] = '\0';
	if (!isalpha((unsigned char)name[strcspn(name, "abcdefghijklmnopqrstuvwxyz")]))
		return false; /* digits and signs alone cannot be a name: skip the lookup */
	n = name_number(service_names, name);
	if (n < 0) {
		service = getservbyname(name, NULL);
		if (service)
			n = ntohs((uint16_t)service->s_port);
	}
	if (n < 0)
		return false;
	*ret = (uint32_t)n;
	return true;
}

int port_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret)
{
	size_t len = strlen(word);
	const char *near;

	/* Names may hold '-': the whole word first, then every place where a range could part. */
	if (port_read(word, len, &ret->range.lo)) {
		ret->range.hi = ret->range.lo;
		return 0;
	}
	for (const char *dash = strchr(word, '-'); dash; dash = strchr(dash + 1, '-')) {
		if (!port_read(word, (size_t)(dash - word), &ret->range.lo) ||
		    !port_read(dash + 1, strlen(dash + 1), &ret->range.hi))
			continue;
		return ret->range.lo > ret->range.hi ? value_backwards(p, word, at) : 0;
	}
	if (isdigit((unsigned char)word[0]))
		return parser_fault(p, at, "not a port: '%s' (0 to 65535)", word);
	parser_fault(p, at, "not a port or service name: '%s'", word);
	near = name_nearest(service_names, word);
	if (near)
		parser_hint(p, "did you mean '%s'?", near);
	return -EINVAL;
}

/* A name of the table, or else a fault with the nearest one. */
static int name_value(struct rule_parser *p, const char *what, const struct name *table,
		      const char *word, struct piece at, struct value *ret)
{
	const char *near = name_nearest(table, word);
	int n = name_number(table, word);

	if (n >= 0) {
		ret->range.lo = ret->range.hi = (uint32_t)n;
		return 0;
	}
	parser_fault(p, at, "not %s: '%s'", what, word);
	if (near)
		parser_hint(p, "did you mean '%s'?", near);
	return -EINVAL;
}

bool field_number(const struct match_field *field, const char *word, size_t len, uint32_t *ret)
{
	if (field->written & AS_DECIMAL && value_number(word, len, (uint32_t)field->max, ret))
		return true;
	if (!(field->written & AS_HEX) || strncmp(word, "0x", 2) != 0 || len < 3 || len > 10 ||
	    strspn(word + 2, "0123456789abcdefABCDEF") < len - 2)
		return false;
	*ret = (uint32_t)strtoul(word + 2, NULL, 16);
	return *ret <= field->max;
}

int number_fault(struct rule_parser *p, const struct match_field *field, const char *word,
		 struct piece at)
{
	return parser_fault(p, at,
			    field->written & AS_DECIMAL ? "not %s: '%s' (0 to %u)"
							: "not %s: '%s' (0x0000 to 0x%04x)",
			    field->value, word, (unsigned int)field->max);
}

int number_value(struct rule_parser *p, enum field field, const char *word, struct piece at,
		 struct value *ret)
{
	const struct match_field *f = &match_fields[field];
	const char *dash = f->written & AS_RANGE ? strchr(word, '-') : NULL;
	size_t len = dash ? (size_t)(dash - word) : strlen(word);
	bool number = (f->written & AS_DECIMAL && is_number(word)) ||
		      (f->written & AS_HEX && !strncmp(word, "0x", 2));

	if (field == FIELD_PROTO && !strcmp(word, "ipip")) {
		parser_fault(p, at, "'ipip' may be protocol 4 or 94");
		parser_hint(p, "4 is 'ipencap', and what tunnels of mode ipip send; 94 is 'ipip' "
			       "in /etc/protocols");
		return -EINVAL;
	}
	if (f->names && !number)
		return name_value(p, f->value, f->names, word, at, ret);
	number = field_number(f, word, len, &ret->range.lo);
	ret->range.hi = ret->range.lo;
	if (number && dash)
		number = field_number(f, dash + 1, strlen(dash + 1), &ret->range.hi);
	if (!number)
		return number_fault(p, f, word, at);
	return ret->range.lo > ret->range.hi ? value_backwards(p, word, at) : 0;
}

static int value_add(struct rule_parser *p, const struct value *value)
{
	struct match *match = &p->rule.matches[p->rule.count - 1];

	if (match->count == MAX_VALUES)
		return parser_fault(p, p->field, "a list holds at most %d values", MAX_VALUES);
	if (array_grow(match->values, match->count) < 0)
		return -ENOMEM;
	match->values[match->count++] = *value;
	return 0;
}

/* TYPE[/CODE]. A name both ICMPs have gives two values; a number's family is settled later. */
static int icmp_value(struct rule_parser *p, const char *word, struct piece at)
{
	autofree char *type = strdup(word);
	struct value v = {.icmp = {.code_hi = 255}};
	int four, six, r;
	uint32_t n;
	char *slash;

	if (!type)
		return -ENOMEM;
	slash = strchr(type, '/');
	if (slash) {
		*slash = '\0';
		if (!value_number(slash + 1, strlen(slash + 1), UINT8_MAX, &n))
			return parser_fault(p, at, "not an ICMP code: '%s' (0 to 255)", slash + 1);
		v.icmp.code_lo = v.icmp.code_hi = (uint8_t)n;
	}
	if (is_number(type)) {
		if (!value_number(type, strlen(type), UINT8_MAX, &n))
			return parser_fault(p, at, "not an ICMP type: '%s' (0 to 255)", type);
		v.icmp.type = (uint8_t)n;
		v.icmp.family = ICMP_BY_NUMBER;
		return value_add(p, &v);
	}
	four = icmp_type_number(4, type);
	six = icmp_type_number(6, type);
	if (four < 0 && six < 0)
		return name_value(p, "an ICMP type",
				  name_nearest(icmp4_names, type) ? icmp4_names : icmp6_names, type,
				  at, &v);
	if (four >= 0) {
		v.icmp.type = (uint8_t)four;
		v.icmp.family = six >= 0 ? ICMP_EITHER_4 : ICMP_4;
		r = value_add(p, &v);
		if (r < 0 || six < 0)
			return r;
	}
	v.icmp.type = (uint8_t)six;
	v.icmp.family = four >= 0 ? ICMP_EITHER_6 : ICMP_6;
	return value_add(p, &v);
}

static int iface_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret)
{
	size_t len = strlen(word);

	if (!len || len >= sizeof(ret->iface) || !strcmp(word, ".") || !strcmp(word, "..") ||
	    strpbrk(word, "/: \t\n\v\f\r"))
		return parser_fault(
			p, at, "not an interface name: '%s' (1 to 15 bytes, no blanks, no '/')",
			word);
	memcpy(ret->iface, word, len);
	return 0;
}

/* "@NAME" */
static int set_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret)
{
	if (!set_name_is_good(word + 1)) {
		parser_fault(p, at, "not the name of a set: '%s'", word);
		parser_hint(p, SET_NAME_HINT);
		return -EINVAL;
	}
	ret->is_set = true;
	memcpy(ret->set, word + 1, strlen(word));
	return 0;
}

int value_read(struct rule_parser *p, enum field field, const char *word, struct piece at)
{
	struct value v = {};
	int r;

	if (word[0] == '@' && match_fields[field].sets) {
		r = set_value(p, word, at, &v);
		return r < 0 ? r : value_add(p, &v);
	}
	switch (match_fields[field].kind) {
	case VALUE_ICMP:
		return icmp_value(p, word, at);
	case VALUE_ADDRESS:
		r = addr_value(p, word, at, &v);
		break;
	case VALUE_MASKED:
		r = masked_value(p, field, word, at, &v);
		break;
	case VALUE_IFACE:
		r = iface_value(p, word, at, &v);
		break;
	default:
		r = match_fields[field].written & AS_SERVICE ? port_value(p, word, at, &v)
							     : number_value(p, field, word, at, &v);
	}
	return r < 0 ? r : value_add(p, &v);
}
