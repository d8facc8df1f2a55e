/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* vanish.c - waits until the kernel has freed what was let go. */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "vanish.h"

#define WAIT_TRIES 1000
#define WAIT_US 2000
#define MAX_MAPS 32

static void note_id(struct vanish *vanish, enum vanish_kind kind, uint32_t id)
{
	if (id && vanish->count[kind] < VANISH_MAX)
		vanish->ids[kind][vanish->count[kind]++] = id;
}

void vanish_link(struct vanish *vanish, int link)
{
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info);

	if (link >= 0 && !bpf_link_get_info_by_fd(link, &info, &len))
		note_id(vanish, VANISH_LINK, info.id);
}

void vanish_map(struct vanish *vanish, int map)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (map >= 0 && !bpf_map_get_info_by_fd(map, &info, &len))
		note_id(vanish, VANISH_MAPS, info.id);
}

static void note_program(struct vanish *vanish, int program)
{
	uint32_t maps[MAX_MAPS] = {};
	struct bpf_prog_info info = {.nr_map_ids = MAX_MAPS, .map_ids = (uintptr_t)maps};
	uint32_t len = sizeof(info);

	if (program < 0 || bpf_prog_get_info_by_fd(program, &info, &len))
		return;
	note_id(vanish, VANISH_PROGRAM, info.id);
	for (uint32_t i = 0; i < MIN(info.nr_map_ids, MAX_MAPS); i++)
		note_id(vanish, VANISH_MAPS, maps[i]);
}

void vanish_programs(struct vanish *vanish, const struct programs *programs)
{
	note_program(vanish, programs->program);
	note_program(vanish, programs->ingress);
	note_program(vanish, programs->body);
}

/* Does it still exist? Asked by walking the ids: a descriptor of it would keep it alive. */
static bool exists(enum vanish_kind kind, uint32_t id)
{
	uint32_t next = 0;
	int r;

	if (kind == VANISH_LINK)
		r = bpf_link_get_next_id(id - 1, &next);
	else if (kind == VANISH_PROGRAM)
		r = bpf_prog_get_next_id(id - 1, &next);
	else
		r = bpf_map_get_next_id(id - 1, &next);
	return !r && next == id;
}

void vanish_wait(const struct vanish *vanish)
{
	int tries = WAIT_TRIES;

	for (int kind = 0; kind < VANISH_KINDS; kind++)
		for (size_t i = 0; i < vanish->count[kind]; i++)
			while (exists(kind, vanish->ids[kind][i]) && --tries > 0)
				usleep(WAIT_US);
}
