/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_parse.c - a rule's text to a struct rule. */
#include <errno.h>
#include <string.h>

#include "parser.h"
#include "rule_parse.h"

static int parse(struct rule_parser *parser, struct rule *ret)
{
	int r = parser_run(parser);

	if (!r)
		r = parser_finish(parser);
	free(parser->pieces);
	if (r < 0)
		rule_free(&parser->rule);
	else
		*ret = parser->rule;
	return r;
}

int rule_parse(const char *text, struct rule *ret, struct fault *fault)
{
	return parse(&(struct rule_parser){ .text = text, .fault = fault }, ret);
}

/* The line that faults point into. */
static char *join(int count, char *const *words)
{
	autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (int i = 0; i < count; i++)
		fprintf(out, i ? " %s" : "%s", words[i]);
	return fclose(out) ? NULL : take_ptr(text);
}

int rule_parse_words(int count, char *const *words, struct rule *ret, struct fault *fault)
{
	struct rule_parser parser = { .words = words, .word_count = count, .fault = fault };
	autofree char *line = NULL;

	/* One word that holds a whole rule: as typed, quotes and all. */
	if (count == 1)
		return rule_parse(words[0], ret, fault);
	parser.text = line = join(count, words);
	return line ? parse(&parser, ret) : -ENOMEM;
}
