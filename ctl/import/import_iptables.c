/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_iptables.c - the output of iptables-save: tables, chains and lines, and which of them have a translation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_parse.h"
#include "import_change.h"
#include "import_flat.h"
#include "import_match.h"

#define SETS_NAMED 256 /* remarks about so many */

/* Where the reading is. */
struct state {
	struct import import;
	char table[32]; /* "": between tables */
	bool tables;	/* one was seen */
};

static int report(struct state *s, const char *why)
{
	return import_report_word(&s->import, NULL, why);
}

/* ":INPUT DROP [0:0]" */
static int read_chain(struct state *s)
{
	char name[64] = "", policy[16] = "";
	struct import_chain *chain;
	bool base, drop;

	if (sscanf(s->import.text, ":%63s %15s", name, policy) != 2)
		return report(s, "not understood");
	base = strcmp(policy, "-") != 0;
	drop = !strcmp(policy, "DROP");
	if (base && !drop && strcmp(policy, "ACCEPT") != 0)
		return report(s, "no such policy");
	if (strcmp(s->table, "filter") != 0)
		return drop ? report(s, "only the table filter has a translation") : 0;
	if (import_chain_find(&s->import, name))
		return report(s, "a second chain of that name");
	chain = import_chain_add(&s->import, name);
	if (!chain)
		return -ENOMEM;
	chain->number = s->import.number;
	chain->base = base;
	chain->policy = drop ? VERDICT_DROP : VERDICT_PASS;
	chain->text = strdup(s->import.text);
	return chain->text ? 0 : -ENOMEM;
}

/* "[1:60] -A INPUT -s 10.0.0.0/8 -j DROP" */
static int read_rule(struct state *s)
{
	autowords struct import_words words = {};
	size_t first = s->import.text[0] == '[';
	struct import_chain *chain;
	struct import_line *line;
	int r = import_line_words(&s->import, &words);

	if (r)
		return MIN(r, 0);
	if (words.count < first + 2 || !import_is_one_of(words.word[first].text, "-A --append"))
		return report(s, "not a line that iptables-save writes");
	import_change_rule(&s->import, words.word[first + 1].text, &words);
	if (!strcmp(s->table, "nat"))
		return report(s, "address translation has no equivalent");
	if (strcmp(s->table, "filter") != 0)
		return report(s, "only the table filter has a translation");
	chain = import_chain_find(&s->import, words.word[first + 1].text);
	if (!chain)
		return report(s, "no such chain");
	line = import_line_add(chain, s->import.number, s->import.text);
	return line ? import_options(s->import.family, &words, first + 2, line) : -ENOMEM;
}

static int read_line(void *state)
{
	struct state *s = state;
	const char *text = s->import.text;

	if (*text == '*') {
		if (s->table[0])
			return report(s, "COMMIT is missing before it");
		s->tables = true;
		snprintf(s->table, sizeof(s->table), "%.31s", text + 1);
		return !strcmp(s->table, "filter") && s->import.count
			       ? report(s, "a second table of that name")
			       : 0;
	}
	if (!s->table[0])
		return report(s, "outside of any table");
	if (strcmp(text, "COMMIT") != 0)
		return *text == ':' ? read_chain(s) : read_rule(s);
	s->table[0] = '\0';
	return 0;
}

static int read_all(struct state *s, FILE *in, struct fault *fault)
{
	int r = import_lines(&s->import, in, read_line, s);

	if (r < 0)
		return r;
	if (!s->tables)
		return fault_set(fault, -EINVAL, EXIT_USAGE,
				 "this is not the output of iptables-save or ip6tables-save");
	return s->table[0] ? report(s, "the file ends before COMMIT") : 0;
}

/* Such files only name sets; what is in them is ipset's to say. */
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

/* Forwarded packets have no hook to themselves here. */
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
	struct state s = { .import = { .family = family, .faults = ret, .out = out } };
	int r = read_all(&s, in, fault);

	if (!r)
		print_sets(&s.import);
	for (size_t i = 0; i < s.import.count && !r; i++)
		r = translate_chain(&s.import, &s.import.chains[i]);
	return import_finish(&s.import, r, fault);
}
