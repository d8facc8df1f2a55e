/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* source.c - files of rules: opened, read whole, numbered by line; which file may include which. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/array.h"
#include "script_line.h"
#include "source.h"

/* A fault about a file: it points at the word that includes it, where there is one. */
static int file_fault(struct rule_parser *p, const struct piece *at, const char *path,
		      const char *what)
{
	if (at)
		return parser_fault(p, *at, "'%s' %s", path, what);
	return fault_set(p->fault, -EIO, EXIT_REFUSED, "'%s' %s", path, what);
}

/* Rules that others could write are theirs, not ours. The file that was named is the caller's own choice. */
static const char *unfit(const struct rule_parser *p, const struct stat *st)
{
	const struct script_reader *reader = p->script;

	if (!S_ISREG(st->st_mode))
		return "is not a plain file";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "may be written by its group or by all: it is not included";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to another user: it is not included";
	for (size_t i = 0; i < reader->depth; i++) {
		const struct source *source = reader->open[i].source;

		if (source->device == st->st_dev && source->inode == st->st_ino)
			return "includes itself";
	}
	return NULL;
}

/* What an include names is found from where the file that includes it is. The caller frees. */
static char *beside(const struct rule_parser *p, const char *path)
{
	const struct script_reader *reader = p->script;
	const char *name = reader->open[reader->depth - 1].source->name;
	const char *slash = strrchr(name, '/');
	char *joined;

	if (path[0] == '/' || !slash)
		return strdup(path);
	return asprintf(&joined, "%.*s/%s", (int)(slash - name), name, path) < 0 ? NULL : joined;
}

/* "... is not there" */
static const char *open_error(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "is not there";
	case EACCES:
	case EPERM:
		return "may not be read";
	case EISDIR:
		return "is a directory";
	default:
		return "cannot be read";
	}
}

/* A byte order mark is blanked out: editors of other systems begin UTF-8 files with one. */
static void blank_mark(char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= strlen(mark) && !memcmp(text, mark, strlen(mark)))
		memset(text, ' ', strlen(mark));
}

/* Append a file to the text, and an end of line, so that no line goes over from one file to the next. */
static int append(struct script_reader *reader, int fd, const char **ret_why)
{
	const size_t begin = reader->len;

	for (;;) {
		size_t room = 1 << 16;
		char *bigger = realloc(reader->text, reader->len + room + 2);
		ssize_t n;

		if (!bigger)
			return -ENOMEM;
		reader->text = bigger;
		n = read(fd, bigger + reader->len, room);
		if (n < 0) {
			*ret_why = open_error(errno);
			return -errno;
		}
		if (memchr(bigger + reader->len, '\0', (size_t)n)) {
			*ret_why = "holds a NUL byte: it is not text";
			return -EINVAL;
		}
		reader->len += (size_t)n;
		if (reader->len > MAX_SCRIPT_BYTES) {
			*ret_why = "makes the rules longer than 64 MiB";
			return -EFBIG;
		}
		if (n == 0)
			break;
	}
	blank_mark(reader->text + begin, reader->len - begin);
	reader->text[reader->len++] = '\n';
	reader->text[reader->len] = '\0';
	return 0;
}

/* typed: the path as it stands in the include */
static int open_file(struct rule_parser *p, const char *path, const char *typed,
		     const struct piece *at, struct stat *ret_stat, int *ret_fd)
{
	autoclose int fd = -1;
	const char *why;

	if (!at && !strcmp(path, "-"))
		fd = dup(STDIN_FILENO);
	else if (at) /* without waiting for the writer of a FIFO, which is refused below */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP && at)
		return file_fault(p, at, typed, "is a symbolic link: it is not included");
	if (fd < 0 || fstat(fd, ret_stat) < 0)
		return file_fault(p, at, typed, open_error(errno));
	why = at ? unfit(p, ret_stat) : S_ISDIR(ret_stat->st_mode) ? "is a directory" : NULL;
	if (why)
		return file_fault(p, at, typed, why);
	*ret_fd = take_fd(fd);
	return 0;
}

/* Into the list of those read, which owns it from then on. */
static int list_source(struct script *script, const struct source *source, struct source **ret)
{
	struct source *copy = malloc(sizeof(*copy));

	if (!copy || array_grow(script->sources, script->count) < 0) {
		free(copy);
		return -ENOMEM;
	}
	*copy = *source;
	*ret = script->sources[script->count++] = copy;
	return 0;
}

int script_add_source(struct rule_parser *p, const char *path, const struct piece *at,
		      struct source **ret)
{
	struct script_reader *reader = p->script;
	autofree char *name = at ? beside(p, path) : strdup(strcmp(path, "-") ? path : "<stdin>");
	struct source source = { .begin = (unsigned int)reader->len, .line = 1 };
	autoclose int fd = -1;
	const char *why = NULL;
	struct stat st;
	int r;

	if (!name)
		return -ENOMEM;
	if (reader->script->count == MAX_SOURCES)
		return file_fault(p, at, path, "is one file too many");
	r = open_file(p, at ? name : path, path, at, &st, &fd);
	if (r < 0)
		return r;
	r = append(reader, fd, &why);
	if (r < 0)
		reader->len = source.begin;
	if (!reader->text)
		return -ENOMEM;
	p->text = reader->text;
	if (r < 0)
		return why ? file_fault(p, at, path, why) : r;
	source.end = (unsigned int)reader->len;
	source.counted = source.begin;
	source.device = st.st_dev;
	source.inode = st.st_ino;
	source.name = name;
	r = list_source(reader->script, &source, ret);
	if (!r)
		name = NULL;
	return r;
}

void script_place(const struct rule_parser *p, struct piece at, struct fault *ret)
{
	const struct script *script = p->script->script;
	struct source *source = NULL;
	const char *from, *c;

	for (size_t i = 0; i < script->count && !source; i++)
		if (at.begin >= script->sources[i]->begin && at.begin < script->sources[i]->end)
			source = script->sources[i];
	if (!source)
		return;
	if (at.begin < source->counted) {
		source->counted = source->begin;
		source->line = 1;
	}
	for (c = p->text + source->counted; c < p->text + at.begin; c++)
		source->line += *c == '\n';
	source->counted = at.begin;
	for (from = p->text + at.begin; from > p->text + source->begin && from[-1] != '\n'; from--)
		;
	ret->file = source->name;
	ret->line = source->line;
	ret->column = (unsigned int)(p->text + at.begin - from);
}
