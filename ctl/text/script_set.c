/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* script_set.c - "set NAME { ... }" in files: the block's elements, also out of defines and list files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "element_list.h"
#include "script_line.h"
#include "script_set.h"
#include "source.h"
#include "set_words.h"

int script_set_name(struct rule_parser *p, struct piece at)
{
	struct ruleset *rules = &p->script->script->rules;
	autofree char *name = NULL;
	const struct set *same;
	struct fault place = {};
	int r = parser_word(p, at, &name);

	if (r < 0)
		return r;
	if (!set_name_is_good(name)) {
		parser_fault(p, at, "not the name of a set: '%s'", name);
		parser_hint(p, SET_NAME_HINT);
		return -EINVAL;
	}
	same = ruleset_find_set(rules, name);
	if (same) {
		parser_fault(p, at, "set '%s' is given a second time", name);
		parser_hint(p, "the first one is at %s:%u", same->file, same->line);
		return -EINVAL;
	}
	r = ruleset_add_set(rules, name, SET_ADDRESSES, &p->script->set);
	if (r < 0)
		return r;
	script_place(p, at, &place);
	p->script->set->file = place.file;
	p->script->set->line = place.line;
	return 0;
}

/* A fault that was set without its place gets it. Other errors have no text. */
static int element_fault(struct rule_parser *p, struct piece at, int error, struct fault *fault)
{
	if (error == -EINVAL) {
		parser_fault(p, at, "%s", fault->message);
		parser_hint(p, "%s", fault->hint);
	}
	free(take_ptr(fault->source));
	return error;
}

int script_set_word(struct rule_parser *p, struct piece at)
{
	struct set *set = p->script->set;
	autofree char *word = NULL;
	struct fault fault = {};
	int r = parser_word(p, at, &word);

	if (r < 0)
		return r;
	r = set_word(set, word, &fault);
	return r < 0 ? element_fault(p, at, r, &fault) : 0;
}

/* The place of the reader's last word, in the text of all files. */
static struct piece word_piece(const struct rule_parser *p, const struct element_list *list)
{
	unsigned int begin = (unsigned int)(list->word - p->text);

	return (struct piece){ begin, begin + (unsigned int)list->len, begin,
			       (unsigned int)list->len, false };
}

/* All elements of a text without $NAME and include. at: NULL, or where faults are to point. */
static int read_plain(struct rule_parser *p, struct element_list *list, struct set *batch,
		      const struct piece *at)
{
	struct element element;
	struct fault fault = {};
	uint32_t lifetime;
	int found;

	while ((found = element_next(list, &element, &lifetime, &fault)) == FOUND_ELEMENT) {
		int r = element_push(batch, &element, lifetime);

		if (r < 0)
			return r;
	}
	if (found == FOUND_WORD)
		found = fault_set(&fault, -EINVAL, EXIT_USAGE, "unexpected word: '%.*s'",
				  (int)MIN(list->len, 100), list->word);
	return found < 0 ? element_fault(p, at ? *at : word_piece(p, list), found, &fault) : 0;
}

/* include "FILE": a list file, of one element a line. */
static int read_file(struct rule_parser *p, struct piece at, struct set *batch)
{
	autofree char *path = NULL;
	struct source *source;
	int r = parser_word(p, at, &path);

	if (!r)
		r = script_add_source(p, path, &at, &source);
	if (r < 0)
		return r;
	return read_plain(p,
			  &(struct element_list){
				  .at = p->text + source->begin,
				  .end = p->text + source->end,
				  .type = batch->type,
				  .file = true,
			  },
			  batch, NULL);
}

/* $NAME: its tokens are elements, commas, times. */
static int read_define(struct rule_parser *p, struct piece at, struct set *batch)
{
	autofree char *name = strndup(p->text + at.begin + 1, at.end - at.begin - 1);
	const struct define *define = name ? script_find_define(p->script, name) : NULL;
	autofree char *text = NULL;
	size_t size;
	FILE *out;
	int r;

	if (!name)
		return -ENOMEM;
	if (!define) {
		parser_fault(p, at, "'$%s' is not defined", name);
		parser_hint(p, "above it: define %s = ...", name);
		return -EINVAL;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < define->count; i++)
		fprintf(out, "%.*s ", (int)define->tokens[i].at.word_len,
			p->text + define->tokens[i].at.word);
	if (fclose(out))
		return -ENOMEM;
	r = read_plain(p,
		       &(struct element_list){
			       .at = text,
			       .end = text + size,
			       .type = batch->type,
		       },
		       batch, &at);
	return r;
}

/* What element_next() leaves to its caller; the text may be elsewhere in memory afterwards. */
static int read_word(struct rule_parser *p, struct element_list *list, struct set *batch)
{
	size_t at, end = (size_t)(list->end - p->text);
	struct piece piece = word_piece(p, list);
	struct fault fault = {};
	int r;

	if (list->word[0] != '$') {
		if (!element_word(list))
			return parser_fault(p, piece, "include needs the name of a file");
		piece = word_piece(p, list);
	}
	at = (size_t)(list->at - p->text);
	r = p->text[piece.begin] == '$' ? read_define(p, piece, batch) : read_file(p, piece, batch);
	if (r < 0)
		return r;
	list->at = p->text + at;
	list->end = p->text + end;
	r = element_end(list, &fault);
	return r < 0 ? element_fault(p, word_piece(p, list), r, &fault) : 0;
}

static int read_block(struct rule_parser *p, struct element_list *list, struct set *batch)
{
	struct element element;
	struct fault fault = {};
	uint32_t lifetime;
	int r = 0;

	while (!r) {
		int found = element_next(list, &element, &lifetime, &fault);

		if (found < 0)
			return element_fault(p, word_piece(p, list), found, &fault);
		if (found == FOUND_END)
			break;
		r = found == FOUND_WORD ? read_word(p, list, batch)
					: element_push(batch, &element, lifetime);
	}
	return r;
}

int script_set(struct rule_parser *p, struct piece block)
{
	struct set *set = p->script->set;
	struct set batch = { .type = set->type };
	struct element_list list = {
		.at = p->text + block.word + 1,
		.end = p->text + block.word + block.word_len,
		.type = set->type,
	};
	struct script *script = p->script->script;
	size_t n = script->rules.set_count - 1;
	int r = array_grow(script->reports, n);

	if (!r)
		r = read_block(p, &list, &batch);
	if (!r)
		r = set_add(set, &batch, &script->reports[n]);
	set_free(&batch);
	p->script->set = NULL;
	return r;
}
