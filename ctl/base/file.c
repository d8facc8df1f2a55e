/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* file.c - text files that users name, read whole. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "file.h"
#include "util.h"

#define CHUNK (1U << 16)

int file_open(const char *path)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				   : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* A byte order mark is blanked out: editors of other systems begin UTF-8 files with one. */
static void blank_mark(char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= strlen(mark) && !memcmp(text, mark, strlen(mark)))
		memset(text, ' ', strlen(mark));
}

int file_read(int fd, size_t most, char **text, size_t *len)
{
	size_t begin = *len, capacity = 0, more = CHUNK;
	struct stat st;
	ssize_t n;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (size_t)st.st_size <= most)
		more = MAX(more, (size_t)st.st_size + 3);
	do {
		if (array_reserve(*text, *len, more, &capacity) < 0)
			return -ENOMEM;
		n = read(fd, *text + *len, capacity - *len - 2);
		if (n < 0)
			return -errno;
		if (memchr(*text + *len, '\0', (size_t)n))
			return -EILSEQ;
		*len += (size_t)n;
		if (*len > most)
			return -EFBIG;
		more = 3; /* a byte to see the end by, and those after it */
	} while (n);
	(*text)[*len] = '\0';
	blank_mark(*text + begin, *len - begin);
	return 0;
}

const char *file_error(int error)
{
	switch (abs(error)) {
	case ENOENT:
	case ENOTDIR:
		return "is not there";
	case EACCES:
	case EPERM:
		return "may not be read";
	case EISDIR:
		return "is a directory";
	case EILSEQ:
		return "holds a NUL byte: it is not text";
	default:
		return "cannot be read";
	}
}
