/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* script.c - a whole ruleset from files and to text. */
#include <stdio.h>

#include "rule_print.h"
#include "script_line.h"
#include "set_print.h"
#include "source.h"

int script_read(const char *path, struct script *ret, struct fault *fault)
{
	struct script_reader reader = { .script = ret };
	struct rule_parser p = { .script = &reader, .fault = fault };
	struct source *source;
	int r;

	*ret = (struct script){};
	ruleset_init(&ret->rules);
	r = script_add_source(&p, path, NULL, &source);
	if (!r) {
		reader.open[reader.depth++].source = source;
		r = parser_run(&p);
	}
	free(p.pieces);
	rule_free(&p.rule);
	script_reader_free(&reader);
	return r;
}

void script_free(struct script *script)
{
	ruleset_free(&script->rules);
	for (size_t i = 0; i < script->count; i++) {
		free(script->sources[i]->name);
		free(script->sources[i]);
	}
	free(take_ptr(script->sources));
	free(take_ptr(script->reports));
	script->count = 0;
}

int script_print(const struct ruleset *rules, FILE *out)
{
	fprintf(out, "policy %s\n", name_text(verdict_names, rules->policy));
	for (size_t i = 0; i < rules->set_count; i++)
		set_print(&rules->sets[i], out);
	for (size_t i = 0; i < rules->count; i++) {
		autofree char *text = NULL;
		int r = rule_print(&rules->rules[i], &text);

		if (r < 0)
			return r;
		fprintf(out, "%s\n", text);
	}
	return 0;
}
