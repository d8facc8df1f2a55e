/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_batch.c - elements of a command line or a list file to a batch; every bad line is told. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "element_list.h"
#include "set_batch.h"
#include "../../bpf/boot.h"

#define LIST_MOST (256 << 20) /* bytes of a file */

static int push(struct set *batch, const struct element *element, uint32_t lifetime)
{
	return element_push(batch, element, lifetime ? boot_until(lifetime) : 0);
}

static int batch_word(const char *word, uint32_t lifetime, struct set *batch, struct fault *fault)
{
	struct element_list list = { .at = word, .end = word + strlen(word), .type = batch->type };
	struct element element;
	uint32_t own;
	int found;

	while ((found = element_next(&list, &element, &own, fault)) == FOUND_ELEMENT) {
		int r = push(batch, &element, own ? own : lifetime);

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

static int unreadable(const char *path, int error, struct fault *fault)
{
	return fault_set(fault, -error, EXIT_REFUSED, "'%s' %s", path,
			 error == ENOENT   ? "is not there"
			 : error == EACCES ? "may not be read"
			 : error == EISDIR ? "is a directory"
			 : error == EFBIG  ? "is longer than 256 MiB"
			 : error == EILSEQ ? "holds a NUL byte: it is not text"
					   : "cannot be read");
}

/* 0 or an errno. */
static int read_all(int fd, struct list_text *list)
{
	struct stat st;
	size_t room = 0;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LIST_MOST)
		room = (size_t)st.st_size;
	room = MAX(room + 1, 1U << 16);
	for (;;) {
		char *bigger = list->text;
		ssize_t n;

		if (!bigger || list->len == room) {
			room *= bigger ? 2 : 1;
			bigger = realloc(bigger, room);
		}
		if (!bigger)
			return ENOMEM;
		list->text = bigger;
		n = read(fd, bigger + list->len, room - list->len);
		if (n < 0)
			return errno;
		if (n == 0)
			return memchr(bigger, '\0', list->len) ? EILSEQ : 0;
		list->len += (size_t)n;
		if (list->len > LIST_MOST)
			return EFBIG;
	}
}

int list_open(const char *path, struct list_text *ret, struct fault *fault)
{
	bool input = !strcmp(path, "-");
	autoclose int fd = input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct list_text list = { .name = input ? "<stdin>" : path };
	int error = fd < 0 ? errno : read_all(fd, &list);

	if (error) {
		list_close(&list);
		return unreadable(path, error, fault);
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
	bool marked = list->len >= 3 && !memcmp(list->text, "\xef\xbb\xbf", 3); /* UTF-8's */
	struct element_list at = {
		.at = list->text + (marked ? 3 : 0),
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
			found = push(batch, &element, own ? own : lifetime);
		if (found == -EINVAL) {
			if (fault)
				place_fault(list, &at, fault);
			ret->count++;
		} else if (found < 0) {
			return found;
		}
	}
}
