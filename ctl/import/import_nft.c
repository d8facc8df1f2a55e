/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft.c - the output of "nft -j list ruleset": tables, chains, and at which hook packets go through them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "../text/rule_parse.h"
#include "import_flat.h"
#include "import_nft.h"
#include "../rules/names.h"

/* A base chain with a hook here. */
struct place {
	enum hook_id hook;
	int rank; /* of nft's hooks that are one here */
	json_int_t priority;
	size_t chain;
};

/* Reading, the array of objects in hand. */
struct state {
	struct nft nft;
	const json_t *objects;
	size_t place_count;
	struct place *places; /* owned */
};

static const struct {
	const char *name;
	enum hook_id hook;
	int rank;
	bool device;	/* base chains there are of one */
	bool forwarded; /* others than those packets are judged here */
} nft_hooks[] = {
	{ "ingress", HOOK_XDP, 0, true, false }, { "prerouting", HOOK_XDP, 1, false, false },
	{ "input", HOOK_XDP, 2, false, true },	 { "output", HOOK_NF, 0, false, false },
	{ "egress", HOOK_TC, 0, true, false },
};

static const struct {
	const char *name, *domain;
} families[] = {
	{ "ip", " ethertype ip" },
	{ "ip6", " ethertype ip6" },
	{ "inet", " ethertype ip,ip6" },
	{ "netdev", "" },
};

/* Flags of a table: a dormant one judges nothing. Some versions of nft write wrong words. */
enum flags { AWAKE, DORMANT, UNKNOWN };

static enum flags read_flag(const json_t *flag)
{
	const char *word = json_string_value(flag);

	if (!word || !import_is_one_of(word, "dormant owner persist"))
		return UNKNOWN;
	return strcmp(word, "dormant") ? AWAKE : DORMANT;
}

static enum flags table_flags(const struct state *s, const char *family, const char *table)
{
	const json_t *object, *flag;
	enum flags ret = AWAKE;
	size_t i, k;

	json_array_foreach(s->objects, i, object)
	{
		const json_t *body = json_object_get(object, "table");
		const json_t *flags = json_object_get(body, "flags");
		const char *of = nft_string(body, "family"), *name = nft_string(body, "name");

		if (!flags || !of || !name || strcmp(of, family) != 0 || strcmp(name, table) != 0)
			continue;
		if (!json_is_array(flags))
			return read_flag(flags);
		json_array_foreach(flags, k, flag)
		{
			ret = MAX(ret, read_flag(flag));
		}
	}
	return ret;
}

/* "FAMILY TABLE CHAIN", or NULL. */
static char *full_name(const json_t *body, const char *name)
{
	const char *family = nft_string(body, "family"), *table = nft_string(body, "table");

	return family && table && name ? text_printf("%s %s %s", family, table, name) : NULL;
}

/* The names of devices as a list in our language, or false. */
static bool print_devices(FILE *out, const json_t *devices)
{
	const json_t *one;
	size_t i;

	if (json_is_string(devices))
		return !strpbrk(json_string_value(devices), "\"\\*\n") &&
		       fprintf(out, "\"%s\"", json_string_value(devices)) > 0;
	json_array_foreach(devices, i, one)
	{
		if (i)
			fputc(',', out);
		if (!json_is_string(one) || !print_devices(out, one))
			return false;
	}
	return json_array_size(devices);
}

/* Which packets go through the chain, as a rule; NULL: *ret_why says why that cannot be said. */
static char *domain_text(const json_t *body, size_t hook, const char **ret_why)
{
	const char *family = nft_string(body, "family");
	const json_t *devices = json_object_get(body, "dev");
	char *text = NULL;
	size_t size, i = 0;
	FILE *out = open_memstream(&text, &size);
	bool good = true;

	while (i < ARRAY_SIZE(families) && strcmp(family, families[i].name) != 0)
		i++;
	if (!out || i == ARRAY_SIZE(families)) {
		*ret_why = "only tables ip, ip6, inet and netdev have a translation";
		good = false;
	} else {
		fprintf(out, "pass hook %s%s", name_text(hook_names, nft_hooks[hook].hook),
			families[i].domain);
	}
	if (good && nft_hooks[hook].device) {
		fputs(nft_hooks[hook].hook == HOOK_XDP ? " in " : " out ", out);
		good = print_devices(out, devices);
		*ret_why = "its device is not given: older nft leaves it out; "
			   "put \"dev\": \"NAME\" into the chain's object";
	}
	text_close(out, good, &text);
	return text;
}

static int add_place(struct state *s, size_t hook, const json_t *body, struct import_chain *chain)
{
	if (array_grow(s->places, s->place_count) < 0)
		return -ENOMEM;
	s->places[s->place_count++] = (struct place){
		.hook = nft_hooks[hook].hook,
		.rank = nft_hooks[hook].rank,
		.priority = json_integer_value(json_object_get(body, "prio")),
		.chain = (size_t)(chain - s->nft.import.chains),
	};
	chain->title = text_printf(
		"%s, at hook %s%s", chain->name, name_text(hook_names, nft_hooks[hook].hook),
		nft_hooks[hook].forwarded ? ": packets to be forwarded are judged, too" : "");
	return chain->title ? 0 : -ENOMEM;
}

/* A base chain: the place of its hook here, or why it has none. */
static int read_base(struct state *s, const json_t *body, struct import_chain *chain)
{
	const char *type = nft_string(body, "type"), *name = nft_string(body, "hook");
	const char *policy = nft_string(body, "policy");
	enum flags flags = table_flags(s, nft_string(body, "family"), nft_string(body, "table"));
	autofree char *domain = NULL;
	size_t hook = 0;
	int r;

	if (flags == DORMANT)
		return 0;
	chain->base = true;
	chain->policy = policy && !strcmp(policy, "drop") ? VERDICT_DROP : VERDICT_PASS;
	while (hook < ARRAY_SIZE(nft_hooks) && strcmp(name, nft_hooks[hook].name) != 0)
		hook++;
	if (hook < ARRAY_SIZE(nft_hooks))
		chain->hooks = 1u << nft_hooks[hook].hook;
	if (type && !strcmp(type, "nat"))
		chain->no_hook = "address translation has no equivalent";
	else if (hook == ARRAY_SIZE(nft_hooks))
		chain->no_hook = "only ingress, prerouting, input, output and egress have a hook "
				 "here";
	else if (flags == UNKNOWN)
		chain->no_hook = "its table has flags that are not understood: is it dormant?";
	else
		domain = domain_text(body, hook, &chain->no_hook);
	if (!domain)
		return 0;
	chain->no_hook = NULL;
	r = rule_parse(domain, &chain->domain, NULL);
	if (r == -EINVAL) {
		chain->no_hook = "its device has a name that no interface can have";
		return 0;
	}
	return r < 0 ? r : add_place(s, hook, body, chain);
}

static int read_chain(struct state *s, const json_t *body, unsigned int number)
{
	autofree char *name = full_name(body, nft_string(body, "name"));
	struct import_chain *chain;

	if (!name || import_chain_find(&s->nft.import, name))
		return -EBADMSG;
	chain = import_chain_add(&s->nft.import, name);
	if (!chain)
		return -ENOMEM;
	chain->text = text_printf("%s: policy drop", name);
	if (!chain->text)
		return -ENOMEM;
	chain->number = number;
	if (nft_string(body, "hook"))
		return read_base(s, body, chain);
	chain->hooks = ON_ALL;
	return 0;
}

/* {"stmt": [{"counter": null}]} */
static bool has_counters(const json_t *body)
{
	const json_t *statement;
	size_t i;

	json_array_foreach(json_object_get(body, "stmt"), i, statement)
	{
		if (json_object_get(statement, "counter"))
			return true;
	}
	return false;
}

static int read_set(struct state *s, const json_t *body)
{
	struct nft_set set = {
		.family = nft_string(body, "family"),
		.table = nft_string(body, "table"),
		.name = nft_string(body, "name"),
		.type = json_object_get(body, "type"),
		.elements = json_object_get(body, "elem"),
		.counters = has_counters(body),
	};

	if (!set.family || !set.table || !set.name)
		return -EBADMSG;
	if (array_grow(s->nft.sets, s->nft.set_count) < 0)
		return -ENOMEM;
	s->nft.sets[s->nft.set_count++] = set;
	return 0;
}

static int read_rule(struct state *s, const json_t *body, unsigned int number)
{
	autofree char *name = full_name(body, nft_string(body, "chain"));
	struct import_chain *chain = name ? import_chain_find(&s->nft.import, name) : NULL;

	return chain ? nft_read_rule(&s->nft, body, chain, number) : -EBADMSG;
}

/* Chains and sets first: rules name them. */
static int read_objects(struct state *s)
{
	const json_t *object, *body;
	size_t i;
	int r = 0;

	json_array_foreach(s->objects, i, object)
	{
		if ((body = json_object_get(object, "chain")))
			r = read_chain(s, body, (unsigned int)i);
		else if ((body = json_object_get(object, "set")) ||
			 (body = json_object_get(object, "map")))
			r = read_set(s, body);
		if (r < 0)
			return r;
	}
	json_array_foreach(s->objects, i, object)
	{
		body = json_object_get(object, "rule");
		r = body ? read_rule(s, body, (unsigned int)i) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return COMPARE(x->hook, y->hook) ?: COMPARE(x->rank, y->rank) ?:
	       COMPARE(x->priority, y->priority) ?: COMPARE(x->chain, y->chain);
}

static int translate(struct state *s)
{
	struct import *import = &s->nft.import;
	autofree struct import_chain **bases = calloc(s->place_count + 1, sizeof(*bases));
	int r = bases ? nft_print_sets(&s->nft, import->out) : -ENOMEM;

	for (size_t i = 0; i < import->count && !r; i++)
		if (import->chains[i].no_hook)
			r = import_report_chain(import, &import->chains[i],
						import->chains[i].no_hook);
	if (s->place_count)
		qsort(s->places, s->place_count, sizeof(*s->places), by_place);
	for (size_t i = 0, next; i < s->place_count && !r; i = next) {
		for (next = i; next < s->place_count && s->places[next].hook == s->places[i].hook;
		     next++)
			bases[next] = &import->chains[s->places[next].chain];
		r = import_flatten(import, s->places[i].hook, bases + i, next - i);
	}
	return r;
}

int import_nft(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault)
{
	json_error_t error;
	json_t *root = json_loadf(in, 0, &error);
	struct state s = {
		.nft.import = { .faults = ret, .out = out },
		.objects = json_object_get(root, "nftables"),
	};
	int r;

	ret->no_lines = true;
	if (ferror(in))
		r = -EIO;
	else if (!json_is_array(s.objects))
		r = -EBADMSG;
	else
		r = read_objects(&s);
	if (r == -EBADMSG)
		r = fault_set(fault, -EINVAL, EXIT_USAGE,
			      "this is not the output of 'nft -j list ruleset'%s%s",
			      root ? "" : ": ", root ? "" : error.text);
	if (!r)
		r = translate(&s);
	r = import_finish(&s.nft.import, r, fault);
	free(s.places);
	free(s.nft.sets);
	json_decref(root);
	return r;
}
