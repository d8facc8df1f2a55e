/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_words.c - splits a line of iptables-save or ipset save into words, and translates single words. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "../base/array.h"
#include "../rules/names.h"
#include "import_words.h"

#define BLANKS " \t\r\n"
#define COMMENT_BYTES 128 /* what one of our rules holds */

/* Bytes of the word at p, its quotes included; -EINVAL when they are not closed. */
static ssize_t word_len(const char *p)
{
	size_t i = 1;

	if (*p != '"')
		return (ssize_t)strcspn(p, BLANKS);
	for (; p[i] && p[i] != '"'; i++)
		i += p[i] == '\\' && p[i + 1];
	return p[i] ? (ssize_t)i + 1 : -EINVAL;
}

/* A word without its quotes and escapes; the caller frees. */
static char *word_text(const char *p, size_t len)
{
	bool quoted = *p == '"';
	char *text = malloc(len + 1), *to = text;

	for (size_t i = quoted; text && i < len - quoted; i++) {
		i += quoted && p[i] == '\\';
		*to++ = p[i];
	}
	if (text)
		*to = '\0';
	return text;
}

int import_split(const char *text, struct import_words *ret)
{
	struct import_words words = {};
	const char *p = text;
	ssize_t len = 0;
	int r = 0;

	for (; !r && *(p += strspn(p, BLANKS)); p += len) {
		len = word_len(p);
		r = len < 0 ? -EINVAL : array_grow(words.word, words.count);
		if (r < 0)
			break;
		words.word[words.count] = (struct import_word){
			.text = word_text(p, (size_t)len),
			.begin = (unsigned int)(p - text),
			.end = (unsigned int)(p - text + len),
		};
		r = words.word[words.count++].text ? 0 : -ENOMEM;
	}
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

bool import_is_plain(const char *word, const char *marks)
{
	const char *c = word;

	while (isalnum((unsigned char)*c) || (*c && strchr(marks, *c)))
		c++;
	return *word && !*c;
}

bool import_is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);

	for (size_t n; *words; words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		if (n == len && !memcmp(word, words, n))
			return true;
	}
	return false;
}

const char *import_print_word(FILE *out, const char *word)
{
	fputs(word, out);
	return NULL;
}

const char *import_print_address(FILE *out, const char *word)
{
	const char *slash = strchr(word, '/');
	struct in_addr mask;
	unsigned int bits;

	if (!slash || !strchr(slash, '.') || inet_pton(AF_INET, slash + 1, &mask) != 1) {
		fputs(word, out);
		return NULL;
	}
	bits = ntohl(mask.s_addr);
	if (~bits & (~bits + 1))
		return "a mask with holes";
	fprintf(out, "%.*s/%d", (int)(slash - word), word, __builtin_popcount(bits));
	return NULL;
}

const char *import_print_ports(FILE *out, const char *word)
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
	return NULL;
}

/* Decimal or hexadecimal, of 32 bits; it ends with the word or at "end". */
static bool read_number(const char *word, const char *end, unsigned long *ret)
{
	char *last;

	*ret = strtoul(word, &last, 0);
	return isdigit((unsigned char)*word) && *ret <= UINT32_MAX && (end ? last == end : !*last);
}

/* They take names from the system, and so do we; ours are for a machine that has none. */
int import_protocol(const char *word)
{
	struct protoent *entry;
	unsigned long number;

	if (read_number(word, NULL, &number))
		return number <= UINT8_MAX ? (int)number : -ENOENT;
	entry = getprotobyname(word);
	if (entry)
		return entry->p_proto <= UINT8_MAX ? entry->p_proto : -ENOENT;
	return name_number(protocol_names, word);
}

const char *import_print_protocol(FILE *out, const char *word)
{
	int number = import_protocol(word);

	if (number < 0)
		return "not a protocol that this machine knows";
	fprintf(out, "%d", number);
	return NULL;
}

const char *import_print_number(FILE *out, const char *word)
{
	unsigned long number;

	if (!read_number(word, NULL, &number))
		return "not a number";
	fprintf(out, "%lu", number);
	return NULL;
}

const char *import_print_tos(FILE *out, const char *word)
{
	const char *slash = strchr(word, '/');
	unsigned long tos, mask;

	if (!slash || !read_number(word, slash, &tos) || !read_number(slash + 1, NULL, &mask))
		return "not a TOS and its mask";
	if (mask != 0xfc || tos & ~mask)
		return "only the six bits of mask 0xfc, the DSCP, have a translation";
	fprintf(out, "%lu", tos >> 2);
	return NULL;
}

const char *import_print_mark(FILE *out, const char *word)
{
	const char *slash = strchr(word, '/');
	unsigned long mark, mask = UINT32_MAX;

	if (!read_number(word, slash, &mark) || (slash && !read_number(slash + 1, NULL, &mask)))
		return "not a mark";
	if (mark & ~mask)
		return "bits outside of its mask: no mark is equal to it";
	fprintf(out, mask == UINT32_MAX ? "0x%lx" : "0x%lx/0x%lx", mark, mask);
	return NULL;
}

const char *import_print_class(FILE *out, const char *word)
{
	if (!strcasecmp(word, "BE"))
		word = "cs0";
	for (const char *c = word; *c; c++)
		fputc(tolower((unsigned char)*c), out);
	return NULL;
}

static const char *print_beyond(FILE *out, const char *word, bool above)
{
	unsigned long number;

	if (!read_number(word, NULL, &number))
		return "not a number";
	if (above ? number >= UINT8_MAX : !number)
		return "no packet meets it";
	fprintf(out, "%lu-%lu", above ? number + 1 : 0, above ? UINT8_MAX : number - 1);
	return NULL;
}

const char *import_print_below(FILE *out, const char *word)
{
	return print_beyond(out, word, false);
}

const char *import_print_above(FILE *out, const char *word)
{
	return print_beyond(out, word, true);
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

/* Never cut within a character. */
int import_comment(const char *text, struct rule *rule)
{
	size_t len = MIN(strlen(text), COMMENT_BYTES);

	while (len && text[len] && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	free(take_ptr(rule->comment));
	if (!len)
		return 0;
	rule->comment = strndup(text, len);
	if (!rule->comment)
		return -ENOMEM;
	for (char *c = rule->comment; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return 0;
}
