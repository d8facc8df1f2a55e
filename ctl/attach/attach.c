/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach.c - the transaction of attach: plan, choose rules, load, stage, link, one rename, open the gate. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../state/pin.h"
#include "attach.h"
#include "attached.h"
#include "choose_rules.h"
#include "former.h"
#include "hooks.h"
#include "link.h"
#include "pins.h"
#include "plan.h"
#include "unseen.h"

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

static unsigned int job_needs(struct attaching *a, const struct job *job)
{
	const struct hook_wish wish = plan_wish(a, job);

	return hook_of(job->hook)->needs(&a->loaded[job->hook], job->iface, &wish);
}

/* All that is known to be needed, before anything is attached. */
static int load_needed(struct attaching *a, enum hook_id hook, struct fault *fault)
{
	unsigned int programs = 0;
	int r = load_maps(a, hook, fault);

	for (size_t i = 0; i < a->count && !r; i++)
		if (a->jobs[i].hook == hook && !a->jobs[i].record_only)
			programs |= job_needs(a, &a->jobs[i]);
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

/* Some of them are attached, or will be. */
static int check_any(const struct attach_target *targets, size_t count, struct fault *fault)
{
	for (size_t i = 0; i < count; i++)
		if (!targets[i].skipped[0])
			return 0;
	return fault_set(fault, -ENODEV, EXIT_REFUSED, "nothing that can be attached: %s: %s", targets[0].iface.name,
			 targets[0].skipped);
}

static int run(struct attaching *a, struct attach_target *targets, size_t count,
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
		r = plan(a, targets, count, result, fault);
	if (!r)
		r = check_any(targets, count, fault);
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
		r = check_any(targets, count, fault);
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
		unlink_job(a, &a->jobs[i - 1]);
		former_close(&a->jobs[i - 1].former);
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
static void begin_comparing(struct attaching *a, const struct attach_target *targets, size_t count,
			    struct attach_result *result)
{
	autofree uint32_t *indexes = calloc(count + 1, sizeof(*indexes));

	for (size_t i = 0; i < count && indexes; i++)
		indexes[i] = targets[i].iface.index;
	if (indexes && store_is_live(&a->edit.store))
		unseen_begin(&a->edit.store, indexes, count, &result->renewed);
}

int attach(struct attach_target *targets, size_t count, const struct attach_options *options,
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
	result.outcomes = calloc(count + 1, sizeof(*result.outcomes));
	if (!result.outcomes)
		return -ENOMEM;
	r = run(&a, targets, count, &result, fault);
	if (!r) {
		tell_below(&a, &result.below);
		begin_comparing(&a, targets, count, &result);
	}
	finish(&a);
	if (r)
		free(result.outcomes);
	else
		*ret = result;
	return r;
}
