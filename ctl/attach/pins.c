/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pins.c - what an attach puts into the stage, under which names. */
#include <stdio.h>

#include "hooks.h"
#include "pins.h"

static int pin_of(const struct stage *stage, enum hook_id hook, const char *what, int fd,
		  struct fault *fault)
{
	char name[PIN_NAME];

	if (fd < 0)
		return 0; /* the hook has no such thing, or it was not needed */
	snprintf(name, sizeof(name), "%s_%s", hook_name(hook), what);
	return stage_pin(stage, fd, name, fault);
}

int pin_shared(const struct stage *stage, const int shared[SHARED_MAP_COUNT], struct fault *fault)
{
	static const char *const names[SHARED_MAP_COUNT] = {
#define X(id, name, pin) [SHARED_##id] = pin,
		SHARED_MAPS(X)
#undef X
	};
	int r = 0;

	for (size_t i = 0; i < SHARED_MAP_COUNT && !r; i++)
		r = stage_pin(stage, shared[i], names[i], fault);
	return r;
}

int pin_maps(const struct stage *stage, const struct loaded *loaded, struct fault *fault)
{
	static const char *const names[HOOK_MAP_COUNT] = {
#define X(id, name, pin) [MAP_##id] = pin,
		HOOK_MAPS(X)
#undef X
	};
	int r = 0;

	for (size_t i = 0; i < HOOK_MAP_COUNT && !r; i++)
		r = pin_of(stage, loaded->hook, names[i], loaded->maps[i], fault);
	return r ? r : pin_of(stage, loaded->hook, "jump", loaded->jump, fault);
}

int pin_programs(const struct stage *stage, const struct loaded *loaded, unsigned int programs,
		 struct fault *fault)
{
	static const char *const names[PROGRAM_COUNT] = {
#define X(id, pin) [PROGRAM_##id] = pin,
		HOOK_PROGRAMS(X)
#undef X
	};
	int r = 0;

	for (int i = 0; i < PROGRAM_COUNT && !r; i++)
		if (programs >> i & 1)
			r = pin_of(stage, loaded->hook, names[i], loaded->program[i], fault);
	return r;
}

int pin_links(const struct stage *stage, enum hook_id hook, uint32_t ifindex,
	      const int links[HOOK_LINKS], struct fault *fault)
{
	char name[PIN_NAME];
	int r = 0;

	for (size_t i = 0; i < HOOK_LINKS && !r; i++) {
		if (links[i] < 0)
			continue;
		hook_link_name(hook, ifindex, i, name);
		r = stage_pin(stage, links[i], name, fault);
	}
	return r;
}
