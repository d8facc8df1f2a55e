/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hook.c - the pins of a hook, and whose program is whose. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "hook.h"
#include "pin.h"

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

int programs_open(const struct store *store, enum hook_id id, struct programs *ret)
{
	static const char *const pins[] = {"prog", "ingress", "body", "jump"};
	int fds[ARRAY_SIZE(pins)] = {-1, -1, -1, -1};
	struct programs programs;
	int r = store->state < 0 ? -ENOENT : 0;

	for (size_t i = 0; i < ARRAY_SIZE(pins) && !r; i++) {
		fds[i] = pin_open_of(store, id, pins[i]);
		if (fds[i] < 0 && (!i || fds[i] != -ENOENT)) /* not every hook has the others */
			r = fds[i];
	}
	programs = (struct programs){fds[0], fds[1], fds[2], fds[3]};
	if (r < 0)
		programs_close(&programs);
	else
		*ret = programs;
	return r;
}

void programs_close(struct programs *programs)
{
	close_at(&programs->program);
	close_at(&programs->ingress);
	close_at(&programs->body);
	close_at(&programs->jump);
	*programs = (struct programs){-1, -1, -1, -1};
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
