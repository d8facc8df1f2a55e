/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load_blob.c - the inner maps of a ruleset: its blob, its frozen parts, blocks of counters. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "load.h"

/* An array of one element. */
static int filled_array(const char *name, const void *from, uint32_t size)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	autoclose int fd =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t), size, 1, &opts);
	void *at;

	if (fd < 0)
		return -errno;
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	memcpy(at, from, size);
	munmap(at, size);
	return take_fd(fd);
}

/* Not frozen: its overlay may be written to. */
int load_blob(const struct blob *blob)
{
	return filled_array("netctl_blob", blob, BLOB_SIZE);
}

int load_parts(const struct blob *blob, struct parts *ret)
{
	const char *from = (const char *)blob + BLOB_SIZE;
	int r = 0;

	*ret = (struct parts){};
	while (ret->count < blob->parts && !r) {
		int fd = filled_array("netctl_part", from + (size_t)ret->count * PART_SIZE,
				      PART_SIZE);

		if (fd < 0) {
			r = fd;
			break;
		}
		ret->fd[ret->count++] = fd;
		/* From here on nobody can change what packets are judged by, only replace it as a whole. */
		r = bpf_map_freeze(fd) < 0 ? -errno : 0;
	}
	if (r < 0)
		close_parts(ret);
	return r;
}

void close_parts(struct parts *parts)
{
	while (parts->count)
		close(parts->fd[--parts->count]);
}

int load_block(const struct load_opts *opts)
{
	LIBBPF_OPTS(bpf_map_create_opts, create, .map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "netctl_block", sizeof(uint32_t),
				sizeof(struct halves), HOOKS * opts->cpus * RULE_SLOTS, &create);

	return fd < 0 ? -errno : fd;
}

size_t load_block_size(const struct load_opts *opts)
{
	return sizeof(struct halves) * HOOKS * opts->cpus * RULE_SLOTS;
}

int load_slot(int rules_map, uint32_t slot, int inner_map)
{
	return bpf_map_update_elem(rules_map, &slot, &inner_map, BPF_ANY) < 0 ? -errno : 0;
}

int load_slots(int map, const uint32_t *slots, const int *inner_maps, uint32_t count)
{
	uint32_t done = count;
	int r = 0;

	if (!count || !bpf_map_update_batch(map, slots, inner_maps, &done, NULL))
		return 0;
	/* No batches for maps of maps: Linux before 5.19. */
	for (uint32_t i = 0; i < count && !r; i++)
		r = load_slot(map, slots[i], inner_maps[i]);
	return r;
}

int load_part_slots(int parts_map, const struct blob *blob, const struct parts *parts)
{
	uint32_t slots[MAX_PARTS];

	for (uint32_t i = 0; i < parts->count; i++)
		slots[i] = blob->parts_slot + i;
	return load_slots(parts_map, slots, parts->fd, parts->count);
}
