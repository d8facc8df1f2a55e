/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* script_line.h - what the grammar needs where the text is a file; for ctl/text/ alone. */
#ifndef NETCTL_SCRIPT_LINE_H
#define NETCTL_SCRIPT_LINE_H

#include "parser.h"
#include "script.h"

#define MAX_INCLUDE_DEPTH 16
#define MAX_SOURCES 1024
#define MAX_SCRIPT_BYTES (64 << 20)
#define MAX_DEFINE_TOKENS 16384 /* so that defines of defines stay small */

struct script_token {
	int token, value;
	struct piece at;
};

struct define {
	char *name;
	size_t count;
	struct script_token *tokens;
};

/* A file being read. */
struct open_source {
	struct source *source;
	struct yy_buffer_state *buffer; /* the lexer's */
	unsigned int offset; /* how far the file that includes it was read */
};

struct script_reader {
	struct script *script;
	char *text; /* of all files, one after the other; owned */
	size_t len;
	bool policy_given;
	struct set *set; /* the one being read; of script->set */

	struct open_source open[MAX_INCLUDE_DEPTH];
	size_t depth;

	struct define *defines; /* owned */
	size_t define_count;
	struct define next; /* the one being read */

	/* the define being read out, and the place of its $NAME */
	size_t use, used;
	bool in_use;
	struct piece use_at;
};

/* Called by the grammar and the lexer as they recognize things. */

int script_rule(struct rule_parser *p, struct piece at);
int script_policy(struct rule_parser *p, struct piece at);
/* End of the innermost file: false when it is the first one. */
bool script_end_include(struct rule_parser *p, void *scanner);

int script_include(struct rule_parser *p, struct piece at, void *scanner);
/* The define of that name, or NULL. */
const struct define *script_find_define(const struct script_reader *reader, const char *name);
int script_define_word(struct rule_parser *p, int token, struct piece at);
int script_define(struct rule_parser *p, struct piece name);
/* "$NAME": what it stands for comes next. */
int script_use(struct rule_parser *p, struct piece at);
bool script_replay(struct rule_parser *p, int *ret_token, int *ret_value, struct piece *ret_at);
void script_reader_free(struct script_reader *reader);

/* A token and its value as one number: the grammar's own values are one. */
static inline int script_token(int token, int value)
{
	return token << 8 | value;
}

#endif
