/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_rule.c - a rule of nft, statement by statement, to lines of its chain. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "import_nft.h"
#include "import_parse.h"
#include "import_words.h"

/* Statements that do something else, by name. */
static int refuse_statement(struct nft_rule *rule, const json_t *statement, const char *name)
{
	static const struct {
		const char *name, *why;
	} reasons[] = {
		{ "limit", "'limit' passes on what exceeds it: a limit of netctl decides" },
		{ "reject", "'reject' answers the sender: drop would not" },
		{ "log", "'log' has no translation: nothing is logged here" },
		{ "mangle", "'mangle' changes packets or marks" },
		{ "snat", "address translation has no equivalent" },
		{ "dnat", "address translation has no equivalent" },
		{ "masquerade", "address translation has no equivalent" },
		{ "redirect", "address translation has no equivalent" },
		{ "set", "rules that fill sets have no translation" },
		{ "meter", "rules that fill sets have no translation" },
		{ "xt", "it was made by iptables-nft: import the output of iptables-save" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(name, reasons[i].name))
			return nft_no_translation(rule, statement, "%s", reasons[i].why);
	return nft_no_translation(rule, statement, "'%.32s' has no translation", name);
}

static int read_statement(struct nft_rule *rule, const json_t *statement)
{
	void *first = json_object_iter((json_t *)statement);
	const char *name = first ? json_object_iter_key(first) : "this";
	const json_t *body = first ? json_object_iter_value(first) : NULL;
	int r;

	if (!strcmp(name, "counter")) /* ours count anyway */
		return 0;
	if (rule->decided)
		return nft_no_translation(rule, statement, "it follows the verdict");
	if (!strcmp(name, "match"))
		return nft_read_match(rule, body);
	r = nft_flush_type(rule);
	if (r < 0)
		return r;
	rule->decided = true;
	if (!strcmp(name, "vmap"))
		return nft_read_elements(rule, json_object_get(body, "key"),
					 json_object_get(body, "data"), true);
	if (!import_is_one_of(name, "accept drop continue return jump goto"))
		return refuse_statement(rule, statement, name);
	for (size_t i = 0; i < rule->count && !r; i++)
		r = nft_read_verdict(rule, statement, &rule->variants[i]);
	return r;
}

/* Each match once: what is needed may have been written, too. */
static int keep_once(const struct rule *parsed, struct rule *ret)
{
	int r = 0;

	for (size_t i = 0; i < parsed->count && !r; i++) {
		const struct rule one = { .count = 1, .matches = &parsed->matches[i] };

		r = rule_merge(ret, &one);
	}
	return r;
}

/* The parser of our language has the last word. */
static int parse(struct nft_rule *rule, const struct nft_variant *variant, struct rule *ret)
{
	struct rule parsed = {};
	struct fault fault = {};
	autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r;

	if (!out)
		return -ENOMEM;
	fprintf(out, "pass%s", variant->text);
	for (size_t i = 0; i < rule->need_count; i++)
		fprintf(out, " %s", rule->needs[i]);
	if (fclose(out))
		return -ENOMEM;
	if (!strcmp(text, "pass"))
		return 0;
	r = import_parse(text, !strcmp(rule->family, "netdev"), &parsed, &fault);
	if (r == -EINVAL)
		return nft_no_translation(rule, NULL, "%s", fault.message);
	if (!r)
		r = keep_once(&parsed, ret);
	rule_free(&parsed);
	return r;
}

static int add_line(struct nft_rule *rule, const struct nft_variant *variant, const json_t *from,
		    struct import_chain *chain, unsigned int number, const char *text)
{
	const char *comment = nft_string(from, "comment");
	struct import_line *line = import_line_add(chain, number, text);
	int r;

	if (!line)
		return -ENOMEM;
	line->target = variant->target;
	if (variant->jump) {
		line->jump = text_printf("%s %s %s", rule->family, rule->table, variant->jump);
		if (!line->jump)
			return -ENOMEM;
	}
	r = parse(rule, variant, &line->rule);
	if (!r && comment)
		r = import_comment(comment, &line->rule);
	return r;
}

/* One line instead of all, which says that there is no translation. */
static int add_fault(struct nft_rule *rule, struct import_chain *chain, size_t before,
		     unsigned int number, const char *text)
{
	autofree char *word =
		rule->at ? json_dumps(rule->at, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	const char *found = word ? strstr(text, word) : NULL;
	struct import_line *line;

	import_lines_cut(chain, before);
	line = import_line_add(chain, number, text);
	if (!line)
		return -ENOMEM;
	line->why = take_ptr(rule->why);
	line->column = found ? (unsigned int)(found - text) : 0;
	line->width = found ? (unsigned int)strlen(word) : 0;
	return 0;
}

static int read_statements(struct nft_rule *rule, const json_t *statements)
{
	const json_t *one;
	size_t i;
	int r = nft_append(rule, "");

	json_array_foreach(statements, i, one)
	{
		if (r || rule->why)
			return r;
		r = read_statement(rule, one);
	}
	if (!r)
		r = nft_flush_type(rule);
	if (!r && rule->any_proto && !rule->proto)
		r = nft_no_translation(rule, NULL,
				       "ports of any protocol: it does not name protocols with "
				       "ports by 'meta l4proto'");
	return r;
}

static void free_rule(struct nft_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		free(rule->variants[i].text);
	free(rule->variants);
	free(rule->why);
}

int nft_read_rule(struct nft *nft, const json_t *rule, struct import_chain *chain,
		  unsigned int number)
{
	const json_t *statements = json_object_get(rule, "expr");
	struct nft_rule read = {
		.nft = nft,
		.family = nft_string(rule, "family"),
		.table = nft_string(rule, "table"),
		.count = 1,
		.variants = calloc(1, sizeof(*read.variants)),
	};
	autofree char *dump = json_dumps(statements, JSON_COMPACT | JSON_ENCODE_ANY);
	autofree char *text = NULL;
	size_t before = chain->count;
	int r = -ENOMEM;

	nft_note_changes(&nft->import, chain->hooks, statements);
	text = text_printf("%s handle %lld: %s", chain->name,
			   json_integer_value(json_object_get(rule, "handle")), dump ?: "");
	if (read.variants && dump && text) {
		read.variants[0].text = strdup("");
		r = read.variants[0].text ? read_statements(&read, statements) : -ENOMEM;
	}
	for (size_t i = 0; i < read.count && !r && !read.why && !read.never; i++)
		if (read.variants[i].target != TARGET_NONE)
			r = add_line(&read, &read.variants[i], rule, chain, number, text);
	if (!r && read.why)
		r = add_fault(&read, chain, before, number, text);
	free_rule(&read);
	return r;
}
