/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach.c - the transaction of attach: plan, choose rules, load, stage, link, one rename, open the gate. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../state/pin.h"
#include "attach.h"
#include "attached.h"
#include "choose_rules.h"
#include "former.h"
#include "hooks.h"
#include "pins.h"
#include "plan.h"
#include "unseen.h"

static uint64_t realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The maps of a hook, if there are none: programs are loaded when it is known which are needed. */
static int load_maps(struct attaching *a, enum hook_id hook, struct fault *fault)
{
	struct loaded *loaded = &a->loaded[hook];
	int r = loaded_open(&a->edit.store, hook, loaded);

	if (r)
		return store_fault(r, fault);
	for (int i = 0; i < PROGRAM_COUNT; i++)
		a->pinned[hook] |= (loaded->program[i] >= 0) << i;
	if (loaded->maps[0] >= 0)
		return 0;
	loaded->opts = a->meta.opts;
	r = load_share(a->shared, loaded->shared);
	if (!r)
		r = load_programs(loaded, 0, fault);
	if (!r)
		r = load_share(loaded->shared, a->shared);
	a->fresh |= 1U << hook;
	return r;
}

/* All that is known to be needed, before anything is attached. */
static int load_needed(struct attaching *a, enum hook_id hook, struct fault *fault)
{
	unsigned int programs = 0;
	int r = load_maps(a, hook, fault);

	for (size_t i = 0; i < a->count && !r; i++)
		if (a->jobs[i].hook == hook && !a->jobs[i].record_only)
			programs |= hook_of(hook)->needs(&a->loaded[hook], a->jobs[i].iface,
							 &a->options->wish);
	if (!r)
		r = load_programs(&a->loaded[hook], programs, fault);
	if (r && hook_of(hook)->missing)
		hook_of(hook)->missing(fault);
	return r;
}

static int load_missing(struct attaching *a, unsigned int hooks, struct fault *fault)
{
	int r = store_is_live(&a->edit.store) ? store_shared(&a->edit.store, a->shared) : 0;

	if (r < 0)
		return store_fault(r, fault);
	for (int hook = 0; hook < HOOKS && !r; hook++)
		if (hooks & 1U << hook)
			r = load_needed(a, hook, fault);
	return r;
}

/*
 * Links of a killed command's stage go a moment after their pins: their programs may still stand
 * there.
 */
static int attach_one(struct attaching *a, struct job *job, struct fault *fault)
{
	const struct hook *hook = hook_of(job->hook);
	struct hook_wish wish = a->options->wish;
	int r, tries = 20;

	wish.bpffs = a->edit.store.bpffs;
	if (job->former.attached.ifindex)
		wish.former = link_program(job->former.links[0]);
	for (;;) {
		struct fault now = {};

		r = hook->attach(&a->loaded[job->hook], job->iface, &wish, &job->made, &now);
		if (r != -EALREADY || !--tries) {
			if (r && fault)
				*fault = now;
			return r;
		}
		usleep(20000);
	}
}

static void write_down(struct attaching *a, const struct job *job)
{
	const struct attached *former = &job->former.attached;
	struct attached new = {
		.ifindex = job->iface->index,
		.hook = job->hook,
		.mode = job->made.mode,
		/* What was in the other mode is there until the former one leaves. */
		.dispatched = job->made.dispatched || former->dispatched,
		.clsact = job->made.clsact | former->clsact,
		.bare = job->iface->link == LINK_BARE,
		.tags = job->made.tags,
		.since = former->ifindex ? former->since : realtime(),
	};

	memcpy(new.name, job->iface->name, sizeof(new.name));
	attached_add(&a->meta, &new);
	job->outcome->mode = new.mode;
	job->outcome->clsact = attached_by_clsact(&new);
	memcpy(job->outcome->note, job->made.note, sizeof(job->outcome->note));
}

/* All links, none of them pinned: a kill undoes everything up to here. */
static int link_all(struct attaching *a, struct fault *fault)
{
	unsigned int made = 0; /* hooks of the whole namespace */
	int r = 0;

	for (size_t i = 0; i < a->count && !r; i++) {
		struct job *job = &a->jobs[i];

		if (made & 1U << job->hook)
			job->record_only = true;
		if (!job->record_only) {
			r = attach_one(a, job, fault);
			job->done = !r;
		}
		if (r)
			return r;
		if (hook_of(job->hook)->whole_namespace && job->done) {
			made |= 1U << job->hook;
			a->meta.nf_priority = job->made.nf_priority;
		}
		write_down(a, job);
	}
	return r;
}

/* What there is besides links, under its name in the stage. */
static int pin_means(struct attaching *a, struct fault *fault)
{
	int r = 0;

	a->stage.next.meta = a->meta;
	if (!store_is_live(&a->edit.store))
		r = pin_shared(&a->stage, a->shared, fault);
	for (int hook = 0; hook < HOOKS && !r; hook++)
		if (a->fresh & 1U << hook)
			r = pin_maps(&a->stage, &a->loaded[hook], fault);
	if (!r && a->blob)
		r = rules_stage(&a->stage, a->rules, a->blob, fault);
	return r;
}

/* From here to the rename a kill leaves them running. */
static int pin_attached(const struct attaching *a, struct fault *fault)
{
	int r = 0;

	for (int hook = 0; hook < HOOKS && !r; hook++)
		r = pin_programs(&a->stage, &a->loaded[hook], ~a->pinned[hook], fault);
	for (size_t i = 0; i < a->count && !r; i++)
		if (a->jobs[i].done)
			r = pin_links(&a->stage, a->jobs[i].hook, a->jobs[i].iface->index,
				      a->jobs[i].made.links, fault);
	return r;
}

/* The new state is in force: the first one opens its gate, a later one may have other rules. */
static int publish(struct attaching *a, struct fault *fault)
{
	int r = pin_attached(a, fault);

	a->stage.next.meta = a->meta;
	if (!r)
		r = stage_commit(&a->stage, fault);
	if (r)
		return r;
	a->staged = false;
	if (a->blob)
		rules_settle(&a->edit.store, a->blob, true);
	for (size_t i = 0; i < a->count; i++)
		a->jobs[i].done = false; /* the pins hold it now */
	formers_leave(a);
	return 0;
}

/* A jump table may have lost its program, by accident or by somebody's hand: the hook would be open. */
static void mend_jumps(const struct store *store)
{
	struct loaded loaded;

	for (int hook = 0; hook < HOOKS; hook++) {
		if (!loaded_open(store, hook, &loaded))
			load_fill_jump(&loaded);
		load_free(&loaded);
	}
}

static int run(struct attaching *a, const struct iface *ifaces, size_t count,
	       struct attach_result *result, struct fault *fault)
{
	struct pin_filter filter;
	int r = store_open(STORE_CREATE, &a->edit.store, fault);

	if (r)
		return r;
	r = formers_clear(&a->edit.store, fault);
	if (!r)
		r = plan_meta(a, fault);
	if (!r)
		r = plan(a, ifaces, count, result, fault);
	if (!r && store_is_live(&a->edit.store))
		mend_jumps(&a->edit.store);
	result->opts = a->meta.opts;
	result->nf_priority = a->meta.nf_priority;
	if (!r)
		r = choose_rules(a, result, fault);
	if (r || (!a->count && !a->blob))
		return r;
	filter = plan_pins(a);
	r = stage_begin(&a->edit.store, pin_unwanted, &filter, &a->stage, fault);
	a->staged = !r;
	if (!r)
		r = load_missing(a, filter.hooks, fault);
	if (!r)
		r = pin_means(a, fault);
	if (!r)
		r = formers_announce(a, fault);
	if (!r)
		r = link_all(a, fault);
	if (!r)
		r = publish(a, fault);
	result->loaded = a->fresh;
	result->nf_priority = a->meta.nf_priority;
	result->attached = attached_most(&a->meta);
	return r;
}

/*
 * All is in force. What is left is who charges packets to limits, of interfaces that stand on each other:
 * if that fails, all do, as status tells.
 */
static void tell_below(struct attaching *a, struct belows *ret)
{
	const struct store *store = &a->edit.store;

	if (store_is_live(store) && !below_write(store, &store->meta))
		below_read(store, a->rules, ret);
}

static void unstage(struct attaching *a)
{
	stage_abort(&a->stage);
	formers_stay(a);
	if (a->blob && store_is_live(&a->edit.store))
		rules_settle(&a->edit.store, a->blob, false);
}

static void finish(struct attaching *a)
{
	/* Backwards: what was made first, such as the qdisc of a later filter, is removed last. */
	for (size_t i = a->count; i > 0; i--) {
		struct job *job = &a->jobs[i - 1];
		const struct attached undo = {.ifindex = job->iface->index,
					      .mode = job->made.mode,
					      .bare = job->iface->link == LINK_BARE,
					      .dispatched = job->made.dispatched,
					      .clsact = job->made.clsact};

		if (job->done && hook_of(job->hook)->remove)
			hook_of(job->hook)->remove(a->loaded[job->hook].program, &undo, a->edit.store.bpffs,
						   NULL);
		links_close(job->made.links);
		former_close(&job->former);
	}
	if (a->staged)
		unstage(a);
	for (int hook = 0; hook < HOOKS; hook++)
		load_free(&a->loaded[hook]);
	store_close_maps(a->shared, SHARED_MAP_COUNT);
	edit_close(&a->edit);
	free(a->blob);
	free(a->jobs);
}

/*
 * From here on devices are compared with what TC egress sees. Killed before, or where the kernel does not say, status
 * tells that it has nothing to compare.
 */
static void begin_comparing(struct attaching *a, const struct iface *ifaces, size_t count,
			    struct attach_result *result)
{
	autofree uint32_t *indexes = calloc(count + 1, sizeof(*indexes));

	for (size_t i = 0; i < count && indexes; i++)
		indexes[i] = ifaces[i].index;
	if (indexes && store_is_live(&a->edit.store))
		unseen_begin(&a->edit.store, indexes, count, &result->renewed);
}

int attach(const struct iface *ifaces, size_t count, const struct attach_options *options,
	   struct attach_result *ret, struct fault *fault)
{
	struct attaching a = {
		.options = options,
		.edit = EDIT_CLOSED,
		.shared = {[0 ... SHARED_MAP_COUNT - 1] = -1},
	};
	struct attach_result result = {};
	int r;

	libbpf_set_print(NULL);
	links_allow_many();
	for (int hook = 0; hook < HOOKS; hook++)
		load_init(hook, &a.meta.opts, &a.loaded[hook]);
	result.outcomes = calloc(count, sizeof(*result.outcomes));
	if (!result.outcomes)
		return -ENOMEM;
	r = run(&a, ifaces, count, &result, fault);
	if (!r) {
		tell_below(&a, &result.below);
		begin_comparing(&a, ifaces, count, &result);
	}
	finish(&a);
	if (r)
		free(result.outcomes);
	else
		*ret = result;
	return r;
}
