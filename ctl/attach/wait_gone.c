/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* wait_gone.c - waits until the kernel has freed what was let go. */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "wait_gone.h"

#define WAIT_TRIES 1000
#define WAIT_US 2000
#define MAX_MAPS 32

static void note_id(struct wait_gone *wait, int (*next_id)(uint32_t, uint32_t *), uint32_t id)
{
	if (id && wait->count < WAIT_GONE_MAX)
		wait->noted[wait->count++] = (struct noted){ next_id, id };
}

void wait_gone_link(struct wait_gone *wait, int link)
{
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info);

	if (link >= 0 && !bpf_link_get_info_by_fd(link, &info, &len))
		note_id(wait, bpf_link_get_next_id, info.id);
}

void wait_gone_map(struct wait_gone *wait, int map)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (map >= 0 && !bpf_map_get_info_by_fd(map, &info, &len))
		note_id(wait, bpf_map_get_next_id, info.id);
}

void wait_gone_program(struct wait_gone *wait, int program)
{
	uint32_t maps[MAX_MAPS] = {};
	struct bpf_prog_info info = { .nr_map_ids = MAX_MAPS, .map_ids = (uintptr_t)maps };
	uint32_t len = sizeof(info);

	if (program < 0 || bpf_prog_get_info_by_fd(program, &info, &len))
		return;
	note_id(wait, bpf_prog_get_next_id, info.id);
	for (uint32_t i = 0; i < MIN(info.nr_map_ids, MAX_MAPS); i++)
		note_id(wait, bpf_map_get_next_id, maps[i]);
}

void wait_gone(const struct wait_gone *wait)
{
	int tries = WAIT_TRIES;

	/* By walking the ids: a descriptor of it would keep it alive. */
	for (size_t i = 0; i < wait->count; i++) {
		const struct noted *noted = &wait->noted[i];
		uint32_t next = 0;

		while (!noted->next_id(noted->id - 1, &next) && next == noted->id && --tries > 0)
			usleep(WAIT_US);
	}
}
