/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach.c - the transaction of attach: plan, load, link, stage, one rename, open the gate. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../live/commit.h"
#include "../live/rules_read.h"
#include "../state/pin.h"
#include "../state/swap.h"
#include "attach.h"
#include "attached.h"
#include "hooks.h"
#include "pins.h"
#include "plan.h"

static uint64_t realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Load what is not loaded yet; the first one makes the maps that all share. */
static int load_missing(struct attaching *a, unsigned int hooks, struct fault *fault)
{
	int r = a->store.state < 0 ? 0 : store_shared(&a->store, a->shared);

	if (r < 0)
		return store_fault(r, fault);
	for (int hook = 0; hook < HOOKS && !r; hook++) {
		struct loaded *loaded = &a->loaded[hook];

		if (!(hooks & 1U << hook))
			continue;
		r = programs_open(&a->store, hook, &a->programs[hook]);
		if (!r)
			continue;
		if (r != -ENOENT)
			return store_fault(r, fault);
		r = load_hook(hook, &a->meta.opts, NULL, a->shared, loaded, fault);
		if (r && hook_of(hook)->missing)
			hook_of(hook)->missing(fault);
		if (r)
			break;
		a->fresh |= 1U << hook;
		a->programs[hook] = (struct programs){loaded->program, loaded->ingress,
						      loaded->body, loaded->jump};
		for (size_t i = 0; i < SHARED_MAP_COUNT && !r; i++) {
			if (a->shared[i] < 0)
				a->shared[i] = dup(loaded->shared[i]);
			if (a->shared[i] < 0)
				r = -errno;
		}
	}
	return r;
}

/*
 * Links of a killed command's stage go a moment after their pins: their programs may still stand
 * there.
 */
static int attach_patiently(const struct attaching *a, struct job *job,
			    const struct hook_wish *wish, struct fault *fault)
{
	const struct hook *hook = hook_of(job->hook);
	int r, tries = 20;

	for (;;) {
		struct fault now = {};

		r = hook->attach(&a->programs[job->hook], job->iface, wish, &job->made, &now);
		if (r != -EALREADY || !--tries) {
			if (r && fault)
				*fault = now;
			return r;
		}
		usleep(20000);
	}
}

static int attach_one(const struct attaching *a, struct job *job, struct fault *fault)
{
	bool fresh = a->fresh & 1U << job->hook;
	struct hook_wish wish = a->options->wish;
	int maps[HOOK_MAP_COUNT];
	int r = fresh ? 0 : store_maps(&a->store, job->hook, maps);

	if (r < 0)
		return store_fault(r, fault);
	wish.opts = &a->meta.opts;
	wish.maps = fresh ? a->loaded[job->hook].maps : maps;
	wish.shared = a->shared;
	wish.bpffs = a->store.bpffs;
	r = attach_patiently(a, job, &wish, fault);
	if (!fresh)
		store_close_maps(maps, HOOK_MAP_COUNT);
	return r;
}

static void write_down(struct attaching *a, const struct job *job)
{
	struct attached *new = &a->meta.attached[a->meta.attached_count++];

	*new = (struct attached){
		.ifindex = job->iface->index,
		.hook = job->hook,
		.mode = job->made.mode,
		.dispatched = job->made.dispatched,
		.clsact = job->made.clsact,
		.since = realtime(),
	};
	memcpy(new->name, job->iface->name, sizeof(new->name));
	job->outcome->mode = new->mode;
	job->outcome->clsact = new->clsact;
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

/*
 * Everything under its name in the stage, links last: from there to the rename a kill leaves them
 * running.
 */
static int pin_all(struct attaching *a, struct fault *fault)
{
	int r = 0;

	if (a->store.state < 0)
		r = pin_first(&a->stage, a->shared, fault);
	for (int hook = 0; hook < HOOKS && !r; hook++)
		if (a->fresh & 1U << hook)
			r = pin_loaded(&a->stage, &a->loaded[hook], fault);
	for (size_t i = 0; i < a->count && !r; i++)
		if (a->jobs[i].done)
			r = pin_links(&a->stage, a->jobs[i].hook, a->jobs[i].iface->index,
				      a->jobs[i].made.links, fault);
	return r;
}

/* The new state is in force; the first one's gate is still closed. */
static int open_gate(struct attaching *a, bool first)
{
	close_at(&a->store.state);
	a->store.state = openat(a->store.dir, "state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (a->store.state < 0)
		return first ? -errno : 0;
	return first ? store_settle(&a->store) : 0;
}

static int publish(struct attaching *a, bool first, struct fault *fault)
{
	int r = pin_all(a, fault);

	if (!r)
		r = stage_commit(&a->stage, &a->meta, fault);
	if (r)
		return r;
	a->staged = false;
	a->store.meta = a->meta;
	r = open_gate(a, first);
	if (r) {
		store_remove(&a->store, NULL);
		return fault_set(fault, r, EXIT_REFUSED, "cannot put the ruleset in force: %s",
				 strerror(-r));
	}
	for (size_t i = 0; i < a->count; i++)
		a->jobs[i].done = false; /* the pins hold it now */
	return 0;
}

static bool rules_name(const struct ruleset *rules, const char *iface)
{
	for (size_t i = 0; i < rules->count; i++) {
		for (size_t j = 0; j < rules->rules[i].count && !rules->rules[i].disabled; j++) {
			const struct match *match = &rules->rules[i].matches[j];

			if (!field_is_iface(match->field))
				continue;
			for (size_t k = 0; k < match->count; k++)
				if (!strcmp(match->values[k].iface, iface))
					return true;
		}
	}
	return false;
}

/*
 * Rules that name an interface hold its index: a new interface of that name needs them compiled
 * again, before its first packet is judged. A failure (another interface they name is missing) is
 * no failure of attach. True when they are up to date.
 */
static bool refresh_rules(struct attaching *a)
{
	struct ruleset rules;
	bool named = false;
	int r = rules_read(&a->store, &rules, NULL);

	if (r)
		return false;
	for (size_t i = 0; i < a->count; i++)
		named = named || rules_name(&rules, a->jobs[i].iface->name);
	if (named)
		r = rules_commit(&a->store, &rules, NULL);
	ruleset_free(&rules);
	return !r;
}

/*
 * The jump table may have lost its program, by accident or by somebody's hand: OUTPUT would be
 * open.
 */
static void mend_jump(const struct store *store)
{
	autoclose int jump = store_pin(store, "nf_jump");
	autoclose int body = store_pin(store, "nf_body");
	uint32_t slot = 0, id;

	if (jump >= 0 && body >= 0 && bpf_map_lookup_elem(jump, &slot, &id) && errno == ENOENT)
		bpf_map_update_elem(jump, &slot, &body, BPF_ANY);
}

static int run(struct attaching *a, const struct iface *ifaces, size_t count,
	       struct attach_result *result, struct fault *fault)
{
	struct pin_filter filter;
	bool first;
	int r = store_open(STORE_CREATE, &a->store, fault);

	if (r)
		return r;
	first = a->store.state < 0;
	r = plan_meta(a, fault);
	if (!r)
		r = plan(a, ifaces, count, result, fault);
	if (!r && !first)
		mend_jump(&a->store);
	result->opts = a->meta.opts;
	result->nf_priority = a->meta.nf_priority;
	if (r || !a->count)
		return r;
	result->stale_rules = !first && !refresh_rules(a);
	filter = plan_pins(a);
	r = stage_begin(&a->store, pin_unwanted, &filter, &a->stage, fault);
	a->staged = !r;
	if (!r)
		r = load_missing(a, filter.hooks, fault);
	if (!r)
		r = link_all(a, fault);
	if (!r)
		r = publish(a, first, fault);
	result->loaded = a->fresh;
	result->nf_priority = a->meta.nf_priority;
	return r;
}

static void finish(struct attaching *a)
{
	/* Backwards: what was made first, such as the qdisc of a later filter, is removed last. */
	for (size_t i = a->count; i > 0; i--) {
		struct job *job = &a->jobs[i - 1];
		const struct attached undo = {.ifindex = job->iface->index,
					      .mode = job->made.mode,
					      .dispatched = job->made.dispatched,
					      .clsact = job->made.clsact};

		if (job->done && hook_of(job->hook)->remove)
			hook_of(job->hook)->remove(&a->programs[job->hook], &undo, a->store.bpffs,
						   NULL);
		links_close(job->made.links);
	}
	if (a->staged)
		stage_abort(&a->stage);
	for (int hook = 0; hook < HOOKS; hook++) {
		if (a->fresh & 1U << hook)
			load_free(&a->loaded[hook]); /* the programs with it */
		else
			programs_close(&a->programs[hook]);
	}
	store_close_maps(a->shared, SHARED_MAP_COUNT);
	store_close(&a->store);
	free(a->jobs);
}

int attach(const struct iface *ifaces, size_t count, const struct attach_options *options,
	   struct attach_result *ret, struct fault *fault)
{
	struct attaching a = {
		.options = options,
		.store = {.root = -1, .dir = -1, .state = -1, .bpffs = -1},
		.programs = {[0 ... HOOKS - 1] = {-1, -1, -1, -1}},
		.shared = {[0 ... SHARED_MAP_COUNT - 1] = -1},
	};
	struct attach_result result = {};
	int r;

	libbpf_set_print(NULL);
	result.outcomes = calloc(count, sizeof(*result.outcomes));
	if (!result.outcomes)
		return -ENOMEM;
	r = run(&a, ifaces, count, &result, fault);
	finish(&a);
	if (r)
		free(result.outcomes);
	else
		*ret = result;
	return r;
}
