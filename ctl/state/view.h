/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* view.h - a BPF map as memory. */
#ifndef NETCTL_VIEW_H
#define NETCTL_VIEW_H

#include <stdbool.h>
#include <stddef.h>

struct view {
	void *at; /* NULL: not mapped */
	size_t size;
};

#define autoview __attribute__((cleanup(view_close)))

int view_open(int fd, size_t size, bool write, struct view *ret);
void view_close(struct view *view);

#endif
