/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attached.c - the list of attachments in meta: finding them, and which pins belong to them. */
#include <errno.h>
#include <string.h>

#include "../state/store.h"
#include "attached.h"
#include "hooks.h"

struct attached *attached_find(struct meta *meta, enum hook_id hook, uint32_t ifindex)
{
	for (uint32_t i = 0; i < meta->attached_count; i++)
		if (meta->attached[i].hook == hook && meta->attached[i].ifindex == ifindex)
			return &meta->attached[i];
	return NULL;
}

/* Attachments leave from the last to the first: a qdisc has to go with the first of those that hang from it. */
static void qdisc_to_first(struct meta *meta, uint32_t ifindex)
{
	struct attached *first = NULL;

	for (uint32_t i = 0; i < meta->attached_count; i++) {
		struct attached *attached = &meta->attached[i];

		if (attached->ifindex != ifindex || !attached_by_clsact(attached))
			continue;
		first = first ? first : attached;
		if (attached == first || !(attached->clsact & CLSACT_QDISC))
			continue;
		attached->clsact &= (uint8_t)~CLSACT_QDISC;
		first->clsact |= CLSACT_QDISC;
	}
}

void attached_add(struct meta *meta, const struct attached *attached)
{
	uint32_t at = meta->attached_count;

	for (uint32_t i = 0; i < meta->attached_count; i++) {
		if (meta->attached[i].ifindex != attached->ifindex)
			continue;
		at = meta->attached[i].hook < attached->hook ? i + 1 : i;
		if (at == i)
			break;
	}
	memmove(&meta->attached[at + 1], &meta->attached[at],
		(meta->attached_count++ - at) * sizeof(*attached));
	meta->attached[at] = *attached;
	qdisc_to_first(meta, attached->ifindex);
}

void attached_remove(struct meta *meta, struct attached *attached)
{
	struct attached *end = meta->attached + meta->attached_count--;

	memmove(attached, attached + 1, (size_t)(end - attached - 1) * sizeof(*attached));
	memset(end - 1, 0, sizeof(*end));
}

bool attached_hook(const struct meta *meta, enum hook_id hook)
{
	for (uint32_t i = 0; i < meta->attached_count; i++)
		if (meta->attached[i].hook == hook)
			return true;
	return false;
}

size_t attached_most(const struct meta *meta)
{
	size_t count[HOOKS] = {}, most = 0;

	for (uint32_t i = 0; i < meta->attached_count; i++)
		count[meta->attached[i].hook]++;
	for (int hook = 0; hook < HOOKS; hook++)
		most = MAX(most, count[hook]);
	return most;
}

int attached_place(const struct store *store, const struct attached *attached,
		   struct hook_place *ret)
{
	const struct hook *hook = hook_of(attached->hook);
	int programs[PROGRAM_COUNT];
	struct iface iface;
	int links[HOOK_LINKS];
	int r = hook->whole_namespace ? 0 : iface_by_index(attached->ifindex, &iface);

	*ret = (struct hook_place){};
	/*
	 * Moved to another namespace, it keeps its programs, but is not ours to speak of. OUTPUT is
	 * not an interface's at all.
	 */
	ret->gone = r == -ENODEV;
	if (r < 0)
		return ret->gone ? 0 : r;
	r = links_open(store, attached, links);
	if (r < 0)
		return r;
	r = programs_open(store, attached->hook, programs);
	if (!r) {
		hook->find(programs, attached, links, store->bpffs, ret);
		programs_close(programs);
	}
	ret->misread = !hook->whole_namespace && iface.link != (attached->bare ? LINK_BARE : LINK_ETHERNET);
	links_close(links);
	return r;
}

static bool is_link_of(const char *name, const struct attached *attached)
{
	const char *hook = hook_name(attached->hook);
	char link[PIN_NAME];

	if (strncmp(name, hook, strlen(hook)))
		return false;
	for (size_t i = 0; i < HOOK_LINKS && hook_of(attached->hook)->links[i]; i++) {
		hook_link_name(attached->hook, attached->ifindex, i, link);
		if (!strcmp(name, link))
			return true;
	}
	return false;
}

bool pin_unwanted(const char *name, void *filter)
{
	const struct pin_filter *f = filter;
	size_t len;

	if (!strcmp(name, "blob") || !strncmp(name, "part_", strlen("part_")))
		return f->rules;
	for (uint32_t i = 0; i < f->meta->attached_count; i++)
		if (is_link_of(name, &f->meta->attached[i]))
			return f->renew & 1U << f->meta->attached[i].hook;
	for (int hook = 0; hook < HOOKS; hook++) {
		len = strlen(hook_name(hook));
		if (strncmp(name, hook_name(hook), len) || name[len] != '_')
			continue;
		if (name[len + 1] >= '0' && name[len + 1] <= '9')
			return !(f->keep & 1U << hook); /* the link of a removed attachment */
		return !(f->hooks & 1U << hook) && !attached_hook(f->meta, hook);
	}
	return false; /* shared by all hooks */
}
