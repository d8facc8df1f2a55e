/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_parse.c - a rule's text to a struct rule. */
#include <errno.h>
#include <string.h>

#include "parser.h"
#include "rule_parse.h"
#include "rule_print.h"

int rule_parse(const char *text, struct rule *ret, struct fault *fault)
{
	struct rule_parser parser = {.text = text, .fault = fault};
	int r = parser_run(&parser);

	if (!r)
		r = parser_finish(&parser);
	free(parser.pieces);
	if (r < 0)
		rule_free(&parser.rule);
	else
		*ret = parser.rule;
	return r;
}

/* The line that faults of words point into: a comment's text and odd words are quoted. */
static char *source_line(int count, char *const *words)
{
	autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (int i = 0; i < count; i++) {
		const char *word = words[i];

		if (i)
			fputc(' ', out);
		if (!*word || strpbrk(word, " \t\r\n\v\f\"#;\\") ||
		    (i && !strcmp(words[i - 1], "comment")))
			print_quoted(out, word, strlen(word));
		else
			fputs(word, out);
	}
	return fclose(out) ? NULL : take_ptr(text);
}

int rule_parse_words(int count, char *const *words, struct rule *ret, struct fault *fault)
{
	autofree char *line = NULL;

	/* One word that holds a whole rule: as typed, quotes and all. */
	if (count == 1)
		return rule_parse(words[0], ret, fault);
	line = source_line(count, words);
	return line ? rule_parse(line, ret, fault) : -ENOMEM;
}
