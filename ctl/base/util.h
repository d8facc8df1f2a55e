/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* util.h - what every file of the CLI may use: resources that clean up after themselves, faults, text. */
#ifndef NETCTL_UTIL_H
#define NETCTL_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdbool.h>
#include <unistd.h>

#include "fault.h"
#include "text.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ROUND_UP(n, to) (((n) + (to)-1) / (to) * (to))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define COMPARE(a, b) (((a) > (b)) - ((a) < (b))) /* for qsort(); several with ?: between */

static inline void free_at(void *p)
{
	free(*(void **)p);
}

static inline void close_at(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Freed or closed when the scope ends, unless taken out with take_ptr() or take_fd(). */
#define autofree __attribute__((cleanup(free_at)))
#define autoclose __attribute__((cleanup(close_at)))

#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

static inline int take_fd_at(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
#define take_fd(fd) take_fd_at(&(fd))

#endif
