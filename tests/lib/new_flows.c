/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* new_flows.c - loads build/tests/bpf/new_flows.bpf.o onto the maps of a harness. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "new_flows.h"

#define LOOPBACK 1
#define NEW_FLOWS "new_flows_xdp"

/* Next to the running program: build/tests/tools/../bpf/new_flows.bpf.o. */
static int object_path(char *ret, size_t size)
{
	char self[3072];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return -errno;
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(ret, size, "%s/../bpf/new_flows.bpf.o", self);
	return 0;
}

static int set_maps(const struct harness *h, struct bpf_object *object)
{
	const struct loaded *loaded = &h->hook[HOOK_XDP];
	struct bpf_map *map;
	int r = 0;

	for (int i = 0; i < HOOK_MAP_COUNT && !r; i++)
		r = bpf_map__reuse_fd(bpf_object__find_map_by_name(object, hook_map_names[i]),
				      loaded->maps[i]);
	for (int i = 0; i < SHARED_MAP_COUNT && !r; i++)
		r = bpf_map__reuse_fd(bpf_object__find_map_by_name(object, shared_map_names[i]),
				      loaded->shared[i]);
	bpf_object__for_each_map (map, object)
		if (!r && strstr(bpf_map__name(map), ".rodata"))
			r = bpf_map__set_initial_value(map, &h->opts, sizeof(h->opts));
	return r;
}

int new_flows_open(const struct harness *h, struct bpf_object **ret, int *ret_program,
		   struct fault *fault)
{
	struct bpf_program *program;
	char path[4096];
	int r = object_path(path, sizeof(path));

	if (r < 0)
		return r;
	*ret = bpf_object__open_file(path, NULL);
	if (!*ret)
		return fault_set(fault, -errno, 0, "cannot open %s", path);
	/* Not those that only a device can have. */
	bpf_object__for_each_program (program, *ret)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), NEW_FLOWS));
	r = set_maps(h, *ret);
	if (!r)
		r = bpf_object__load(*ret);
	if (r < 0)
		return fault_set(fault, r, 0, "cannot load %s", path);
	*ret_program = bpf_program__fd(bpf_object__find_program_by_name(*ret, NEW_FLOWS));
	return 0;
}

int new_flows_hold(int program)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_SKB_MODE);

	return bpf_link_create(program, LOOPBACK, BPF_XDP, &opts);
}
