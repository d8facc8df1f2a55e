/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* source.h - files of rules: opened, read whole, numbered by line; which file may include which. */
#ifndef NETCTL_SOURCE_H
#define NETCTL_SOURCE_H

#include <sys/types.h>

#include "parser.h"

/* A file that was read. */
struct source {
	char *name; /* as it was named, relative to the working directory; owned */
	dev_t device;
	ino_t inode;
	unsigned int begin, end; /* its bytes, among those of all files */
	/* lines are counted from the last place asked for: places come in order */
	unsigned int counted, line;
};

/* Append a file's text to that of the others. at: its name in an include, NULL for the first file. */
int script_add_source(struct rule_parser *p, const char *path, const struct piece *at,
		      struct source **ret);
/* The file, line and column of a place, and the text of that line, which the caller frees. */
void script_place(const struct rule_parser *p, struct piece at, struct fault *ret);

#endif
