/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store_parts.c - what a large ruleset needs beside its blob: parts behind it, and blocks of counters. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "statedir.h"
#include "element.h"
#include "store.h"

#define NAME_SIZE 16

static const char *numbered(const char *what, uint32_t n, char buf[NAME_SIZE])
{
	snprintf(buf, NAME_SIZE, "%s_%u", what, n);
	return buf;
}

static int pin(const struct store *store, int fd, const char *name)
{
	char path[PIN_PATH_SIZE];

	return bpf_obj_pin(fd, pin_path(store->state, name, path)) < 0 ? -errno : 0;
}

int store_blocks(const struct store *store, struct blocks *ret)
{
	char name[NAME_SIZE];

	*ret = (struct blocks){ .count = 1 };
	for (; ret->count < SLOT_BLOCKS; ret->count++) {
		int fd = store_pin(store, numbered("block", ret->count, name));

		if (fd < 0)
			return fd == -ENOENT ? 0 : fd;
		ret->fd[ret->count] = fd;
	}
	return 0;
}

void store_close_blocks(struct blocks *blocks)
{
	while (blocks->count > 1)
		close(blocks->fd[--blocks->count]);
}

/* Pinned before programs see it: what they count there must not get lost. */
static int need_block(const struct store *store, int blocks_map, uint32_t n)
{
	char name[NAME_SIZE];
	autoclose int fd = store_pin(store, numbered("block", n, name));
	uint32_t id;
	int r = 0;

	if (fd == -ENOENT) {
		fd = load_block(&store->meta.opts);
		r = fd < 0 ? fd : pin(store, fd, name);
	}
	if (r < 0 || fd < 0)
		return r < 0 ? r : fd;
	if (bpf_map_lookup_elem(blocks_map, &n, &id) == 0)
		return 0;
	return load_slot(blocks_map, n, fd);
}

int store_need_blocks(const struct store *store, const struct ruleset *set)
{
	uint32_t most = 0;
	autoclose int map = -1;
	int r = 0;

	for (size_t i = 0; i < set->count; i++)
		most = MAX(most, set->rules[i].slot);
	for (size_t i = 0; i < set->set_count; i++)
		for (size_t n = 0; set->sets[i].counters && n < set_size(&set->sets[i]); n++) {
			struct element element = element_at(&set->sets[i], n);

			most = MAX(most, element_slot(&element));
		}
	if (most < RULE_SLOTS)
		return 0;
	map = store_pin(store, "blocks");
	if (map < 0)
		return map;
	for (uint32_t n = 1; n <= most / RULE_SLOTS && !r; n++)
		r = need_block(store, map, n);
	return r;
}

int store_put_parts(const struct store *store, const struct blob *blob)
{
	autoclose int map = store_pin(store, "parts");
	autoclose int fd = -1;
	char name[NAME_SIZE];
	int r;

	if (!blob->parts)
		return 0;
	if (map < 0)
		return map;
	fd = load_parts(blob);
	if (fd < 0)
		return fd;
	numbered("parts", blob->parts_slot, name);
	unlinkat(store->state, name, 0); /* of a command that was killed */
	r = pin(store, fd, name);
	return r < 0 ? r : load_slot(map, blob->parts_slot, fd);
}

void store_drop_parts(const struct store *store, uint32_t slot)
{
	autoclose int map = store_pin(store, "parts");
	char name[NAME_SIZE];

	if (unlinkat(store->state, numbered("parts", slot, name), 0) < 0 || map < 0)
		return;
	bpf_map_delete_elem(map, &slot);
}

/* -EAGAIN: the pin is of another generation, as a swap leaves it for a moment. */
int store_map_parts(const struct store *store, const struct blob *blob)
{
	char name[NAME_SIZE];
	autoclose int fd = store_pin(store, numbered("parts", blob->parts_slot, name));
	size_t size = blob_size(blob) - BLOB_SIZE;
	char *at = (char *)blob + BLOB_SIZE;
	const struct part_head *head = (const void *)at;
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (fd < 0)
		return fd == -ENOENT ? -EAGAIN : fd;
	if (bpf_map_get_info_by_fd(fd, &info, &len) < 0)
		return -errno;
	if (info.value_size != PART_SIZE || info.max_entries != blob->parts)
		return -EAGAIN;
	if (mmap(at, size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		return -errno;
	return head->magic == blob->magic && head->generation == blob->built ? 0 : -EAGAIN;
}
