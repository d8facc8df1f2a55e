/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* file.h - text files that users name, read whole. */
#ifndef NETCTL_FILE_H
#define NETCTL_FILE_H

#include <stddef.h>

/* For reading; "-" is standard input. A descriptor or a negative errno. */
int file_open(const char *path);

/*
 * Append a file to a text of *len bytes, which has a NUL after its end, then, and room for one byte more. -EFBIG when
 * the text is longer than "most" by that, -EILSEQ when the file holds a NUL byte.
 */
int file_read(int fd, size_t most, char **text, size_t *len);

/* Why one of these failed: "is not there". */
const char *file_error(int error);

#endif
