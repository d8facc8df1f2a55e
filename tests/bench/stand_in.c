/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stand_in.c - loads measured programs onto the tables of a hook that a harness has loaded. */
#include <err.h>
#include <stddef.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "stand_in.h"

struct bpf_object *stand_in_load(const char *path, const struct loaded *hook)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_map *map, *same;

	if (!object)
		err(1, "%s", path);
	bpf_object__for_each_map (map, object) {
		same = bpf_object__find_map_by_name(hook->object, bpf_map__name(map));
		if (same && bpf_map__reuse_fd(map, bpf_map__fd(same)) < 0)
			err(1, "%s: map %s", path, bpf_map__name(map));
	}
	if (bpf_object__load(object) < 0)
		err(1, "%s", path);
	return object;
}

int stand_in_program(const struct bpf_object *object, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

void *stand_in_memory(const struct bpf_object *object, const char *name, size_t size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (at == MAP_FAILED)
		err(1, "%s", name);
	return at;
}
