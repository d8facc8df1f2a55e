/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stand_in.c - loads measured programs onto the tables of a hook that a harness has loaded. */
#include <err.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "stand_in.h"

/* -1: it is the object's own. */
static int table_of(const struct loaded *hook, const char *name)
{
	for (int i = 0; i < HOOK_MAP_COUNT; i++)
		if (!strcmp(name, hook_map_names[i]))
			return hook->maps[i];
	for (int i = 0; i < SHARED_MAP_COUNT; i++)
		if (!strcmp(name, shared_map_names[i]))
			return hook->shared[i];
	return -1;
}

/* What is settled when a program is loaded, as the hook's programs have it. */
static void set_options(struct bpf_map *map, const struct load_opts *opts)
{
	static const char suffix[] = ".rodata.opts";
	size_t length = strlen(bpf_map__name(map)), size;

	if (length >= sizeof(suffix) - 1 &&
	    !strcmp(bpf_map__name(map) + length - (sizeof(suffix) - 1), suffix))
		memcpy(bpf_map__initial_value(map, &size), opts, sizeof(*opts));
}

struct bpf_object *stand_in_load(const char *path, const struct loaded *hook)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_map *map;
	int table;

	if (!object)
		err(1, "%s", path);
	bpf_object__for_each_map (map, object) {
		set_options(map, &hook->opts);
		table = table_of(hook, bpf_map__name(map));
		if (table >= 0 && bpf_map__reuse_fd(map, table) < 0)
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
