/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_join.c - concatenations and verdict maps: one of our rules for each element. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "import_nft.h"

#define MAX_JOINED 8 /* fields */

struct keys {
	size_t count;
	struct nft_key key[MAX_JOINED];
	bool proto, any_proto;
};

static bool read_keys(struct nft_rule *rule, const json_t *left, struct keys *ret)
{
	const json_t *concat = json_object_get(left, "concat");
	size_t count = concat ? json_array_size(concat) : 1;

	*ret = (struct keys){ .count = count };
	if (!count || count > MAX_JOINED) {
		nft_no_translation(rule, left, "not understood");
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct nft_key *key = &ret->key[i];

		if (!nft_key(rule, concat ? json_array_get(concat, i) : left, key))
			return false;
		if (key->kind == NFT_CODE || key->kind == NFT_FRAGMENT) {
			nft_no_translation(rule, left, "'%s' has no translation here", key->field);
			return false;
		}
		ret->proto |= key->kind == NFT_PROTO;
		ret->any_proto |= key->any_proto;
	}
	return true;
}

/* The matches of one element as text; NULL: no translation, or no memory. */
static char *element_text(const struct keys *keys, const json_t *value)
{
	const json_t *concat = json_object_get(value, "concat");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool good = out && (concat ? json_array_size(concat) : 1) == keys->count;

	for (size_t i = 0; i < keys->count && good; i++) {
		const json_t *one = concat ? json_array_get(concat, i) : value;
		autofree char *words = nft_values_text(&keys->key[i], one);

		/* nft would look for ports in protocols that have none. */
		good = words && (keys->key[i].kind != NFT_PROTO || !keys->any_proto ||
				 nft_have_ports(words));
		fprintf(out, " %s %s", keys->key[i].field, words ?: "");
	}
	text_close(out, good, &text);
	return text;
}

/* A variant of each variant so far with one element more. */
static int multiply(struct nft_rule *rule, const struct nft_variant *before, size_t count,
		    const char *text, const json_t *verdict)
{
	int r = 0;

	for (size_t i = 0; i < count && !r && !rule->why; i++) {
		struct nft_variant *to;

		if (array_grow(rule->variants, rule->count) < 0)
			return -ENOMEM;
		to = &rule->variants[rule->count];
		*to = before[i];
		to->text = text_printf("%s%s", before[i].text, text);
		if (!to->text)
			return -ENOMEM;
		rule->count++;
		r = verdict ? nft_read_verdict(rule, verdict, to) : 0;
	}
	return r;
}

static int read_elements(struct nft_rule *rule, const struct keys *keys, const json_t *elements,
			 bool map)
{
	struct nft_variant *before = take_ptr(rule->variants);
	size_t count = rule->count, i;
	const json_t *element;
	int r = 0;

	rule->count = 0;
	if (json_array_size(elements) * count > MAX_VARIANTS)
		r = nft_no_translation(rule, elements, "these would be more than %d rules",
				       MAX_VARIANTS);
	json_array_foreach(elements, i, element)
	{
		const json_t *value;
		autofree char *text = NULL;
		json_int_t left;

		if (r || rule->why)
			break;
		value = nft_element(map ? json_array_get(element, 0) : element, &left);
		text = left ? NULL : element_text(keys, value);
		r = text ? multiply(rule, before, count, text,
				    map ? json_array_get(element, 1) : NULL)
			 : nft_no_translation(rule, element,
					      left ? "the element expires; a rule would not"
						   : "the value has no exact translation");
	}
	for (i = 0; i < count; i++)
		free(before[i].text);
	free(before);
	return r;
}

/* "ip daddr . meta l4proto . th dport": what our sets of services are looked up by. */
static const char *services_field(const struct keys *keys, bool proto)
{
	const struct nft_key *address = &keys->key[0], *port = &keys->key[keys->count - 1];

	if (keys->count != 2U + proto || address->kind != NFT_ADDRESS || port->kind != NFT_PORT ||
	    (proto && keys->key[1].kind != NFT_PROTO) || (port->field[0] != address->field[0]))
		return NULL;
	return address->field;
}

/* 1: not as a set. */
static int read_services(struct nft_rule *rule, const struct keys *keys, struct nft_set *set)
{
	char shown[80], text[96];
	const char *field;
	bool proto;

	if (!nft_set_is_services(set, &proto))
		return 1;
	field = services_field(keys, proto);
	if (!field || nft_set_name(rule->nft, set, shown, sizeof(shown)) < 0)
		return 1;
	set->used = true;
	snprintf(text, sizeof(text), " %s %s", field, shown);
	rule->proto |= proto;
	return nft_append(rule, text) ?: nft_need(rule, keys->key[0].needs);
}

int nft_read_elements(struct nft_rule *rule, const json_t *left, const json_t *right, bool map)
{
	const char *word = json_string_value(right);
	const json_t *elements = json_object_get(right, "set");
	struct nft_set *set = NULL;
	struct keys keys;
	int r = 1;

	if (!read_keys(rule, left, &keys))
		return 0;
	if (word && word[0] == '@') {
		set = nft_set_find(rule, word + 1);
		if (!set)
			return nft_no_translation(rule, right, "there is no such set");
		elements = set->elements;
		r = map ? 1 : read_services(rule, &keys, set);
	} else if (!elements) {
		return nft_no_translation(rule, right, "not understood");
	}
	rule->any_proto |= keys.any_proto;
	rule->proto |= keys.any_proto && keys.proto;
	for (size_t i = 0; i < keys.count && r >= 0; i++)
		r = nft_need(rule, keys.key[i].needs) ?: r;
	return r == 1 ? read_elements(rule, &keys, elements, map) : r;
}
