/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* swap.c - which blob is in force: the swap that puts one there, and what a kill on the way leaves. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "load.h"
#include "pin.h"
#include "swap.h"

static const char rules_pin[] = "rules";

/* Is it the map of that id? One that there is none of is not; or an error. */
static int is_map(int fd, uint32_t id)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return bpf_map_get_info_by_fd(fd, &info, &len) < 0 ? -errno : info.id == id;
}

/* Id of the inner map in force; 0, which no map has: the gate is closed. */
static int slot_id(int rules_map, uint32_t *ret)
{
	uint32_t slot = 0;

	*ret = 0;
	return bpf_map_lookup_elem(rules_map, &slot, ret) < 0 && errno != ENOENT ? -errno : 0;
}

int store_settle(const struct store *store)
{
	autoclose int rules = store_pin(store, rules_pin);
	autoclose int blob = store_pin(store, "blob");
	autoclose int next = store_pin(store, "blob_next");
	uint32_t in_slot;
	int r;

	if (rules < 0)
		return store_is_kept(store) ? 0 : rules;
	r = slot_id(rules, &in_slot);
	if (!r)
		r = is_map(next, in_slot);
	if (r < 0)
		return r;
	if (r)
		return renameat(store->state, "blob_next", store->state, "blob") < 0 ? -errno : 0;
	if (next >= 0 && unlinkat(store->state, "blob_next", 0) < 0)
		return -errno;
	r = is_map(blob, in_slot);
	if (!r && blob >= 0)
		r = load_slot(rules, 0, blob);
	return r < 0 ? r : 0;
}

/* 1: the pin of what is in the slot; 0: "blob", which is not there. */
static int find_blob(const struct store *store, int *ret_fd)
{
	static const char *const pins[] = { "blob", "blob_next" };
	autoclose int rules = store_pin(store, rules_pin);
	uint32_t in_slot = 1;
	int r = rules < 0 ? rules : 0;

	if (r == -ENOENT && store_is_kept(store))
		r = in_slot = 0;
	for (int i = 0; i < SWAP_TRIES && in_slot && !r; i++) {
		if (i)
			usleep(SWAP_NAP_US);
		r = slot_id(rules, &in_slot);
		for (size_t p = 0; p < ARRAY_SIZE(pins) && in_slot && !r; p++) {
			autoclose int fd = store_pin(store, pins[p]);

			r = is_map(fd, in_slot);
			if (r > 0)
				*ret_fd = take_fd(fd);
		}
	}
	if (!r)
		*ret_fd = store_pin(store, "blob");
	return r;
}

int store_open_blob(const struct store *store)
{
	int fd = -1, r = find_blob(store, &fd);

	return r < 0 ? r : fd;
}

bool store_rules_due(const struct store *store)
{
	autoclose int fd = -1;

	return !find_blob(store, &fd) && fd >= 0;
}

int store_swap(const struct store *store, const struct blob *blob)
{
	autoclose int rules = store_pin(store, rules_pin);
	autoclose int next = load_blob(blob);
	int r;

	if (rules < 0 || next < 0)
		return rules < 0 ? rules : next;
	unlinkat(store->state, "blob_next", 0);
	r = pin_put(store->state, next, "blob_next");
	if (r < 0)
		return r;
	r = load_slot(rules, 0, next);
	if (r < 0)
		unlinkat(store->state, "blob_next", 0);
	else /* if this fails the next command finishes it: the rules are in force already */
		renameat(store->state, "blob_next", store->state, "blob");
	return r;
}
