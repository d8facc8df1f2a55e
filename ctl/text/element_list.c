/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_list.c - text that holds many elements of a set: the inside of a block, or a list file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/duration.h"
#include "element_list.h"
#include "element_read.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '\n' || c == ',' || c == '#' || c == ';';
}

static bool is_word(const struct element_list *list, const char *text)
{
	return list->len == strlen(text) && !memcmp(list->word, text, list->len);
}

static void skip_blanks(struct element_list *list)
{
	while (list->at < list->end && is_blank(*list->at))
		list->at++;
}

static void skip_line(struct element_list *list)
{
	const char *eol = memchr(list->at, '\n', (size_t)(list->end - list->at));

	list->at = eol ? eol : list->end;
}

/* Up to the next word. */
static void skip_separators(struct element_list *list)
{
	while (list->at < list->end) {
		char c = *list->at;

		if (c == '#' || (c == ';' && list->file))
			skip_line(list);
		else if (ends_word(c))
			list->at++;
		else
			return;
	}
}

static void take_word(struct element_list *list)
{
	list->word = list->at;
	while (list->at < list->end && !ends_word(*list->at))
		list->at++;
	list->len = (size_t)(list->at - list->word);
}

bool element_word(struct element_list *list)
{
	skip_blanks(list);
	list->word = list->at;
	list->len = 0;
	if (list->at == list->end || *list->at != '"') {
		take_word(list);
		return list->len > 0;
	}
	for (list->at++; list->at < list->end && *list->at != '\n'; list->at++) {
		if (*list->at == '\\' && list->at + 1 < list->end) {
			list->at++;
		} else if (*list->at == '"') {
			list->at++;
			list->len = (size_t)(list->at - list->word);
			return true;
		}
	}
	return false;
}

/* A fault about the last word; reading a file continues with the next line. */
static int at_fault(struct element_list *list)
{
	skip_line(list);
	return -EINVAL;
}

static int read_lifetime(struct element_list *list, uint32_t *ret, struct fault *fault)
{
	const char *word = list->word;
	char text[DURATION_SIZE];
	size_t len = list->len;

	if (!element_word(list)) {
		list->word = word;
		list->len = len;
		fault_set(fault, -EINVAL, EXIT_USAGE, "for needs a time");
		fault_hint(fault, DURATION_HINT);
		return at_fault(list);
	}
	if (list->len < sizeof(text)) {
		memcpy(text, list->word, list->len);
		text[list->len] = '\0';
		if (duration_read(text, ret))
			return 0;
	}
	fault_set(fault, -EINVAL, EXIT_USAGE, "not a time: '%.*s'", (int)MIN(list->len, 100),
		  list->word);
	fault_hint(fault, DURATION_HINT);
	return at_fault(list);
}

/* Whether the element ends here; else the next word is the last word now. */
static bool ended(struct element_list *list)
{
	skip_blanks(list);
	if (list->at == list->end || ends_word(*list->at))
		return true;
	take_word(list);
	return false;
}

/* "10.0.0.1 - 10.0.0.9", as some lists have ranges: all but the first end would be lost as a remark. */
static bool is_range_end(const struct element_list *list)
{
	struct element_list rest = *list;
	struct element second;

	return is_word(list, "-") && !ended(&rest) &&
	       element_read(rest.type, rest.word, rest.len, &second, NULL) >= 0;
}

int element_end(struct element_list *list, struct fault *fault)
{
	struct element second;

	if (ended(list))
		return 0;
	if (is_range_end(list)) {
		fault_set(fault, -EINVAL, EXIT_USAGE, "a range has no blanks beside its '-'");
		fault_hint(fault, "without them it is one element");
		return at_fault(list);
	}
	if (list->file && element_read(list->type, list->word, list->len, &second, NULL) < 0) {
		skip_line(list);
		return 0;
	}
	fault_set(fault, -EINVAL, EXIT_USAGE, "a comma is missing before '%.*s'",
		  (int)MIN(list->len, 100), list->word);
	fault_hint(fault, "elements are joined by commas, or stand on lines of their own");
	return at_fault(list);
}

int element_next(struct element_list *list, struct element *ret, uint32_t *ret_lifetime,
		 struct fault *fault)
{
	int r = 0;

	skip_separators(list);
	if (list->at == list->end)
		return FOUND_END;
	take_word(list);
	if (!list->file && (list->word[0] == '$' || is_word(list, "include")))
		return FOUND_WORD;
	if (element_read(list->type, list->word, list->len, ret, fault) < 0)
		return at_fault(list);
	*ret_lifetime = 0;
	if (ended(list))
		return FOUND_ELEMENT;
	if (is_word(list, "for"))
		r = read_lifetime(list, ret_lifetime, fault);
	else
		list->at = list->word;
	if (!r)
		r = element_end(list, fault);
	return r < 0 ? r : FOUND_ELEMENT;
}
