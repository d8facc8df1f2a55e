/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load_rules.c - rulesets as inner maps: a blob, the frozen parts behind it; and blocks of counters. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "load.h"
#include "ruleset.h"

/* An array of that many bytes, in elements of one size. */
static int filled_array(const char *name, const void *from, size_t size, uint32_t entries,
			uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE | flags);
	autoclose int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t),
					  size / entries, entries, &opts);
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
	return filled_array("netctl_blob", blob, BLOB_SIZE, 1, 0);
}

int load_parts(const struct blob *blob)
{
	autoclose int fd = filled_array("netctl_part", (const char *)blob + BLOB_SIZE,
					(size_t)blob->parts * PART_SIZE, blob->parts,
					BPF_F_INNER_MAP);

	if (fd < 0)
		return fd;
	/* From here on nobody can change what packets are judged by, only replace it as a whole. */
	if (bpf_map_freeze(fd) < 0)
		return -errno;
	return take_fd(fd);
}

int load_block(const struct load_opts *opts)
{
	LIBBPF_OPTS(bpf_map_create_opts, create, .map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "netctl_block", sizeof(uint32_t),
				sizeof(struct count), HOOKS * opts->cpus * RULE_SLOTS, &create);

	return fd < 0 ? -errno : fd;
}

int load_slot(int rules_map, uint32_t slot, int inner_map)
{
	return bpf_map_update_elem(rules_map, &slot, &inner_map, BPF_ANY) < 0 ? -errno : 0;
}

int load_rules(const int shared[SHARED_MAP_COUNT], const struct blob *blob)
{
	autoclose int parts = blob->parts ? load_parts(blob) : -1;
	autoclose int fd = load_blob(blob);
	int r = 0;

	if (fd < 0)
		return fd;
	if (blob->parts)
		r = parts < 0 ? parts : load_slot(shared[SHARED_PARTS], blob->parts_slot, parts);
	if (!r)
		r = load_slot(shared[SHARED_RULES], 0, fd);
	return r < 0 ? r : take_fd(fd);
}
