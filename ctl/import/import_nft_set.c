/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_set.c - translates the named sets of nft. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/duration.h"
#include "../rules/names.h"
#include "import_nft.h"

struct nft_set *nft_set_find(const struct nft_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->nft->set_count; i++) {
		struct nft_set *set = &rule->nft->sets[i];

		if (!strcmp(set->family, rule->family) && !strcmp(set->table, rule->table) &&
		    !strcmp(set->name, name))
			return set;
	}
	return NULL;
}

static bool is_type(const json_t *type, const char *name)
{
	return json_is_string(type) && !strcmp(json_string_value(type), name);
}

static bool is_address(const json_t *type)
{
	return is_type(type, "ipv4_addr") || is_type(type, "ipv6_addr");
}

bool nft_set_is(const struct nft_set *set, enum nft_kind kind)
{
	return kind == NFT_ADDRESS ? is_address(set->type)
				   : kind == NFT_PORT && is_type(set->type, "inet_service");
}

bool nft_set_is_services(const struct nft_set *set, bool *ret_proto)
{
	size_t count = json_array_size(set->type);
	const json_t *elem, *value;
	json_int_t left;
	size_t i;

	*ret_proto = count == 3;
	if (!is_address(json_array_get(set->type, 0)) || (count != 2 && count != 3) ||
	    !is_type(json_array_get(set->type, count - 1), "inet_service") ||
	    (count == 3 && !is_type(json_array_get(set->type, 1), "inet_proto")))
		return false;
	/* Ours are of single addresses. */
	json_array_foreach(set->elements, i, elem)
	{
		value = nft_element(elem, &left);
		if (!json_is_string(json_array_get(json_object_get(value, "concat"), 0)))
			return false;
	}
	return true;
}

int nft_set_name(const struct nft *nft, const struct nft_set *set, char *ret, size_t size)
{
	bool shared = false;
	int len;

	for (size_t i = 0; i < nft->set_count && !shared; i++)
		shared = &nft->sets[i] != set && !strcmp(nft->sets[i].name, set->name);
	len = shared ? snprintf(ret, size, "@%s.%s.%s", set->family, set->table, set->name)
		     : snprintf(ret, size, "@%s", set->name);
	return len < (int)size && set_name_is_good(ret + 1) ? 0 : -EINVAL;
}

/* "10.0.0.5:53/udp", "[2001:db8::1]:80-90" */
static bool print_service(FILE *out, const json_t *value)
{
	static const struct nft_key address = { .kind = NFT_ADDRESS }, port = { .kind = NFT_PORT },
				    proto = { .kind = NFT_PROTO };
	const json_t *concat = json_object_get(value, "concat");
	size_t count = json_array_size(concat);
	autofree char *host = nft_values_text(&address, json_array_get(concat, 0));
	autofree char *ports = nft_values_text(&port, json_array_get(concat, count - 1));
	autofree char *number = NULL;
	const char *name;

	if (!host || !ports || strpbrk(host, "/-") || (count != 2 && count != 3))
		return false;
	fprintf(out, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, ports);
	if (count == 2)
		return true;
	number = nft_values_text(&proto, json_array_get(concat, 1));
	if (!number || !nft_have_ports(number) || strchr(number, ','))
		return false;
	name = name_text(protocol_names, (uint8_t)atoi(number));
	return name && fprintf(out, "/%s", name) > 0;
}

static bool print_element(FILE *out, const struct nft_set *set, const json_t *element)
{
	const struct nft_key key = { .kind = is_address(set->type) ? NFT_ADDRESS : NFT_PORT };
	json_int_t left;
	const json_t *value = nft_element(element, &left);

	if (!value || left > DURATION_MAX)
		return false;
	if (json_is_array(set->type) ? !print_service(out, value)
				     : !nft_print_values(out, &key, value))
		return false;
	if (left)
		fprintf(out, " for %llds", left);
	return true;
}

static int print_set(struct nft *nft, const struct nft_set *set, FILE *out)
{
	enum set_type type = json_is_array(set->type) ? SET_SERVICES
			     : is_address(set->type)  ? SET_ADDRESSES
						      : SET_PORTS;
	const json_t *element;
	char name[80];
	size_t i;

	if (nft_set_name(nft, set, name, sizeof(name)) < 0)
		return -EINVAL;
	fprintf(out, "set %s%s%s%s {\n", name + 1, type == SET_ADDRESSES ? "" : " ",
		type == SET_ADDRESSES ? "" : name_text(set_type_names, (int)type),
		set->counters ? " counters" : "");
	json_array_foreach(set->elements, i, element)
	{
		autofree char *text = NULL, *dump = NULL;
		size_t size;
		FILE *line = open_memstream(&text, &size);
		bool good = line && print_element(line, set, element);

		if (!line || fclose(line))
			return -ENOMEM;
		if (good && import_is_element(type, text)) {
			fprintf(out, "\t%s\n", text);
			continue;
		}
		free(take_ptr(text));
		dump = json_dumps(element, JSON_COMPACT | JSON_ENCODE_ANY);
		text = dump ? text_printf("%s %s set %s: %s", set->family, set->table, set->name,
					  dump)
			    : NULL;
		if (!text || import_report(&nft->import, 0, text, 0, 0,
					   "not an element netctl can hold") < 0)
			return -ENOMEM;
	}
	fprintf(out, "}\n");
	return 0;
}

int nft_print_sets(struct nft *nft, FILE *out)
{
	int r = 0;

	for (size_t i = 0; i < nft->set_count && !r; i++)
		if (nft->sets[i].used)
			r = print_set(nft, &nft->sets[i], out);
	return r;
}
