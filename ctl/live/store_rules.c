/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * store_rules.c - the ruleset in force: which pin it is, reading it, and the swap that replaces it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#include "../compile/overlay.h"
#include "../base/privilege.h"
#include "../state/statedir.h"
#include "../state/store.h"

#define READ_TRIES 100 /* of 2 ms: between the two steps of a swap, on a saturated CPU */

static const char rules_pin[] = "rules";

/* 0, which is no map's, when it cannot be told. */
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

/* The pin of the inner map in force: "blob", or "blob_next" in the middle of a swap. */
static int open_blob(const struct store *store)
{
	static const char *const pins[] = { "blob", "blob_next" };
	autoclose int rules = store_pin(store, rules_pin);
	uint32_t in_slot;
	int r;

	if (rules < 0)
		return rules;
	for (int i = 0; i < READ_TRIES; i++) {
		r = slot_id(rules, &in_slot);
		if (r < 0)
			return r == -ENOENT ? store_pin(store, "blob") : r;
		for (size_t p = 0; p < ARRAY_SIZE(pins); p++) {
			autoclose int fd = store_pin(store, pins[p]);

			if (fd >= 0 && map_id(fd) == in_slot)
				return take_fd(fd);
		}
		usleep(2000);
	}
	return -EBUSY;
}

static void unmap_blob(const struct blob *blob)
{
	munmap((void *)blob, BLOB_MAX);
}

/* The blob and, behind it, its parts. */
static int map_at(const struct store *store, int fd, int access, char *at)
{
	const struct blob *blob = (const void *)at;

	if (mmap(at, BLOB_SIZE, access, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		return -errno;
	/* What is not ours is found out by who reads it. */
	if (!blob->parts || blob->magic != BLOB_MAGIC || blob->parts > MAX_PARTS)
		return 0;
	return store_map_parts(store, blob);
}

static int map_once(const struct store *store, int access, struct blob **ret)
{
	autoclose int fd = open_blob(store);
	void *at;
	int r;

	if (fd < 0)
		return fd;
	at = mmap(NULL, BLOB_MAX, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return -errno;
	r = map_at(store, fd, access, at);
	if (r < 0)
		munmap(at, BLOB_MAX);
	else
		*ret = at;
	return r;
}

/* "access" to the blob itself; its parts are for reading. */
static int map_for(const struct store *store, int access, struct blob **ret, struct fault *fault)
{
	int r = -EAGAIN;

	for (int i = 0; i < READ_TRIES && r == -EAGAIN; i++) {
		r = map_once(store, access, ret);
		if (r == -EAGAIN)
			usleep(2000);
	}
	if (r == -EBUSY || r == -EAGAIN)
		return fault_set(fault, r, EXIT_REFUSED, "the rules keep changing: try again");
	return r < 0 ? store_fault(r, fault) : 0;
}

static int map_blob(const struct store *store, const struct blob **ret, struct fault *fault)
{
	struct blob *blob = NULL;
	int r = map_for(store, PROT_READ, &blob, fault);

	*ret = blob;
	return r;
}

int store_rules_worst(const struct store *store, struct ruleset *ret, struct worst *ret_worst,
		      struct fault *fault)
{
	const struct blob *blob;
	int r = map_blob(store, &blob, fault);

	if (r < 0)
		return r;
	r = ruleset_load(blob, ret, fault);
	if (!r)
		*ret_worst = worst_of_all(blob);
	unmap_blob(blob);
	return r;
}

int store_rules(const struct store *store, struct ruleset *ret, struct fault *fault)
{
	struct worst worst;

	return store_rules_worst(store, ret, &worst, fault);
}

/*
 * Pin first, then swap: whoever opens the state after a kill finds what the slot holds under one of
 * the names.
 */
static int swap(const struct store *store, const struct blob *blob)
{
	autoclose int rules = store_pin(store, rules_pin);
	autoclose int next = load_blob(blob);
	char path[PIN_PATH_SIZE];
	int r;

	if (rules < 0 || next < 0)
		return rules < 0 ? rules : next;
	unlinkat(store->state, "blob_next", 0);
	if (bpf_obj_pin(next, pin_path(store->state, "blob_next", path)) < 0)
		return -errno;
	r = load_slot(rules, 0, next);
	if (r < 0)
		unlinkat(store->state, "blob_next", 0);
	else /* if this fails the next command finishes it: the rules are in force already */
		renameat(store->state, "blob_next", store->state, "blob");
	return r;
}

/*
 * The lock makes this always so; it is what stops two lists from becoming one should it ever not.
 */
static int check_generation(const struct store *store, const struct ruleset *set,
			    struct fault *fault)
{
	const struct blob *blob;
	uint32_t running;
	int r = map_blob(store, &blob, fault);

	if (r < 0)
		return r;
	running = blob->generation;
	unmap_blob(blob);
	if (running != set->generation)
		return fault_set(fault, -ESTALE, EXIT_REFUSED,
				 "the rules changed meanwhile: try again");
	return 0;
}

int store_set_rules(const struct store *store, struct ruleset *set, struct fault *fault)
{
	autofree struct blob *blob = calloc(1, BLOB_MAX);
	int r;

	if (!blob)
		return -ENOMEM;
	r = check_generation(store, set, fault);
	if (!r)
		r = ruleset_compile(set, blob, fault);
	if (!r)
		r = ruleset_check(set, blob, fault);
	if (r < 0)
		return r;
	r = store_need_blocks(store, set);
	if (!r)
		r = store_put_parts(store, blob);
	if (!r)
		r = swap(store, blob);
	/* Of the two places of parts one is empty now: where this one failed, or the former blob's. */
	if (r < 0)
		store_drop_parts(store, blob->parts_slot ? 0 : MAX_PARTS, MAX_PARTS);
	else
		store_drop_parts(store, blob->parts_slot, blob->parts);
	if (r == -EPERM || r == -EACCES)
		return privilege_fault(fault, r, "changing the rules");
	if (r < 0)
		return fault_set(fault, r, EXIT_REFUSED, "the kernel refused the new rules: %s",
				 strerror(-r));
	set->generation = blob->generation;
	return 0;
}

int store_add_rule(const struct store *store, enum where where, const char *id, struct rule *rule,
		   struct fault *fault)
{
	unsigned long long beside = id ? strtoull(id, NULL, 10) : 0; /* ULLONG_MAX: out of range */
	const struct ruleset alone = { .count = 1, .rules = rule };  /* borrowed */
	struct overlay_edit edit;
	struct blob *blob;
	int r;

	if (beside > UINT32_MAX)
		return 1;
	r = map_for(store, PROT_READ | PROT_WRITE, &blob, fault);
	if (r < 0)
		return r;
	r = overlay_add(blob, where, (uint32_t)beside, rule, &edit, fault);
	if (!r)
		r = store_need_blocks(store, &alone);
	if (!r)
		overlay_publish(blob, &edit);
	unmap_blob(blob);
	return r == -ENOENT ? 1 : r; /* the list itself knows what is wrong then */
}

int store_add_hosts(const struct store *store, const char *set, const struct element *elements,
		    size_t count, struct fault *fault)
{
	struct overlay_edit edit;
	struct blob *blob;
	int r = map_for(store, PROT_READ | PROT_WRITE, &blob, fault);

	if (r < 0)
		return r;
	r = overlay_add_hosts(blob, set, elements, count, &edit, fault);
	if (!r)
		overlay_publish(blob, &edit);
	unmap_blob(blob);
	return r;
}
