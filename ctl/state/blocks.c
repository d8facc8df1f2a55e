/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blocks.c - the counters of slots from RULE_SLOTS on: a map for each block of them. */
#include <errno.h>
#include <stdio.h>

#include <bpf/bpf.h>

#include "blocks.h"
#include "load.h"
#include "pin.h"

#define NAME_SIZE 24

static const char *block_name(uint32_t n, char buf[NAME_SIZE])
{
	snprintf(buf, NAME_SIZE, "block_%u", n);
	return buf;
}

int store_blocks(const struct store *store, struct blocks *ret)
{
	char name[NAME_SIZE];

	*ret = (struct blocks){ .count = 1 };
	for (; ret->count < SLOT_BLOCKS; ret->count++) {
		int fd = store_pin(store, block_name(ret->count, name));

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

/*
 * Pinned before programs see it: what they count there must not get lost. What is in its place
 * without a pin is of a command that failed, and no rule in force counts there.
 */
static int need_block(const struct store *store, int blocks_map, uint32_t n)
{
	char name[NAME_SIZE];
	autoclose int fd = store_pin(store, block_name(n, name));
	uint32_t id;
	int r = 0;

	if (fd >= 0 && bpf_map_lookup_elem(blocks_map, &n, &id) == 0)
		return 0;
	if (fd == -ENOENT) {
		fd = load_block(&store->meta.opts);
		r = fd < 0 ? fd : pin_put(store->state, fd, name);
	}
	if (r < 0 || fd < 0)
		return r < 0 ? r : fd;
	return load_slot(blocks_map, n, fd);
}

int store_need_blocks(const struct store *store, uint32_t most)
{
	autoclose int map = -1;
	int r = 0;

	if (most < RULE_SLOTS || store_is_kept(store))
		return 0;
	map = store_pin(store, "blocks");
	if (map < 0)
		return map;
	for (uint32_t n = 1; n <= most / RULE_SLOTS && !r; n++)
		r = need_block(store, map, n);
	return r;
}
