/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fields.c - the rows of fields.def as tables. */
#include <string.h>

#include "fields.h"

/* Axes that are no such place. */
enum {
	PLACE_NONE = PLACE_OTHER,
	PLACE_IFINDEX = PLACE_OTHER,
	PLACE_SRC = PLACE_OTHER,
	PLACE_DST = PLACE_OTHER,
	PLACE_SPORT = PLACE_OTHER,
	PLACE_DPORT = PLACE_OTHER,
	PLACE_PROTO = PLACE_OTHER,
	PLACE_FRAG = PLACE_OTHER,
	PLACE_LEN = PLACE_OTHER,
};

const struct match_field match_fields[FIELDS] = {
#define FIELD(id, text, axis, ...)                                                                 \
	[FIELD_##id] = { .word = text, .place = (enum field_place)PLACE_##axis, __VA_ARGS__ },
#include "fields.def"
#undef FIELD
};

const struct name field_names[] = {
#define FIELD(id, text, ...) { FIELD_##id, text },
#include "fields.def"
#undef FIELD
	{ 0, NULL },
};

const char *hooks_text(unsigned int hooks)
{
	static const char *const texts[ON_ALL + 1] = {
		[0] = "no hook",
		[ON_XDP] = "xdp",
		[ON_TC] = "tc",
		[ON_NF] = "nf",
		[ON_XDP | ON_TC] = "xdp and tc",
		[ON_XDP | ON_NF] = "xdp and nf",
		[ON_TC | ON_NF] = "tc and nf",
		[ON_ALL] = "xdp, tc and nf",
	};

	return texts[hooks & ON_ALL];
}

const char *field_second_word(enum field field, const char *first)
{
	const char *word = match_fields[field].word;
	size_t len = strlen(first);

	return !strncmp(word, first, len) && word[len] == ' ' ? word + len + 1 : NULL;
}

bool field_is_first_word(const char *word)
{
	for (enum field f = 0; f < FIELDS; f++)
		if (field_second_word(f, word))
			return true;
	return false;
}

enum field field_of_foreign(const char *word)
{
	size_t len = strlen(word);

	for (enum field f = 0; f < FIELDS; f++) {
		const char *at = match_fields[f].foreign;

		for (; at && *at; at += strcspn(at, " "), at += *at == ' ')
			if (strcspn(at, " ") == len && !strncmp(at, word, len))
				return f;
	}
	return FIELDS;
}
