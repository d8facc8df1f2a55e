/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_map.c - the blob in force and its parts, mapped into memory. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blob_map.h"
#include "parts.h"
#include "swap.h"

void store_unmap_blob(struct blob *blob)
{
	munmap(blob, BLOB_MAX);
}

/* The blob, followed by its parts. */
static int map_at(const struct store *store, int fd, int access, char *at)
{
	const struct blob *blob = (const void *)at;

	if (mmap(at, BLOB_SIZE, access, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		return -errno;
	/* Whether it is a blob at all is for its reader to check. */
	if (!blob->parts || blob->magic != BLOB_MAGIC || blob->parts > MAX_PARTS)
		return 0;
	return store_map_parts(store, blob);
}

static int map_once(const struct store *store, int access, struct blob **ret)
{
	autoclose int fd = store_open_blob(store);
	void *at;
	int r;

	if (fd < 0)
		return fd;
	at = mmap(NULL, BLOB_MAX, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return -errno;
	r = map_at(store, fd, access, at);
	if (r < 0)
		munmap(at, BLOB_MAX);
	else
		*ret = at;
	return r;
}

int store_map_blob(const struct store *store, int access, struct blob **ret, struct fault *fault)
{
	int r = -EAGAIN;

	for (int i = 0; i < SWAP_TRIES && r == -EAGAIN; i++) {
		r = map_once(store, access, ret);
		if (r == -EAGAIN)
			usleep(SWAP_NAP_US);
	}
	if (r == -EAGAIN)
		return fault_set(fault, r, EXIT_REFUSED, "the rules keep changing: try again");
	return r < 0 ? store_fault(r, fault) : 0;
}
