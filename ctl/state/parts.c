/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.c - the parts of a large ruleset: maps that hold what its blob has no room for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "load.h"
#include "parts.h"
#include "pin.h"

#define NAME_SIZE 24

/* From its slot in the map of parts: the place, and which part of that place. */
static const char *part_name(uint32_t slot, char buf[NAME_SIZE])
{
	snprintf(buf, NAME_SIZE, "part_%u_%u", slot / MAX_PARTS, slot % MAX_PARTS);
	return buf;
}

/* The first one last: a reader then sees whether all belong together, see store_map_parts(). */
static int pin_parts(const struct store *store, uint32_t parts_slot, const struct parts *parts)
{
	char name[NAME_SIZE];
	int r = 0;

	for (uint32_t i = parts->count; i-- && !r;)
		r = pin_put(store->state, parts->fd[i], part_name(parts_slot + i, name));
	return r;
}

/* Those from a slot on. */
static void unpin_parts(const struct store *store, uint32_t slot, uint32_t count)
{
	char name[NAME_SIZE];

	for (uint32_t end = slot + count; slot < end; slot++)
		unlinkat(store->state, part_name(slot, name), 0);
}

int store_put_parts(const struct store *store, const struct blob *blob)
{
	autoclose int map = store_pin(store, "parts");
	struct parts parts;
	int r;

	if (!blob->parts)
		return 0;
	if (map < 0 && !store_is_kept(store))
		return map;
	r = load_parts(blob, &parts);
	if (r < 0)
		return r;
	unpin_parts(store, blob->parts_slot, MAX_PARTS); /* of a command that was killed */
	r = pin_parts(store, blob->parts_slot, &parts);
	if (!r && map >= 0)
		r = load_part_slots(map, blob, &parts);
	close_parts(&parts);
	return r;
}

/*
 * The kernel waits for its programs after each slot that is emptied, but only once for many that
 * are filled: so they take a part of the ruleset in force, if it has one, which costs nothing.
 */
void store_drop_parts(const struct store *store, uint32_t kept_slot, uint32_t kept)
{
	char name[NAME_SIZE];
	autoclose int map = store_pin(store, "parts");
	autoclose int part = kept ? store_pin(store, part_name(kept_slot, name)) : -1;
	uint32_t slots[PARTS_SLOTS], count = 0, id;
	int fds[PARTS_SLOTS];

	unpin_parts(store, 0, kept_slot);
	unpin_parts(store, kept_slot + kept, PARTS_SLOTS - kept_slot - kept);
	for (uint32_t slot = 0; slot < PARTS_SLOTS && map >= 0; slot++) {
		if (slot - kept_slot < kept || bpf_map_lookup_elem(map, &slot, &id) < 0)
			continue;
		if (part < 0)
			bpf_map_delete_elem(map, &slot);
		fds[count] = part;
		slots[count++] = slot;
	}
	if (part >= 0)
		load_slots(map, slots, fds, count);
}

/* Map one at "at"; its id. */
static int map_part(int fd, char *at, uint32_t *ret_id)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (fd < 0)
		return fd == -ENOENT ? -EAGAIN : fd;
	if (bpf_map_get_info_by_fd(fd, &info, &len) < 0)
		return -errno;
	if (info.value_size != PART_SIZE || info.max_entries != 1)
		return -EAGAIN;
	if (mmap(at, PART_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		return -errno;
	*ret_id = info.id;
	return 0;
}

/* The first once more at the end: if it is the same one, nobody has changed any in between. */
int store_map_parts(const struct store *store, const struct blob *blob)
{
	char *at = (char *)blob + BLOB_SIZE;
	const struct part_head *head = (const void *)at;
	uint32_t first = 0, id = 0;
	char name[NAME_SIZE];
	int r = 0;

	for (uint32_t i = 0; i <= blob->parts && !r; i++) {
		uint32_t n = i % blob->parts;
		autoclose int fd = store_pin(store, part_name(blob->parts_slot + n, name));

		r = map_part(fd, at + (size_t)n * PART_SIZE, &id);
		if (!i)
			first = id;
	}
	if (r < 0)
		return r;
	return id == first && head->magic == blob->magic && head->generation == blob->built
		       ? 0
		       : -EAGAIN;
}
