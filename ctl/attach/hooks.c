/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hooks.c - the three hooks as a table, and the links of their attachments. */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "../state/pin.h"
#include "hooks.h"

static const struct hook *const hooks[HOOKS] = {
	[HOOK_XDP] = &hook_xdp,
	[HOOK_TC] = &hook_tc,
	[HOOK_NF] = &hook_nf,
};

const struct hook *hook_of(enum hook_id id)
{
	return hooks[id];
}

void hook_link_name(enum hook_id id, uint32_t ifindex, size_t n, char ret[PIN_NAME])
{
	snprintf(ret, PIN_NAME, hooks[id]->links[n], ifindex);
}

void links_allow_many(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int links_open(const struct store *store, const struct attached *attached, int ret[HOOK_LINKS])
{
	const struct hook *hook = hooks[attached->hook];
	char name[PIN_NAME];
	int r = 0;

	for (size_t i = 0; i < HOOK_LINKS; i++) {
		ret[i] = -1;
		if (r || !hook->links[i] || !attached_by_link(attached))
			continue;
		hook_link_name(attached->hook, attached->ifindex, i, name);
		ret[i] = store_pin(store, name);
		if (ret[i] < 0 && ret[i] != -ENOENT)
			r = ret[i];
	}
	if (r < 0)
		links_close(ret);
	return r;
}
