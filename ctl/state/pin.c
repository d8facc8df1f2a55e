/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pin.c - one pin of a namespace's state: opened, and put there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <bpf/bpf.h>

#include "pin.h"

#define PIN_PATH_SIZE 64

/* Below a directory's descriptor: bpf(2) takes paths, and this one cannot be moved away. */
static const char *pin_path(int dir, const char *name, char buf[PIN_PATH_SIZE])
{
	snprintf(buf, PIN_PATH_SIZE, "/proc/self/fd/%d/%s", dir, name);
	return buf;
}

static int pin_at(int dir, const char *name)
{
	char path[PIN_PATH_SIZE];
	int fd = bpf_obj_get(pin_path(dir, name, path));

	return fd < 0 ? -errno : fd;
}

int store_pin(const struct store *store, const char *name)
{
	int fd = pin_at(store->state, name);
	autoclose int state = -1;

	if (fd != -ENOENT || store->locked)
		return fd;
	/* Without the lock the directory may have been replaced since it was opened. */
	state = openat(store->dir, "state", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return state < 0 ? fd : pin_at(state, name);
}

int pin_put(int dir, int fd, const char *name)
{
	char path[PIN_PATH_SIZE];

	return bpf_obj_pin(fd, pin_path(dir, name, path)) < 0 ? -errno : 0;
}
