/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_match.c - a match of nft as matches of our language. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/names.h"
#include "import_nft.h"

#define OFFSET 0x1fff /* of a fragment, but for the first */

/* A match while it is read. */
struct reading {
	struct nft_rule *rule;
	const json_t *match, *right;
	const char *op;
	bool negated;
	struct nft_key key;
	const json_t *mask; /* or NULL */
};

static int refuse_value(const struct reading *r)
{
	return nft_no_translation(r->rule, r->match, "the value has no exact translation");
}

static int refuse_op(const struct reading *r)
{
	return nft_no_translation(r->rule, r->match, "'%s' has no exact translation here", r->op);
}

/* " not field text" and what it needs. */
static int append(struct reading *r, const char *text)
{
	autofree char *match =
		text_printf(" %s%s %s", r->negated ? "not " : "", r->key.field, text);

	if (!match)
		return -ENOMEM;
	return nft_need(r->rule, r->key.needs) ?: nft_append(r->rule, match);
}

/* Whether an element of a set does. */
static bool expires(const json_t *values)
{
	const json_t *set = json_object_get(values, "set") ?: values, *element;
	json_int_t left = 0;
	size_t i;

	json_array_foreach(set, i, element)
	{
		nft_element(element, &left);
		if (left)
			return true;
	}
	return false;
}

static int append_values(struct reading *r, const json_t *values)
{
	autofree char *text = nft_values_text(&r->key, values);

	if (!text && expires(values))
		return nft_no_translation(r->rule, r->match,
					  "an element expires; a rule would not");
	if (!text)
		return refuse_value(r);
	if (r->key.kind == NFT_PROTO && !r->negated && nft_have_ports(text))
		r->rule->proto = true;
	r->rule->any_proto |= r->key.any_proto;
	return append(r, text);
}

/* The largest of numbers that can be compared; 0: the key has none. */
static long long largest(const struct nft_key *key)
{
	bool ordered = key->kind == NFT_PORT || key->kind == NFT_DSCP || key->kind == NFT_TTL ||
		       key->kind == NFT_MARK;

	return ordered ? (long long)match_fields[name_number(field_names, key->field)].max : 0;
}

static char *numbers_text(const struct nft_key *key, long long lo, long long hi)
{
	json_t *range = json_pack("{s:[I,I]}", "range", (json_int_t)lo, (json_int_t)hi);
	char *text = range ? nft_values_text(key, range) : NULL;

	json_decref(range);
	return text;
}

/* "<" and the like, of numbers and addresses. */
static int read_comparison(struct reading *r)
{
	bool below = r->op[0] == '<', equal = r->op[1] == '=';
	autofree char *value = nft_values_text(&r->key, r->right);
	autofree char *text = NULL;
	long long max = largest(&r->key), number;

	if (!value || strchr(value, '-') || strchr(value, ',') || strchr(value, '/'))
		return refuse_value(r);
	if (r->key.kind == NFT_ADDRESS && equal) {
		const char *first = r->key.icmp == 4 ? "0.0.0.0" : "::";
		const char *last = r->key.icmp == 4 ? "255.255.255.255"
						    : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

		text = text_printf("%s-%s", below ? first : value, below ? value : last);
	} else if (max) {
		number = strtoll(value, NULL, 0) + (equal ? 0 : below ? -1 : 1);
		if (number < 0 || number > max)
			return nft_no_translation(r->rule, r->match, "no packet meets it");
		text = numbers_text(&r->key, below ? 0 : number, below ? number : max);
		/* Every packet has a mark, and the others may be a range of fewer masks. */
		if (!text && r->key.kind == NFT_MARK) {
			r->negated = true;
			text = numbers_text(&r->key, below ? number + 1 : 0,
					    below ? max : number - 1);
		}
	} else {
		return refuse_op(r);
	}
	if (!text)
		return refuse_value(r);
	r->rule->any_proto |= r->key.any_proto;
	return append(r, text);
}

static int read_flags(struct reading *r)
{
	bool any = !strcmp(r->op, "in"), none = !strcmp(r->op, "!");
	const json_t *list = json_object_get(r->right, "|") ?: r->right;
	autofree char *text = NULL;
	size_t size;
	FILE *out;
	bool good;

	if (!any && !none && !r->mask)
		return append_values(r, r->right);
	if ((any || none) == !!r->mask)
		return refuse_op(r);
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	if (any) { /* one of them is enough */
		good = nft_print_flags(out, list, ",");
	} else {
		good = none ? fputs("none", out) >= 0 : nft_print_flags(out, r->right, "+");
		fputc('/', out);
		good = good && nft_print_flags(out, none ? list : r->mask, "+");
	}
	if (fclose(out))
		return -ENOMEM;
	return good ? append(r, text) : refuse_value(r);
}

/* "ip frag-off & 0x1fff != 0" */
static int read_fragment(struct reading *r)
{
	bool zero = json_is_integer(r->right) && !json_integer_value(r->right);
	int error = nft_need(r->rule, r->key.needs);

	if (!r->mask || json_integer_value(r->mask) != OFFSET || !zero ||
	    (strcmp(r->op, "==") != 0 && !r->negated))
		return nft_no_translation(r->rule, r->match,
					  "only '& 0x1fff', later fragments, has a translation");
	return error ? error : nft_append(r->rule, r->negated ? " frag" : " not frag");
}

int nft_flush_type(struct nft_rule *rule)
{
	struct reading r = {
		.rule = rule,
		.match = rule->type,
		.key = rule->type_key,
		.negated = rule->type_negated,
	};

	return rule->type ? append_values(&r, take_ptr(rule->type)) : 0;
}

/* Types and codes together: each with each. */
static int read_code(struct reading *r)
{
	struct nft_rule *rule = r->rule;
	autofree char *codes = nft_values_text(&r->key, r->right);
	autofree char *types = NULL, *text = NULL;
	size_t size;
	FILE *out;

	if (!rule->type || rule->type_negated || r->negated || rule->type_key.icmp != r->key.icmp)
		return nft_no_translation(rule, r->match, "a code needs its type before it");
	types = nft_values_text(&rule->type_key, rule->type);
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	for (char *save, *t = types ? strtok_r(types, ",", &save) : NULL; t && codes;
	     t = strtok_r(NULL, ",", &save)) {
		autofree char *copy = strdup(codes);

		for (char *at, *c = copy ? strtok_r(copy, ",", &at) : NULL; c;
		     c = strtok_r(NULL, ",", &at))
			fprintf(out, "%s%s/%s", ftell(out) ? "," : "", t, c);
	}
	rule->type = NULL;
	if (fclose(out))
		return -ENOMEM;
	return *text ? append(r, text) : refuse_value(r);
}

static int read_type(struct reading *r)
{
	int error = nft_flush_type(r->rule);

	r->rule->type = r->right;
	r->rule->type_key = r->key;
	r->rule->type_negated = r->negated;
	return error;
}

/* Of a set without elements: no packet, or every one. */
static int read_empty(struct reading *r)
{
	if (!r->negated) {
		r->rule->never = true;
		return 0;
	}
	/* Ports have to be there. */
	return nft_need(r->rule, r->key.needs) ?:
	       nft_append(r->rule, r->key.kind == NFT_PORT ? " dport 0-65535" : "");
}

static int read_named(struct reading *r, const char *name)
{
	struct nft_set *set = nft_set_find(r->rule, name);
	char shown[80];

	if (!set)
		return nft_no_translation(r->rule, r->match, "there is no such set");
	if (!nft_set_is(set, r->key.kind)) {
		if (!json_array_size(set->elements))
			return read_empty(r);
		r->right = set->elements;
		return r->key.kind == NFT_TYPE ? read_type(r) : append_values(r, set->elements);
	}
	if (nft_set_name(r->rule->nft, set, shown, sizeof(shown)) < 0)
		return nft_no_translation(r->rule, r->match, "netctl does not take that set name");
	set->used = true;
	r->rule->any_proto |= r->key.any_proto;
	return append(r, shown);
}

static int read_single(struct reading *r, const json_t *left)
{
	const json_t *masked = json_object_get(left, "&");
	const char *word = json_string_value(r->right);

	r->mask = json_array_get(masked, 1);
	if (!nft_key(r->rule, masked ? json_array_get(masked, 0) : left, &r->key))
		return 0;
	if (r->key.kind == NFT_FRAGMENT)
		return read_fragment(r);
	if (r->key.kind == NFT_FLAGS)
		return read_flags(r);
	r->key.mask = r->mask ? nft_mask(r->key.kind, r->mask) : 0;
	if (r->mask && !r->key.mask)
		return nft_no_translation(r->rule, r->match, "a mask with holes");
	if (r->op[0] == '<' || r->op[0] == '>')
		return read_comparison(r);
	if (strcmp(r->op, "==") != 0 && !r->negated)
		return refuse_op(r);
	if (word && word[0] == '@')
		return read_named(r, word + 1);
	if (r->key.kind == NFT_TYPE)
		return read_type(r);
	return r->key.kind == NFT_CODE ? read_code(r) : append_values(r, r->right);
}

int nft_read_match(struct nft_rule *rule, const json_t *match)
{
	struct reading r = {
		.rule = rule,
		.match = match,
		.right = json_object_get(match, "right"),
		.op = nft_string(match, "op"),
	};
	const json_t *left = json_object_get(match, "left");

	if (!r.op || !left || !r.right)
		return nft_no_translation(rule, match, "not understood");
	r.negated = !strcmp(r.op, "!=");
	if (!json_object_get(left, "concat"))
		return read_single(&r, left);
	if (strcmp(r.op, "==") != 0)
		return refuse_op(&r);
	return nft_read_elements(rule, left, r.right, false);
}
