/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_word.c - words of the text: quoted ones without their quotes and escapes, numbers. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "parser.h"

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte written after a backslash in quotes: \" \\ \xNN. Returns the bytes taken, or 0. */
static size_t unescape(const char *p, char *ret)
{
	int byte;

	if (*p == '"' || *p == '\\') {
		*ret = *p;
		return 1;
	}
	if (*p != 'x' || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0)
		return 0;
	byte = hex_digit(p[1]) << 4 | hex_digit(p[2]);
	*ret = (char)byte;
	return byte ? 3 : 0;
}

int parser_word(struct rule_parser *p, struct piece at, char **ret)
{
	const char *from = p->text + at.word;
	size_t len = at.word_len, to = 0;
	autofree char *word = strndup(from, len);

	if (!word)
		return -ENOMEM;
	if (from[0] == '"' && !at.whole) {
		for (size_t i = 1; i < len - 1; i++) {
			size_t taken;

			if (from[i] != '\\') {
				word[to++] = from[i];
				continue;
			}
			taken = unescape(from + i + 1, &word[to++]);
			if (!taken) {
				if (at.word == at.begin) {
					at.begin += (unsigned int)i;
					at.end = at.begin + 2;
				}
				parser_fault(p, at, "unknown escape: '%.2s'", from + i);
				parser_hint(p, "known are \\\" \\\\ and \\xNN, in lower case");
				return -EINVAL;
			}
			i += taken;
		}
		word[to] = '\0';
	}
	*ret = take_ptr(word);
	return 0;
}

/*
 * Decimal digits alone, without leading zeros (C reads those as octal, people do not), up to max.
 */
bool value_number(const char *word, size_t len, uint32_t max, uint32_t *ret)
{
	uint64_t n = 0;

	if (!len || len > 10 || (len > 1 && word[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)word[i]))
			return false;
		n = n * 10 + (uint64_t)(word[i] - '0');
	}
	if (n > max)
		return false;
	*ret = (uint32_t)n;
	return true;
}
