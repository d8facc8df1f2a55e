/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* source.c - files of rules: opened, read whole, numbered by line; which file may include which. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/array.h"
#include "../base/file.h"
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

	if (path[0] == '/' || !slash)
		return strdup(path);
	return text_printf("%.*s/%s", (int)(slash - name), name, path);
}

/* typed: the path as the include has it */
static int open_file(struct rule_parser *p, const char *path, const char *typed,
		     const struct piece *at, struct stat *ret_stat, int *ret_fd)
{
	autoclose int fd = -1;
	const char *why;

	if (!at)
		fd = file_open(path);
	else /* without waiting for the writer of a FIFO, which is refused below */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ELOOP && at)
		return file_fault(p, at, typed, "is a symbolic link: it is not included");
	if (fd < 0 || fstat(fd, ret_stat) < 0)
		return file_fault(p, at, typed, file_error(errno));
	why = at ? unfit(p, ret_stat) : NULL;
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
	static const char too_long[] = "makes the rules longer than 64 MiB";
	autoclose int fd = -1;
	struct stat st;
	int r;

	if (!name)
		return -ENOMEM;
	if (reader->script->count == MAX_SOURCES)
		return file_fault(p, at, path, "is one file too many");
	r = open_file(p, at ? name : path, path, at, &st, &fd);
	if (r < 0)
		return r;
	r = file_read(fd, MAX_SCRIPT_BYTES, &reader->text, &reader->len);
	p->text = reader->text;
	if (r < 0) {
		reader->len = source.begin;
		if (r == -ENOMEM)
			return r;
		return file_fault(p, at, path, r == -EFBIG ? too_long : file_error(r));
	}
	/* No line continues from one file into the next. */
	reader->text[reader->len++] = '\n';
	reader->text[reader->len] = '\0';
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
