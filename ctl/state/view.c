/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* view.c - a BPF map as memory. */
#include <errno.h>
#include <sys/mman.h>

#include "view.h"

int view_open(int fd, size_t size, bool write, struct view *ret)
{
	void *at = mmap(NULL, size, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	*ret = (struct view){ at, size };
	return 0;
}

void view_close(struct view *view)
{
	if (view->at)
		munmap(view->at, view->size);
	view->at = NULL;
}
