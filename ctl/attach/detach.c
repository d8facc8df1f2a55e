/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* detach.c - the transaction of detach: one rename takes the pins away, then the links are cut. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../state/pin.h"
#include "../state/stage.h"
#include "attached.h"
#include "below.h"
#include "detach.h"
#include "hooks.h"
#include "select.h"
#include "wait_gone.h"

/* Links of one attachment that goes, held so that they can be cut once it is out of the state. */
struct leaving {
	struct attached attached;
	int links[HOOK_LINKS];
};

struct detaching {
	struct store store;
	struct meta meta; /* as it will be */
	size_t count;
	struct leaving leaving[MAX_ATTACHED];
	struct wait_gone wait;
};

static void leave(struct detaching *a, struct attached *attached)
{
	a->leaving[a->count++].attached = *attached;
	attached_remove(&a->meta, attached);
}

/*
 * Every attachment of an interface of this index; of any index that bore this name, when index is
 * 0.
 */
static size_t leave_all_of(struct detaching *a, uint32_t index, const char *name)
{
	size_t before = a->count;
	uint32_t i = 0;

	while (i < a->meta.attached_count) {
		struct attached *attached = &a->meta.attached[i];

		if (index ? attached->ifindex == index : !strcmp(attached->name, name))
			leave(a, attached);
		else
			i++;
	}
	return a->count - before;
}

/* By the names they have now, or had. */
static size_t leave_matching(struct detaching *a, const char *pattern)
{
	size_t before = a->count;
	uint32_t i = 0;

	while (i < a->meta.attached_count) {
		struct attached *attached = &a->meta.attached[i];
		struct iface iface;

		if (iface_by_index(attached->ifindex, &iface))
			memcpy(iface.name, attached->name, sizeof(iface.name));
		if (fnmatch(pattern, iface.name, 0))
			i++;
		else
			leave(a, attached);
	}
	return a->count - before;
}

static int leave_named(struct detaching *a, const char *name, struct fault *fault)
{
	struct iface iface = {};
	int r = iface_by_name(name, &iface, fault);

	if (r && r != -ENODEV)
		return r;
	/* By the name it had then: it may be gone, or renamed since. */
	if ((!r && leave_all_of(a, iface.index, NULL)) || leave_all_of(a, 0, name)) {
		fault_clear(fault);
		return 0;
	}
	if (select_is_pattern(name) && leave_matching(a, name)) {
		fault_clear(fault);
		return 0;
	}
	if (r && !select_is_pattern(name))
		return r;
	fault_set(fault, -ENOENT, EXIT_MISSING,
		  select_is_pattern(name) ? "nothing that is attached matches '%.80s'" : "not attached to %.80s", name);
	fault_hint(fault, "'netctl status' shows what is attached");
	return -ENOENT;
}

static int choose(struct detaching *a, char *const *names, size_t count, struct fault *fault)
{
	int r = 0;

	a->meta = a->store.meta;
	for (size_t i = 0; i < count && !r; i++) {
		size_t j = 0;

		while (j < i && strcmp(names[i], names[j]))
			j++;
		if (j == i)
			r = leave_named(a, names[i], fault);
	}
	while (!count && a->meta.attached_count)
		leave(a, a->meta.attached);
	return r;
}

/* The namespace's link stays while another interface asks for it. */
static bool stays(const struct detaching *a, const struct leaving *l)
{
	return hook_of(l->attached.hook)->whole_namespace &&
	       attached_hook(&a->meta, l->attached.hook);
}

/* The last one takes everything along. */
static void note_shared(struct detaching *a)
{
	static const char *const names[] = {"meta", "rules", "control", "blob"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		autoclose int map = store_pin(&a->store, names[i]);

		wait_gone_map(&a->wait, map);
	}
}

/*
 * Hold what must be cut. What no pin holds is removed before its record is: killed between, it
 * shows as gone.
 */
static int prepare_one(struct detaching *a, struct leaving *l, struct fault *fault)
{
	const struct attached *attached = &l->attached;
	int programs[PROGRAM_COUNT];
	int r = links_open(&a->store, attached, l->links);

	for (size_t i = 0; i < HOOK_LINKS; i++)
		wait_gone_link(&a->wait, l->links[i]);
	if (!r)
		r = programs_open(&a->store, attached->hook, programs);
	if (r < 0)
		return r == -ENOENT ? 0 : store_fault(r, fault);
	if (!attached_hook(&a->meta, attached->hook)) {
		for (int i = 0; i < PROGRAM_COUNT; i++)
			wait_gone_program(&a->wait, programs[i]);
	}
	if (attached->clsact || attached->dispatched)
		r = hook_of(attached->hook)->remove(programs, attached, a->store.bpffs, fault);
	programs_close(programs);
	return r;
}

static int prepare(struct detaching *a, struct fault *fault)
{
	int r = 0;

	/* Backwards: what was made first, such as the qdisc of a later filter, is removed last. */
	for (size_t i = a->count; i > 0 && !r; i--)
		if (!stays(a, &a->leaving[i - 1]))
			r = prepare_one(a, &a->leaving[i - 1], fault);
	if (!a->meta.attached_count)
		note_shared(a);
	return r;
}

/*
 * Closing a link's last descriptor frees it some time later; cut, it is off when we return. One of
 * an interface that is gone cannot be cut and need not be.
 */
static void cut(struct detaching *a)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < HOOK_LINKS; j++)
			if (a->leaving[i].links[j] >= 0)
				bpf_link_detach(a->leaving[i].links[j]);
		links_close(a->leaving[i].links);
	}
}

/* First, what stands on an interface that leaves charges packets to limits by itself again. */
static int leave_charges(const struct detaching *a, struct fault *fault)
{
	int r = a->meta.attached_count ? below_write(&a->store, &a->meta) : 0;

	return r ? store_fault(r, fault) : 0;
}

static int replace_state(struct detaching *a, struct fault *fault)
{
	struct pin_filter filter = {.meta = &a->meta};
	struct stage stage;
	int r;

	if (!a->meta.attached_count)
		return store_remove(&a->store, fault);
	r = stage_begin(&a->store, pin_unwanted, &filter, &stage, fault);
	if (r)
		return r;
	stage.next.meta = a->meta;
	r = stage_commit(&stage, fault);
	stage_abort(&stage);
	return r;
}

static int tell(const struct detaching *a, struct detach_result *ret)
{
	struct detach_result result = {
		.last = !a->meta.attached_count,
		.kept = store_is_kept(&a->store),
	};

	result.names = calloc(a->count + 1, sizeof(*result.names));
	if (!result.names)
		return -ENOMEM;
	for (size_t i = 0; i < a->count; i++) {
		size_t j = 0;

		while (j < result.count && strcmp(result.names[j], a->leaving[i].attached.name))
			j++;
		if (j == result.count)
			memcpy(result.names[result.count++], a->leaving[i].attached.name,
			       sizeof(result.names[0]));
	}
	*ret = result;
	return 0;
}

int detach(char *const *names, size_t count, struct detach_result *ret, struct fault *fault)
{
	autofree struct detaching *a = calloc(1, sizeof(*a));
	struct detach_result result = {};
	int r;

	if (!a)
		return -ENOMEM;
	libbpf_set_print(NULL);
	links_allow_many();
	r = store_open(STORE_CHANGE, &a->store, fault);
	if (r)
		return r;
	for (size_t i = 0; i < MAX_ATTACHED; i++)
		for (size_t j = 0; j < HOOK_LINKS; j++)
			a->leaving[i].links[j] = -1;
	r = choose(a, names, count, fault);
	if (!r)
		r = tell(a, &result);
	if (!r)
		r = prepare(a, fault);
	if (!r)
		r = leave_charges(a, fault);
	if (!r)
		r = replace_state(a, fault);
	if (!r)
		cut(a);
	else if (store_is_live(&a->store))
		below_write(&a->store, &a->store.meta);
	store_close(&a->store);
	if (!r)
		wait_gone(&a->wait);
	if (r)
		free(result.names);
	else
		*ret = result;
	return r;
}
