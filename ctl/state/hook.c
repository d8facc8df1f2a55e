/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hook.c - the pins of a hook, and whose program is whose. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "hook.h"
#include "pin.h"
#include "store.h"

const struct xdp_mode_name xdp_mode_names[] = {
	[MODE_NONE] = { "tcx", "", "" }, /* of hook tc */
	[MODE_NATIVE] = { "native", " native", ":native" },
	[MODE_GENERIC] = { "generic", " generic", ":generic" },
	[MODE_TCX] = { "tcx-ingress", " by TC ingress", ":tcx" },
};

const char *hook_name(enum hook_id id)
{
	static const char *const names[HOOKS] = {
#define X(id, name, text) [HOOK_##id] = name,
		NETCTL_HOOKS(X)
#undef X
	};

	return names[id];
}

static int pin_open_of(const struct store *store, enum hook_id id, const char *what)
{
	char name[PIN_NAME];

	snprintf(name, sizeof(name), "%s_%s", hook_name(id), what);
	return store_pin(store, name);
}

static const char *const program_pins[PROGRAM_COUNT] = {
#define X(id, pin) [PROGRAM_##id] = pin,
	HOOK_PROGRAMS(X)
#undef X
};

/* -1 where there is none. */
static int open_if_there(const struct store *store, enum hook_id id, const char *pin, int *ret)
{
	int fd = pin && store->state >= 0 ? pin_open_of(store, id, pin) : -ENOENT;

	*ret = fd < 0 ? -1 : fd;
	return fd < 0 && fd != -ENOENT ? fd : 0;
}

int programs_open(const struct store *store, enum hook_id id, int ret[PROGRAM_COUNT])
{
	int r = 0;

	for (int i = 0; i < PROGRAM_COUNT; i++)
		ret[i] = -1;
	for (int i = 0; i < PROGRAM_COUNT && !r; i++)
		r = open_if_there(store, id, program_pins[i], &ret[i]);
	if (r)
		programs_close(ret);
	return r;
}

void programs_close(int programs[PROGRAM_COUNT])
{
	store_close_maps(programs, PROGRAM_COUNT);
}

int loaded_open(const struct store *store, enum hook_id id, struct loaded *ret)
{
	int r;

	load_init(id, &store->meta.opts, ret);
	r = programs_open(store, id, ret->program);
	if (!r)
		r = open_if_there(store, id, "jump", &ret->jump);
	if (!r)
		r = store->state < 0 ? -ENOENT : store_maps(store, id, ret->maps);
	if (!r)
		r = store_shared(store, ret->shared);
	if (r)
		load_free(ret);
	return r == -ENOENT ? 0 : r;
}

void links_close(int links[HOOK_LINKS])
{
	for (size_t i = 0; i < HOOK_LINKS; i++) {
		close_at(&links[i]);
		links[i] = -1;
	}
}

uint32_t program_id(int program)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	return program < 0 || bpf_prog_get_info_by_fd(program, &info, &len) ? 0 : info.id;
}

uint32_t link_program(int link)
{
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info);

	return link < 0 || bpf_link_get_info_by_fd(link, &info, &len) ? 0 : info.prog_id;
}

/*
 * By name alone: another version of netctl has another tag, and would count every packet a second
 * time all the same. Looking at a program by its id takes CAP_SYS_ADMIN: without it nothing is a
 * stray.
 */
static bool is_ours(uint32_t id)
{
	autoclose int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	if (fd < 0 || bpf_prog_get_info_by_fd(fd, &info, &len))
		return false;
	return !strncmp(info.name, "netctl_", strlen("netctl_"));
}

uint32_t program_stray(const uint32_t *ids, size_t count, uint32_t own)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] != own && is_ours(ids[i]))
			return ids[i];
	return 0;
}

int fault_stray(struct fault *fault, const char *hook, const struct iface *iface, uint32_t id)
{
	fault_set(fault, -EALREADY, EXIT_REFUSED,
		  "%s: program %u at hook %s is netctl's, but of another state than the one here",
		  iface->name, id, hook);
	fault_hint(fault,
		   "it was attached with another bpffs mounted, or in another network namespace: "
		   "detach it there");
	return -EALREADY;
}
