/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_fault.c - a fault that points at a word of the text. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parser.h"
#include "source.h"

int parser_fault(struct rule_parser *p, struct piece at, const char *format, ...)
{
	autofree char *message = NULL;
	const char *from;
	va_list args;

	if (!p->fault)
		return -EINVAL;
	va_start(args, format);
	message = text_format(format, args);
	va_end(args);
	if (!message)
		return -ENOMEM;
	fault_set(p->fault, -EINVAL, EXIT_USAGE, "%s", message);
	p->fault->column = at.begin;
	p->fault->width = at.end - at.begin;
	from = p->text;
	if (p->script) {
		script_place(p, at, p->fault);
		from += at.begin - p->fault->column;
	}
	p->fault->source = strndup(from, p->words ? strlen(from) : strcspn(from, "\n"));
	return -EINVAL;
}

void parser_hint(struct rule_parser *p, const char *format, ...)
{
	autofree char *hint = NULL;
	va_list args;

	va_start(args, format);
	hint = text_format(format, args);
	va_end(args);
	if (hint)
		fault_hint(p->fault, "%s", hint);
}

int parser_needs(struct rule_parser *p, enum field field, struct piece at)
{
	const struct match_field *f = &match_fields[field];

	return parser_fault(p, at, "%s needs %s", f->word, f->asks ? f->asks : f->value);
}

int parser_needs_second(struct rule_parser *p, struct piece first, struct piece at)
{
	autofree char *word = NULL, *seconds = NULL;
	size_t size;
	FILE *out;
	int r = parser_word(p, first, &word);

	if (r < 0)
		return r;
	out = open_memstream(&seconds, &size);
	if (!out)
		return -ENOMEM;
	for (enum field f = 0; f < FIELDS; f++)
		if (field_second_word(f, word))
			fprintf(out, "%s%s", ftell(out) ? " or " : "", field_second_word(f, word));
	return fclose(out) ? -ENOMEM : parser_fault(p, at, "%s needs %s", word, seconds);
}

int value_backwards(struct rule_parser *p, const char *word, struct piece at)
{
	parser_fault(p, at, "range is backwards: '%s'", word);
	parser_hint(p, "the lower end comes first");
	return -EINVAL;
}
