/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mutate.c - corpora, and mutations that keep most of what a reader knows. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ctl/base/util.h"
#include "mutate.h"

#define CHANGES 6 /* at most, of one input */

static void *allocate(size_t size)
{
	void *at = calloc(1, size);

	if (!at)
		errx(1, "no memory");
	return at;
}

void corpus_add(struct corpus *corpus, const void *bytes, size_t len)
{
	struct bytes copy = { len, allocate(len + 1) };

	memcpy(copy.at, bytes, len);
	corpus->item = reallocarray(corpus->item, corpus->count + 1, sizeof(*corpus->item));
	if (!corpus->item)
		errx(1, "no memory");
	corpus->item[corpus->count++] = copy;
}

void corpus_add_lines(struct corpus *corpus, const char *path)
{
	FILE *in = fopen(path, "re");
	autofree char *line = NULL;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0)
		if (*line != '#' && *line != '\n')
			corpus_add(corpus, line, strcspn(line, "|\n"));
	if (in)
		fclose(in);
}

void corpus_add_file(struct corpus *corpus, const char *path)
{
	static uint8_t buffer[1 << 20];
	FILE *in = fopen(path, "re");

	if (!in)
		return;
	corpus_add(corpus, buffer, fread(buffer, 1, sizeof(buffer), in));
	fclose(in);
}

void corpus_free(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->count; i++)
		free(corpus->item[i].at);
	free(corpus->item);
	*corpus = (struct corpus){};
}

/* Replace old_len bytes at "at" by others. */
static void splice(struct bytes *b, size_t at, size_t old_len, const void *with, size_t len,
		   size_t most)
{
	uint8_t *made;

	if (b->len - old_len + len > most)
		return;
	made = allocate(b->len - old_len + len + 1);
	memcpy(made, b->at, at);
	memcpy(made + at, with, len);
	memcpy(made + at + len, b->at + at + old_len, b->len - at - old_len);
	free(b->at);
	*b = (struct bytes){ b->len - old_len + len, made };
}

/* A word of the text around a place. */
static void word_at(const struct bytes *b, size_t place, size_t *at, size_t *len)
{
	static const char between[] = " \t\n,{}/-:;";
	size_t begin = place, end = place;

	while (begin && !strchr(between, b->at[begin - 1]))
		begin--;
	while (end < b->len && !strchr(between, b->at[end]))
		end++;
	*at = begin;
	*len = end - begin;
}

static void change_bytes(struct bytes *b, struct prng *c, size_t most)
{
	static const uint8_t telling[] = { 0,	 1,   0x7f, 0x80, 0xff, '\n', ' ', '"',
					   '\\', '{', '}',  ',',  '-',	'/',  '@', '$',
					   '#',	 ';', ':',  '.',  '0',	'9' };
	size_t at = below(c, b->len), len = below(c, MIN(b->len - at, (size_t)16) + 1);
	uint8_t byte = PICK(c, telling);

	switch (below(c, 4)) {
	case 0:
		b->at[at] ^= 1 << below(c, 8);
		break;
	case 1:
		b->at[at] = byte;
		break;
	case 2:
		splice(b, at, len, NULL, 0, most);
		break;
	default:
		splice(b, at, 0, &byte, 1, most);
	}
}

static void change_word(struct bytes *b, const struct corpus *corpus, struct prng *c, size_t most)
{
	static const char *const numbers[] = { "0",
					       "1",
					       "-1",
					       "255",
					       "256",
					       "4095",
					       "4096",
					       "32",
					       "33",
					       "65535",
					       "65536",
					       "4294967295",
					       "4294967296",
					       "18446744073709551616",
					       "0x",
					       "00000000000000000001",
					       "99999999999999999999999999999999999999",
					       "::",
					       "" };
	const struct bytes *other = &corpus->item[below(c, corpus->count)];
	size_t at, len, from, from_len;

	word_at(b, below(c, b->len), &at, &len);
	if (below(c, 3) == 0 || !other->len) {
		const char *number = PICK(c, numbers);

		splice(b, at, len, number, strlen(number), most);
		return;
	}
	word_at(other, below(c, other->len), &from, &from_len);
	splice(b, at, below(c, 2) ? len : 0, other->at + from, from_len, most);
}

struct bytes mutate(const struct corpus *corpus, struct prng *c, size_t most)
{
	const struct bytes *from = &corpus->item[below(c, corpus->count)];
	struct bytes b = { from->len, allocate(from->len + 1) };

	memcpy(b.at, from->at, from->len);
	for (uint32_t i = below(c, CHANGES + 1); i && b.len; i--) {
		const struct bytes *other = &corpus->item[below(c, corpus->count)];
		size_t at = below(c, b.len), begin, len;

		switch (below(c, 6)) {
		case 0: /* a piece of another */
			begin = below(c, other->len + 1);
			len = below(c, other->len - begin + 1);
			splice(&b, at, 0, other->at + begin, len, most);
			break;
		case 1:
		case 2:
			change_word(&b, corpus, c, most);
			break;
		default:
			change_bytes(&b, c, most);
		}
	}
	return b;
}

void damage(void *bytes, size_t len, struct prng *c)
{
	static const uint32_t telling[] = { 0,	   1,	       0xff,	   0x7fffffff, 0x80000000,
					    65536, 0xffffffff, 0xfffffff0, 1 << 20 };
	uint8_t *at = bytes;

	for (uint32_t i = 1 + below(c, CHANGES); i; i--) {
		size_t place = below(c, len / 4) * 4;
		uint32_t word;

		memcpy(&word, at + place, sizeof(word));
		if (below(c, 3) == 0)
			word = PICK(c, telling);
		else if (below(c, 2))
			word += below(c, 64) - 32;
		else
			word ^= 1u << below(c, 32);
		memcpy(at + place, &word, sizeof(word));
	}
}
