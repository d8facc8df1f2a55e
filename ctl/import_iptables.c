/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_iptables.c - the output of iptables-save: tables, chains and lines; what of it is translated at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "import_parse.h"

/* Where the reading is. */
struct state {
	struct import *import;
	unsigned int number;
	const char *text;
	char table[32]; /* "": between tables */
	bool tables;	/* one was seen */
};

void import_faults_free(struct import_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		free(faults->fault[i].text);
		free(faults->fault[i].why);
	}
	free(take_ptr(faults->fault));
	faults->count = 0;
}

struct import_chain *import_chain_find(const struct import *import, const char *name)
{
	for (size_t i = 0; i < import->count; i++)
		if (!strcmp(import->chains[i].name, name))
			return &import->chains[i];
	return NULL;
}

int import_report(struct import *import, unsigned int number, const char *text, unsigned int column,
		  unsigned int width, const char *why)
{
	struct import_faults *faults = import->faults;
	autofree char *shown = text_escape(text, strlen(text));
	struct import_fault *bigger =
		reallocarray(faults->fault, faults->count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	faults->fault = bigger;
	bigger[faults->count] = (struct import_fault){
		.line = number,
		.text = strdup(text),
		.column = column,
		.width = width,
		.why = strdup(why),
	};
	faults->count++;
	if (!shown || !bigger[faults->count - 1].text || !bigger[faults->count - 1].why)
		return -ENOMEM;
	fprintf(import->out, "! line %u: %s\n", number, shown);
	return 0;
}

static int report(const struct state *s, const char *why)
{
	return import_report(s->import, s->number, s->text, 0, 0, why);
}

/* ":INPUT DROP [0:0]" */
static int read_chain(struct state *s)
{
	struct import *import = s->import;
	struct import_chain chain = { .number = s->number };
	struct import_chain *bigger;
	char name[64] = "", policy[16] = "";

	if (sscanf(s->text, ":%63s %15s", name, policy) != 2)
		return report(s, "not understood");
	chain.base = strcmp(policy, "-") != 0;
	chain.policy = strcmp(policy, "DROP") ? VERDICT_PASS : VERDICT_DROP;
	if (chain.base && chain.policy == VERDICT_PASS && strcmp(policy, "ACCEPT") != 0)
		return report(s, "no such policy");
	if (strcmp(s->table, "filter") != 0)
		return chain.policy == VERDICT_DROP
			       ? report(s, "only the table filter has a translation")
			       : 0;
	if (import_chain_find(import, name))
		return report(s, "a second chain of that name");
	bigger = reallocarray(import->chains, import->count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	import->chains = bigger;
	chain.name = strdup(name);
	chain.text = strdup(s->text);
	bigger[import->count++] = chain;
	return chain.name && chain.text ? 0 : -ENOMEM;
}

static int add_line(struct state *s, struct import_chain *chain, const struct import_words *words,
		    size_t first)
{
	struct import_line *bigger = reallocarray(chain->lines, chain->count + 1, sizeof(*bigger));
	struct import_line *line;

	if (!bigger)
		return -ENOMEM;
	chain->lines = bigger;
	line = &bigger[chain->count++];
	*line = (struct import_line){ .number = s->number, .text = strdup(s->text) };
	if (!line->text)
		return -ENOMEM;
	return import_options(s->import->family, words, first, line);
}

/* "[1:60] -A INPUT -s 10.0.0.0/8 -j DROP" */
static int read_rule(struct state *s)
{
	struct import_words words;
	struct import_chain *chain;
	size_t first = s->text[0] == '[';
	int r = import_split(s->text, &words);

	if (r == -EINVAL)
		return report(s, "a quote is not closed");
	if (r < 0)
		return r;
	if (words.count < first + 2 || (strcmp(words.word[first].text, "-A") != 0 &&
					strcmp(words.word[first].text, "--append") != 0)) {
		r = report(s, "not a line that iptables-save writes");
	} else if (strcmp(s->table, "filter") != 0) {
		r = report(s, !strcmp(s->table, "nat") ? "address translation has none here"
						       : "only the table filter has a translation");
	} else {
		chain = import_chain_find(s->import, words.word[first + 1].text);
		r = chain ? add_line(s, chain, &words, first + 2) : report(s, "no such chain");
	}
	import_words_free(&words);
	return r;
}

static int read_line(struct state *s)
{
	const char *text = s->text;

	if (!*text || *text == '#')
		return 0;
	if (*text == '*') {
		if (s->table[0])
			return report(s, "COMMIT is missing before it");
		s->tables = true;
		snprintf(s->table, sizeof(s->table), "%.31s", text + 1);
		return !strcmp(s->table, "filter") && s->import->count
			       ? report(s, "a second table of that name")
			       : 0;
	}
	if (!s->table[0])
		return report(s, "outside of any table");
	if (!strcmp(text, "COMMIT")) {
		s->table[0] = '\0';
		return 0;
	}
	return *text == ':' ? read_chain(s) : read_rule(s);
}

static int read_all(struct import *import, FILE *in, struct fault *fault)
{
	struct state s = { .import = import };
	autofree char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int r = 0;

	while (!r && (len = getline(&line, &size, in)) > 0) {
		while (len && strchr(" \t\r\n", line[len - 1]))
			line[--len] = '\0';
		s.number++;
		s.text = line;
		r = strlen(line) == (size_t)len ? read_line(&s) : report(&s, "it holds a NUL byte");
	}
	if (r < 0)
		return r;
	if (ferror(in))
		return fault_set(fault, -EIO, EXIT_REFUSED, "cannot be read");
	if (!s.tables)
		return fault_set(fault, -EINVAL, EXIT_USAGE,
				 "this is not the output of iptables-save or ip6tables-save");
	s.text = "";
	return s.table[0] ? report(&s, "the file ends before COMMIT") : 0;
}

/* What is forwarded passes none of our hooks alone. */
static int report_chain(struct import *import, struct import_chain *chain)
{
	int r = 0;

	if (chain->policy == VERDICT_DROP)
		r = import_report(import, chain->number, chain->text, 0, 0,
				  "only INPUT and OUTPUT have a hook here");
	for (size_t i = 0; i < chain->count && !r; i++)
		r = import_report(import, chain->lines[i].number, chain->lines[i].text, 0, 0,
				  "only INPUT and OUTPUT have a hook here");
	return r;
}

static int translate(struct import *import)
{
	int r = 0;

	for (size_t i = 0; i < import->count && !r; i++) {
		struct import_chain *chain = &import->chains[i];

		if (!chain->base)
			continue;
		if (!strcmp(chain->name, "INPUT"))
			r = import_flatten(import, chain, HOOK_XDP);
		else if (!strcmp(chain->name, "OUTPUT"))
			r = import_flatten(import, chain, HOOK_NF);
		else
			r = report_chain(import, chain);
	}
	return r;
}

static void import_free(struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		struct import_chain *chain = &import->chains[i];

		for (size_t k = 0; k < chain->count; k++) {
			free(chain->lines[k].text);
			free(chain->lines[k].jump);
			free(chain->lines[k].why);
			rule_free(&chain->lines[k].rule);
		}
		free(chain->lines);
		free(chain->name);
		free(chain->text);
	}
	free(import->chains);
}

static int by_line(const void *a, const void *b)
{
	const struct import_fault *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

int import_iptables(int family, FILE *in, FILE *out, struct import_faults *ret, struct fault *fault)
{
	struct import import = { .family = family, .faults = ret, .out = out };
	int r = read_all(&import, in, fault);

	if (!r)
		r = translate(&import);
	if (r == -E2BIG)
		fault_set(fault, r, EXIT_REFUSED, "flattened, these are more than %d rules",
			  MAX_IMPORTED);
	if (ret->count)
		qsort(ret->fault, ret->count, sizeof(*ret->fault), by_line);
	import_free(&import);
	return r;
}
