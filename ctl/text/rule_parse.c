/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule_parse.c - a rule's text to a struct rule. */
#include "parser.h"
#include "rule_parse.h"

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
