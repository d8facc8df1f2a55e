/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* data_files.c - rules from files that are none of ours: ClassBench's, and lists of addresses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classbench.h"
#include "data_files.h"

#define LINE 512

/* Every fourth passes, so that neighbours differ. */
static const char *action_of(size_t position)
{
	return position % 4 ? "drop" : "pass";
}

static char *read_line(const char *line, bool ip6, size_t position)
{
	size_t len = strcspn(line, " \t\r\n#;");
	struct classbench_rule rule;
	char *text = NULL;

	if (*line == '@')
		return classbench_parse(line, &rule)
			       ? classbench_text(&rule, ip6, action_of(position))
			       : NULL;
	if (!len || asprintf(&text, "%s src %.*s", action_of(position), (int)len, line) < 0)
		return NULL;
	return text;
}

char **rules_of_file(const char *path, bool ip6, size_t most, size_t *ret_count)
{
	char **rules = calloc(most, sizeof(*rules)), line[LINE];
	FILE *in = fopen(path, "re");
	size_t count = 0;

	if (!in || !rules) {
		free(rules);
		return NULL;
	}
	while (count < most && fgets(line, sizeof(line), in)) {
		rules[count] = read_line(line, ip6, count);
		count += rules[count] != NULL;
	}
	fclose(in);
	*ret_count = count;
	return rules;
}

static int put_list(FILE *out, size_t n, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[LINE];

	if (!in)
		return -1;
	fprintf(out, "set s%zu {\n", n);
	while (fgets(line, sizeof(line), in))
		fprintf(out, "%.*s\n", (int)strcspn(line, " \t\r\n#;"), line);
	fprintf(out, "}\n");
	fclose(in);
	return 0;
}

void print_elements(FILE *out, bool hosts, size_t count, struct prng *prng)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t a = prng_word(prng), length = below(prng, 3) ? 32 : 16 + below(prng, 17);

		length = hosts ? 32 : length;
		a &= UINT32_MAX << (32 - length);
		if (hosts || below(prng, 5))
			fprintf(out, "%u.%u.%u.%u/%u\n", a >> 24, a >> 16 & 255, a >> 8 & 255,
				a & 255, length);
		else
			fprintf(out, "2001:%x:%x:%x::/%u\n", a >> 16, a & 0xffff,
				length == 32 ? below(prng, 65536) : 0,
				length == 32 ? 64 : length + 16);
	}
}

char *script_of_lists(char *const *paths, size_t count, size_t more, struct prng *prng)
{
	size_t sets = count + 2 * !!more, size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	int r = 0;

	for (size_t i = 0; i < sets; i++)
		fprintf(out, "pass src @s%zu dst @s%zu dport 1-1023\n", i, (i + 1) % sets);
	for (size_t i = 0; i < sets; i++)
		fprintf(out, "audit dst @s%zu\ndrop src @s%zu proto tcp\n", i, i);
	for (size_t i = 0; i < sets; i++)
		fprintf(out, "drop dst @s%zu not src @s%zu\npass host @s%zu len 0-100\n", i,
			(i + 1) % sets, i);
	for (size_t i = 0; i < count && !r; i++)
		r = put_list(out, i, paths[i]);
	for (size_t i = count; i < sets; i++) {
		fprintf(out, "set s%zu {\n", i);
		print_elements(out, i > count, more, prng);
		fprintf(out, "}\n");
	}
	fclose(out);
	if (r < 0) {
		free(text);
		return NULL;
	}
	return text;
}
