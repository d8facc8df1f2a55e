/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_iptables.c - the output of iptables-save: tables, chains and lines; what of it is translated at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_parse.h"
#include "import_flat.h"
#include "import_match.h"

#define SETS_NAMED 256 /* remarks about so many */

/* Where the reading is. */
struct state {
	struct import *import;
	unsigned int number;
	const char *text;
	char table[32]; /* "": between tables */
	bool tables;	/* one was seen */
};

static int report(const struct state *s, const char *why)
{
	return import_report(s->import, s->number, s->text, 0, 0, why);
}

/* ":INPUT DROP [0:0]" */
static int read_chain(struct state *s)
{
	struct import *import = s->import;
	char name[64] = "", policy[16] = "";
	struct import_chain *chain;
	bool base, drop;

	if (sscanf(s->text, ":%63s %15s", name, policy) != 2)
		return report(s, "not understood");
	base = strcmp(policy, "-") != 0;
	drop = !strcmp(policy, "DROP");
	if (base && !drop && strcmp(policy, "ACCEPT") != 0)
		return report(s, "no such policy");
	if (strcmp(s->table, "filter") != 0)
		return drop ? report(s, "only the table filter has a translation") : 0;
	if (import_chain_find(import, name))
		return report(s, "a second chain of that name");
	chain = import_chain_add(import, name);
	if (!chain)
		return -ENOMEM;
	chain->number = s->number;
	chain->base = base;
	chain->policy = drop ? VERDICT_DROP : VERDICT_PASS;
	chain->text = strdup(s->text);
	return chain->text ? 0 : -ENOMEM;
}

static int add_line(struct state *s, struct import_chain *chain, const struct import_words *words,
		    size_t first)
{
	struct import_line *line = import_line_add(chain, s->number, s->text);

	return line ? import_options(s->import->family, words, first, line) : -ENOMEM;
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

static int read_line(void *state, unsigned int number, const char *text)
{
	struct state *s = state;

	s->number = number;
	s->text = text;
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
	int r = import_lines(import, in, read_line, &s);

	if (r < 0)
		return r;
	if (!s.tables)
		return fault_set(fault, -EINVAL, EXIT_USAGE,
				 "this is not the output of iptables-save or ip6tables-save");
	s.text = "";
	return s.table[0] ? report(&s, "the file ends before COMMIT") : 0;
}

/* Such files name sets, and ipset knows what is in them. */
static void print_set_names(const struct import *import, const struct rule *rule,
			    char seen[][SET_NAME_SIZE], size_t *count)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		size_t known = 0;

		if (!m->count || !m->values[0].is_set)
			continue;
		while (known < *count && strcmp(seen[known], m->values[0].set) != 0)
			known++;
		if (known < *count || *count == SETS_NAMED)
			continue;
		snprintf(seen[(*count)++], SET_NAME_SIZE, "%s", m->values[0].set);
		fprintf(import->out,
			"# set %s: its members are to come from: ipset save | netctl import "
			"ipset-save -\n",
			m->values[0].set);
	}
}

static void print_sets(const struct import *import)
{
	char seen[SETS_NAMED][SET_NAME_SIZE];
	size_t count = 0;

	for (size_t i = 0; i < import->count; i++)
		for (size_t k = 0; k < import->chains[i].count; k++)
			print_set_names(import, &import->chains[i].lines[k].rule, seen, &count);
}

/* What is forwarded passes none of our hooks alone. */
static int translate_chain(struct import *import, struct import_chain *chain)
{
	bool input = !strcmp(chain->name, "INPUT");
	const char *hook = input ? "xdp" : "nf";
	char domain[64];
	int r;

	if (!chain->base)
		return 0;
	if (!input && strcmp(chain->name, "OUTPUT") != 0)
		return import_report_chain(import, chain, "only INPUT and OUTPUT have a hook here");
	snprintf(domain, sizeof(domain), "pass hook %s ethertype %s", hook,
		 import->family == 4 ? "ip" : "ip6");
	r = rule_parse(domain, &chain->domain, NULL);
	if (r < 0)
		return r;
	chain->title = text_printf("%s, IPv%d, at hook %s%s", chain->name, import->family, hook,
				   input ? ": packets to be forwarded are judged, too" : "");
	if (!chain->title)
		return -ENOMEM;
	return import_flatten(import, input ? HOOK_XDP : HOOK_NF, &chain, 1);
}

int import_iptables(int family, FILE *in, FILE *out, struct import_faults *ret, struct fault *fault)
{
	struct import import = { .family = family, .faults = ret, .out = out };
	int r = read_all(&import, in, fault);

	if (!r)
		print_sets(&import);
	for (size_t i = 0; i < import.count && !r; i++)
		r = translate_chain(&import, &import.chains[i]);
	return import_finish(&import, r, fault);
}
