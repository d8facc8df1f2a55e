/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_words.c - a line of iptables-save to words: blanks part them, quotes hold them together; and words of its to words of ours. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "import_parse.h"

int import_split(const char *text, struct import_words *ret)
{
	struct import_words words = {};
	const char *p = text;
	int r = 0;

	while (*(p += strspn(p, " \t\r\n")) && !r) {
		struct import_word *bigger =
			reallocarray(words.word, words.count + 1, sizeof(*bigger));
		struct import_word *word;
		bool quoted = *p == '"';
		char *to;

		if (!bigger)
			break;
		words.word = bigger;
		word = &bigger[words.count++];
		word->begin = (unsigned int)(p - text);
		word->text = to = calloc(1, strlen(p) + 1);
		if (!to)
			break;
		for (p += quoted; *p && (quoted ? *p != '"' : !isspace((unsigned char)*p)); p++) {
			if (quoted && *p == '\\' && p[1])
				p++;
			*to++ = *p;
		}
		if (quoted && *p++ != '"')
			r = -EINVAL;
		word->end = (unsigned int)(p - text);
	}
	if (!r && *p)
		r = -ENOMEM;
	if (r < 0)
		import_words_free(&words);
	else
		*ret = words;
	return r;
}

void import_words_free(struct import_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i].text);
	free(take_ptr(words->word));
	words->count = 0;
}

bool import_print_address(FILE *out, const char *word)
{
	const char *slash = strchr(word, '/');
	struct in_addr mask;
	unsigned int bits;

	if (!slash || !strchr(slash, '.') || inet_pton(AF_INET, slash + 1, &mask) != 1) {
		fputs(word, out);
		return true;
	}
	bits = ntohl(mask.s_addr);
	if (~bits & (~bits + 1))
		return false;
	fprintf(out, "%.*s/%d", (int)(slash - word), word, __builtin_popcount(bits));
	return true;
}

void import_print_ports(FILE *out, const char *word)
{
	const char *begin = word;

	for (const char *c = word; *c; c++) {
		if (*c != ':') {
			fputc(*c, out);
			begin = *c == ',' ? c + 1 : begin;
			continue;
		}
		if (c == begin)
			fputc('0', out);
		fputc('-', out);
		if (!c[1] || c[1] == ',')
			fputs("65535", out);
	}
}

void import_print_flags(FILE *out, const char *word)
{
	if (!strcmp(word, "ALL")) {
		fputs("fin+syn+rst+psh+ack+urg", out);
		return;
	}
	for (const char *c = word; *c; c++)
		fputc(*c == ',' ? '+' : tolower((unsigned char)*c), out);
}
