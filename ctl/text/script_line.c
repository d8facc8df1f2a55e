/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* script_line.c - the lines of a file beside rules: policy, define, include; and rules, gathered. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "script_line.h"
#include "source.h"
#include "rule.tab.h"
#include "rule.lex.h"

int script_rule(struct rule_parser *p, struct piece at)
{
	struct script_reader *reader = p->script;
	struct ruleset *rules = &reader->script->rules;
	struct fault place = {};
	int r = parser_finish(p);

	free(take_ptr(p->pieces));
	if (!r)
		r = ruleset_make_room(rules, rules->count);
	if (r < 0)
		return r;
	script_place(p, at, &place);
	p->rule.file = place.file;
	p->rule.line = place.line;
	rules->rules[rules->count - 1] = p->rule;
	p->rule = (struct rule){};
	return 0;
}

int script_policy(struct rule_parser *p, struct piece at)
{
	autofree char *word = NULL;
	int r = parser_word(p, at, &word), verdict;

	if (r < 0)
		return r;
	verdict = name_number(verdict_names, word);
	if (verdict < 0)
		return parser_fault(p, at, "no such policy: '%s' (pass or drop)", word);
	if (p->script->policy_given)
		return parser_fault(p, at, "the policy is given a second time");
	p->script->policy_given = true;
	p->script->script->rules.policy = (enum verdict)verdict;
	return 0;
}

int script_include(struct rule_parser *p, struct piece at, void *scanner)
{
	struct script_reader *reader = p->script;
	autofree char *path = NULL;
	struct source *source;
	int r = parser_word(p, at, &path);

	if (r < 0)
		return r;
	if (reader->depth == MAX_INCLUDE_DEPTH)
		return parser_fault(p, at, "files include each other more than %d deep",
				    MAX_INCLUDE_DEPTH);
	r = script_add_source(p, path, &at, &source);
	if (r < 0)
		return r;
	reader->open[reader->depth] = (struct open_source){
		.source = source,
		.buffer = rule_yy_scan_bytes(reader->text + source->begin,
					     (int)(source->end - source->begin), scanner),
		.offset = p->offset,
	};
	if (!reader->open[reader->depth].buffer)
		return -ENOMEM;
	reader->depth++;
	p->offset = source->begin;
	return 0;
}

bool script_end_include(struct rule_parser *p, void *scanner)
{
	struct script_reader *reader = p->script;
	const struct open_source *innermost;

	if (reader->depth == 1)
		return false;
	innermost = &reader->open[--reader->depth];
	rule_yy_delete_buffer(innermost->buffer, scanner);
	rule_yy_switch_to_buffer(innermost[-1].buffer, scanner);
	p->offset = innermost->offset;
	return true;
}

const struct define *script_find_define(const struct script_reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->define_count; i++)
		if (!strcmp(reader->defines[i].name, name))
			return &reader->defines[i];
	return NULL;
}

int script_define_word(struct rule_parser *p, int token, struct piece at)
{
	struct define *next = &p->script->next;

	if (next->count == MAX_DEFINE_TOKENS)
		return parser_fault(p, at, "a define holds at most %d words and marks",
				    MAX_DEFINE_TOKENS);
	if (array_grow(next->tokens, next->count) < 0)
		return -ENOMEM;
	next->tokens[next->count++] = (struct script_token){ token >> 8, token & 0xff, at };
	return 0;
}

int script_define(struct rule_parser *p, struct piece name)
{
	struct script_reader *reader = p->script;
	int r = parser_word(p, name, &reader->next.name);

	if (r < 0)
		return r;
	if (script_find_define(reader, reader->next.name))
		return parser_fault(p, name, "'%s' is defined already", reader->next.name);
	if (array_grow(reader->defines, reader->define_count) < 0)
		return -ENOMEM;
	reader->defines[reader->define_count++] = reader->next;
	reader->next = (struct define){};
	return 0;
}

int script_use(struct rule_parser *p, struct piece at)
{
	struct script_reader *reader = p->script;
	autofree char *word = NULL;
	const struct define *define;
	int r = parser_word(p, at, &word);

	if (r < 0)
		return r;
	define = script_find_define(reader, word + 1);
	if (!define) {
		parser_fault(p, at, "'%s' is not defined", word);
		parser_hint(p, "above it: define %s = ...", word + 1);
		return -EINVAL;
	}
	reader->use = (size_t)(define - reader->defines);
	reader->used = 0;
	reader->use_at = at;
	reader->in_use = true;
	return 0;
}

/* "disabled" begins a rule out of a define, too; where it was defined it is a word like any other. */
static bool begins_disabled(const struct rule_parser *p, const struct script_token *token)
{
	static const char word[] = "disabled";

	return token->token == WORD && (!p->token || p->token == BREAK) &&
	       token->at.word_len == strlen(word) &&
	       !memcmp(p->text + token->at.word, word, strlen(word));
}

bool script_replay(struct rule_parser *p, int *ret_token, int *ret_value, struct piece *ret_at)
{
	struct script_reader *reader = p->script;
	const struct define *define;
	const struct script_token *token;

	if (!reader->in_use)
		return false;
	define = &reader->defines[reader->use];
	token = &define->tokens[reader->used++];
	reader->in_use = reader->used < define->count;
	*ret_token = begins_disabled(p, token) ? DISABLED : token->token;
	*ret_value = token->value;
	/* The caret is below the $NAME; the word itself is where it was defined. */
	*ret_at = reader->use_at;
	ret_at->word = token->at.word;
	ret_at->word_len = token->at.word_len;
	return true;
}

void script_reader_free(struct script_reader *reader)
{
	for (size_t i = 0; i < reader->define_count; i++) {
		free(reader->defines[i].name);
		free(reader->defines[i].tokens);
	}
	free(reader->defines);
	free(reader->next.name);
	free(reader->next.tokens);
	free(reader->text);
}
