/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* store.c - the state of one network namespace: opening it, its maps, its counters. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "../base/netns.h"
#include "../base/privilege.h"
#include "bpffs.h"
#include "hook.h"
#include "pin.h"
#include "statedir.h"
#include "store.h"
#include "swap.h"

static const char *const map_pins[HOOK_MAP_COUNT] = {
#define X(id, name, pin) [MAP_##id] = pin,
	HOOK_MAPS(X)
#undef X
};

static const char *const shared_pins[SHARED_MAP_COUNT] = {
#define X(id, name, pin) [SHARED_##id] = pin,
	SHARED_MAPS(X)
#undef X
};

int store_fault(int error, struct fault *fault)
{
	if (error == -ENOENT) {
		fault_set(fault, error, EXIT_MISSING, "not attached in this network namespace");
		fault_hint(fault, "'netctl attach IFACE' starts counting and filtering");
		return error;
	}
	if (error == -EPERM || error == -EACCES)
		return privilege_fault(fault, error, "opening the state");
	if (error == -EROFS) /* and a map opened for reading alone cannot be mapped into memory */
		return fault_set(fault, error, EXIT_REFUSED, "bpffs is mounted read-only");
	return fault_set(fault, error, EXIT_REFUSED, "cannot open the state in bpffs: %s",
			 strerror(-error));
}

static int read_meta(const struct store *store, struct meta *ret, struct fault *fault)
{
	autoclose int fd = store_pin(store, "meta");
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info), key = 0;

	if (fd == -ENOENT && store->locked) {
		fault_set(fault, -EUCLEAN, EXIT_REFUSED,
			  "the state in bpffs is damaged: it has no meta");
		fault_hint(fault, "remove /sys/fs/bpf/netctl/ns%" PRIu64 " and attach again",
			   store->cookie);
		return -EUCLEAN;
	}
	if (fd < 0)
		return store_fault(fd, fault);
	if (bpf_map_get_info_by_fd(fd, &info, &len) < 0)
		return store_fault(-errno, fault);
	/* Another size first: the lookup would write past the struct. */
	if (info.value_size == sizeof(*ret) && bpf_map_lookup_elem(fd, &key, ret) < 0)
		return store_fault(-errno, fault);
	if (info.value_size == sizeof(*ret) && ret->magic == BLOB_MAGIC &&
	    ret->layout == NETCTL_LAYOUT)
		return 0;
	fault_set(fault, -EUCLEAN, EXIT_REFUSED,
		  "what is attached is the state of another netctl version");
	fault_hint(fault, "detach with that version first: netctl detach --all");
	return -EUCLEAN;
}

int store_write_meta(const struct store *store)
{
	autoclose int fd = store_pin(store, "meta");
	uint32_t key = 0;

	if (fd < 0)
		return fd;
	return bpf_map_update_elem(fd, &key, &store->meta, BPF_EXIST) < 0 ? -errno : 0;
}

static int open_state(enum store_mode mode, struct store *store, struct fault *fault)
{
	char name[32], shown[64];
	int fds[2], r;

	snprintf(name, sizeof(name), "ns%" PRIu64, store->cookie);
	r = statedir_enter(store->bpffs, name, mode == STORE_CREATE, store->locked, fds, fault);
	if (r < 0)
		return r;
	store->root = fds[0];
	store->dir = fds[1];
	if (store->locked) {
		r = statedir_clear(store->dir, "stage");
		if (r < 0)
			return store_fault(r, fault);
	}
	snprintf(shown, sizeof(shown), "/sys/fs/bpf/netctl/%s/state", name);
	return statedir_open(store->dir, "state", false, shown, &store->state, fault);
}

static int open_all(enum store_mode mode, struct store *store, struct fault *fault)
{
	int r;

	/* Whoever cannot attach must not leave a directory that root would then refuse to use. */
	if (mode == STORE_CREATE && !privilege_complete())
		return privilege_fault(fault, -EPERM, "attaching, or keeping rules for it,");
	r = netns_cookie(&store->cookie);
	if (r < 0)
		return fault_set(
			fault, r, EXIT_REFUSED,
			"this kernel does not number network namespaces (Linux 5.14 does)");
	r = bpffs_open(mode == STORE_CREATE, &store->bpffs, fault);
	if (!r)
		r = open_state(mode, store, fault);
	if (r == -ENOENT)
		return mode == STORE_CREATE ? 0 : store_fault(-ENOENT, fault);
	if (r < 0)
		return fault_is_set(fault) ? r : store_fault(r, fault);
	r = read_meta(store, &store->meta, fault);
	if (!r && store->locked) {
		r = store_settle(store);
		if (r < 0)
			return store_fault(r, fault);
	}
	return r;
}

int store_open(enum store_mode mode, struct store *ret, struct fault *fault)
{
	struct store store = {
		.root = -1, .dir = -1, .state = -1, .bpffs = -1, .locked = mode != STORE_READ};
	int r = open_all(mode, &store, fault);

	if (r < 0)
		store_close(&store);
	else
		*ret = store;
	return r;
}

bool store_is_kept(const struct store *store)
{
	return store->state >= 0 && !store->meta.opts.cpus;
}

bool store_is_live(const struct store *store)
{
	return store->state >= 0 && store->meta.opts.cpus;
}

void store_close(struct store *store)
{
	int *fds[] = {&store->state, &store->dir, &store->root, &store->bpffs};
	char name[32];

	/*
	 * rmdir() takes nothing but empty directories, and under the lock nobody is filling ours.
	 */
	if (store->locked && store->dir >= 0) {
		snprintf(name, sizeof(name), "ns%" PRIu64, store->cookie);
		if (!unlinkat(store->root, name, AT_REMOVEDIR))
			unlinkat(store->bpffs, "netctl", AT_REMOVEDIR);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		close_at(fds[i]);
		*fds[i] = -1;
	}
	store->locked = false;
}

void store_close_maps(int *maps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		close_at(&maps[i]);
		maps[i] = -1;
	}
}

/* Open pins "PREFIX + names[i]"; all or none. */
static int open_maps(const struct store *store, const char *prefix, const char *const *names,
		     size_t count, int *ret)
{
	char name[32];

	for (size_t i = 0; i < count; i++)
		ret[i] = -1;
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s%s", prefix, names[i]);
		ret[i] = store_pin(store, name);
		if (ret[i] < 0) {
			int r = ret[i];

			store_close_maps(ret, count);
			return r;
		}
	}
	return 0;
}

int store_maps(const struct store *store, enum hook_id hook, int ret_maps[HOOK_MAP_COUNT])
{
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "%s_", hook_name(hook));
	return open_maps(store, prefix, map_pins, HOOK_MAP_COUNT, ret_maps);
}

int store_shared(const struct store *store, int ret_shared[SHARED_MAP_COUNT])
{
	return open_maps(store, "", shared_pins, SHARED_MAP_COUNT, ret_shared);
}
