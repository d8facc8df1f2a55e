/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_batch.c - elements of a command line or a list file to a batch; every bad line is reported. */
#include <errno.h>
#include <string.h>

#include "../base/file.h"
#include "element_list.h"
#include "set_batch.h"

#define LIST_MOST (256 << 20) /* bytes of a file */

static int batch_word(const char *word, uint32_t lifetime, struct set *batch, struct fault *fault)
{
	struct element_list list = { .at = word, .end = word + strlen(word), .type = batch->type };
	struct element element;
	uint32_t own;
	int found;

	while ((found = element_next(&list, &element, &own, fault)) == FOUND_ELEMENT) {
		int r = element_push(batch, &element, own ? own : lifetime);

		if (r < 0)
			return r;
	}
	if (found == FOUND_WORD)
		found = fault_set(fault, -EINVAL, EXIT_USAGE, "not an element: '%.*s'",
				  (int)MIN(list.len, 100), list.word);
	if (found < 0) {
		free(fault->source);
		fault->source = strdup(word);
		fault->column = (unsigned int)(list.word - word);
		fault->width = (unsigned int)list.len;
	}
	return found;
}

int batch_words(int count, char *const *words, uint32_t lifetime, struct set *batch,
		struct fault *fault)
{
	int r = 0;

	for (int i = 0; i < count && !r; i++)
		r = batch_word(words[i], lifetime, batch, fault);
	return r;
}

int list_open(const char *path, struct list_text *ret, struct fault *fault)
{
	autoclose int fd = file_open(path);
	struct list_text list = { .name = strcmp(path, "-") ? path : "<stdin>" };
	int r = fd < 0 ? fd : file_read(fd, LIST_MOST, &list.text, &list.len);

	if (r < 0) {
		list_close(&list);
		return fault_set(fault, r, EXIT_REFUSED, "'%s' %s", path,
				 r == -EFBIG ? "is longer than 256 MiB" : file_error(r));
	}
	*ret = list;
	return 0;
}

void list_close(struct list_text *list)
{
	free(take_ptr(list->text));
	list->len = 0;
}

/* The fault about the reader's last word gets its file, line and column. */
static void place_fault(const struct list_text *list, const struct element_list *at,
			struct fault *fault)
{
	const char *line = at->word, *end;

	while (line > list->text && line[-1] != '\n')
		line--;
	end = memchr(line, '\n', (size_t)(list->text + list->len - line));
	if (!end)
		end = list->text + list->len;
	fault->file = list->name;
	fault->line = 1;
	for (const char *c = list->text; c < line; c++)
		fault->line += *c == '\n';
	fault->column = (unsigned int)(at->word - line);
	fault->width = (unsigned int)at->len;
	free(fault->source);
	fault->source = strndup(line, (size_t)(end - line));
}

int batch_list(const struct list_text *list, uint32_t lifetime, struct set *batch,
	       struct list_faults *ret)
{
	struct element_list at = {
		.at = list->text,
		.end = list->text + list->len,
		.type = batch->type,
		.file = true,
	};
	struct element element;
	uint32_t own;

	for (;;) {
		struct fault *fault = ret->count < MOST_FAULTS ? &ret->fault[ret->count] : NULL;
		int found = element_next(&at, &element, &own, fault);

		if (found == FOUND_END)
			return ret->count ? -EINVAL : 0;
		if (found == FOUND_ELEMENT)
			found = element_push(batch, &element, own ? own : lifetime);
		if (found == -EINVAL) {
			if (fault)
				place_fault(list, &at, fault);
			ret->count++;
		} else if (found < 0) {
			return found;
		}
	}
}
