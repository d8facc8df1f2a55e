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

/* 0, which no map has, when it is unknown. */
static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	return bpf_map_get_info_by_fd(fd, &info, &len) < 0 ? 0 : info.id;
}

/* Id of the inner map in force; -ENOENT while the gate is closed. */
static int slot_id(int rules_map, uint32_t *ret)
{
	uint32_t slot = 0;

	return bpf_map_lookup_elem(rules_map, &slot, ret) < 0 ? -errno : 0;
}

int store_settle(const struct store *store)
{
	autoclose int rules = store_pin(store, rules_pin);
	autoclose int blob = store_pin(store, "blob");
	autoclose int next = store_pin(store, "blob_next");
	uint32_t in_slot = 0;
	int r;

	if (rules < 0)
		return rules;
	r = slot_id(rules, &in_slot);
	if (r == -ENOENT && blob >= 0)
		r = load_slot(rules, 0, blob);
	if (r < 0 || next < 0)
		return r;
	if (map_id(next) == in_slot)
		r = renameat(store->state, "blob_next", store->state, "blob");
	else
		r = unlinkat(store->state, "blob_next", 0);
	return r < 0 ? -errno : 0;
}

int store_open_blob(const struct store *store)
{
	static const char *const pins[] = { "blob", "blob_next" };
	autoclose int rules = store_pin(store, rules_pin);
	uint32_t in_slot;
	int r;

	if (rules < 0)
		return rules;
	for (int i = 0; i < SWAP_TRIES; i++) {
		r = slot_id(rules, &in_slot);
		if (r < 0)
			return r == -ENOENT ? store_pin(store, "blob") : r;
		for (size_t p = 0; p < ARRAY_SIZE(pins); p++) {
			autoclose int fd = store_pin(store, pins[p]);

			if (fd >= 0 && map_id(fd) == in_slot)
				return take_fd(fd);
		}
		usleep(SWAP_NAP_US);
	}
	return -EBUSY;
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
