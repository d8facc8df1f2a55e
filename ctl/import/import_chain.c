/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_chain.c - what all imports share: chains, their lines, and reports of lines without a translation. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "../text/element_list.h"
#include "import_chain.h"

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

struct import_chain *import_chain_add(struct import *import, const char *name)
{
	char *copy = strdup(name);

	if (!copy || array_grow(import->chains, import->count) < 0) {
		free(copy);
		return NULL;
	}
	import->chains[import->count] = (struct import_chain){ .name = copy };
	return &import->chains[import->count++];
}

struct import_line *import_line_add(struct import_chain *chain, unsigned int number,
				    const char *text)
{
	char *copy = strdup(text);

	if (!copy || array_grow(chain->lines, chain->count) < 0) {
		free(copy);
		return NULL;
	}
	chain->lines[chain->count] = (struct import_line){ .number = number, .text = copy };
	return &chain->lines[chain->count++];
}

static void line_free(struct import_line *line)
{
	free(line->text);
	free(line->jump);
	free(line->why);
	rule_free(&line->rule);
}

void import_lines_cut(struct import_chain *chain, size_t count)
{
	while (chain->count > count)
		line_free(&chain->lines[--chain->count]);
}

int import_report(struct import *import, unsigned int number, const char *text, unsigned int column,
		  unsigned int width, const char *why)
{
	struct import_faults *faults = import->faults;
	autofree char *shown = text_escape(text, strlen(text));
	struct import_fault *fault;

	if (array_grow(faults->fault, faults->count) < 0)
		return -ENOMEM;
	fault = &faults->fault[faults->count++];
	*fault = (struct import_fault){
		.line = number,
		.text = strdup(text),
		.column = column,
		.width = width,
		.why = strdup(why),
	};
	if (!shown || !fault->text || !fault->why)
		return -ENOMEM;
	if (faults->no_lines)
		fprintf(import->out, "! %s\n", shown);
	else
		fprintf(import->out, "! line %u: %s\n", number, shown);
	return 0;
}

bool import_is_element(enum set_type type, const char *text)
{
	struct element_list list = { .at = text, .end = text + strlen(text), .type = type };
	struct element element;
	uint32_t lifetime;

	return element_next(&list, &element, &lifetime, NULL) == FOUND_ELEMENT &&
	       element_next(&list, &element, &lifetime, NULL) == FOUND_END;
}

int import_report_word(struct import *import, const struct import_word *word, const char *why)
{
	return import_report(import, import->number, import->text, word ? word->begin : 0,
			     word ? word->end - word->begin : 0, why);
}

int import_line_words(struct import *import, struct import_words *ret)
{
	int r = import_split(import->text, ret);

	return r == -EINVAL ? import_report_word(import, NULL, "a quote is not closed") ?: 1 : r;
}

int import_lines(struct import *import, FILE *in, int (*read)(void *state), void *state)
{
	autofree char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int r = 0;

	while (!r && (len = getline(&line, &size, in)) > 0) {
		while (len && strchr(" \t\r\n", line[len - 1]))
			line[--len] = '\0';
		import->number++;
		import->text = line;
		if (strlen(line) != (size_t)len)
			r = import_report_word(import, NULL, "it contains a NUL byte");
		else if (*line && *line != '#')
			r = read(state);
	}
	import->text = ""; /* the end */
	/* A line too long for memory ends the reading, too, without an error of the stream. */
	return r || feof(in) ? r : -EIO;
}

int import_report_chain(struct import *import, struct import_chain *chain, const char *why)
{
	int r = 0;

	if (chain->policy == VERDICT_DROP)
		r = import_report(import, chain->number, chain->text, 0, 0, why);
	for (size_t i = 0; i < chain->count && !r; i++) {
		struct import_line *line = &chain->lines[i];

		if (!line->reported && (!i || line->number != line[-1].number))
			r = import_report(import, line->number, line->text, 0, 0, why);
		line->reported = true;
	}
	return r;
}

static void chains_free(struct import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		struct import_chain *chain = &import->chains[i];

		import_lines_cut(chain, 0);
		free(chain->lines);
		free(chain->name);
		free(chain->text);
		free(chain->title);
		rule_free(&chain->domain);
	}
	free(take_ptr(import->chains));
	import->count = 0;
}

static int by_line(const void *a, const void *b)
{
	const struct import_fault *x = a, *y = b;

	return COMPARE(x->line, y->line);
}

int import_finish(struct import *import, int r, struct fault *fault)
{
	struct import_faults *faults = import->faults;

	if (r == -E2BIG)
		fault_set(fault, r, EXIT_REFUSED, "flattened, these are more than %d rules",
			  MAX_IMPORTED);
	if (faults->count)
		qsort(faults->fault, faults->count, sizeof(*faults->fault), by_line);
	chains_free(import);
	return r;
}
