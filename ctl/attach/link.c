/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link.c - the links of an attach, and of which targets there are none after all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attached.h"
#include "former.h"
#include "hooks.h"
#include "link.h"
#include "pins.h"

static uint64_t realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * Links of a killed command's stage go a moment after their pins: their programs may still stand
 * there.
 */
static int attach_one(struct attaching *a, struct job *job, struct fault *fault)
{
	const struct hook *hook = hook_of(job->hook);
	struct hook_wish wish = plan_wish(a, job);
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
	if (job->target->careful && new.mode == MODE_TCX && !job->made.note[0])
		snprintf(job->outcome->note, sizeof(job->outcome->note),
			 "the default route: native XDP, which may restart the device, by --mode native alone");
}

void unlink_job(struct attaching *a, struct job *job)
{
	const struct attached undo = {.ifindex = job->iface->index,
				      .mode = job->made.mode,
				      .bare = job->iface->link == LINK_BARE,
				      .dispatched = job->made.dispatched,
				      .clsact = job->made.clsact};

	if (job->done && hook_of(job->hook)->remove)
		hook_of(job->hook)->remove(a->loaded[job->hook].program, &undo, a->edit.store.bpffs, NULL);
	job->done = false;
	links_close(job->made.links);
}

/* Its record is as it was, and so is what a change of modes would have replaced. */
static int drop_job(struct attaching *a, struct job *job, struct fault *fault)
{
	struct attached *record = attached_find(&a->meta, job->hook, job->iface->index);
	int r = 0;

	unlink_job(a, job);
	if (record)
		attached_remove(&a->meta, record);
	*job->outcome = (struct attach_outcome){};
	if (!job->former.attached.ifindex)
		return 0;
	attached_add(&a->meta, &job->former.attached);
	r = pin_links(&a->stage, job->hook, job->iface->index, job->former.links, fault);
	former_close(&job->former);
	job->former.attached.ifindex = 0;
	return r;
}

/* All that was made for a target, as one of its hooks was refused. */
static int drop_target(struct attaching *a, const struct attach_target *target, struct fault *fault)
{
	int r = 0;

	for (size_t i = a->count; i > 0 && !r; i--)
		if (a->jobs[i - 1].target == target)
			r = drop_job(a, &a->jobs[i - 1], fault);
	return r;
}

int link_all(struct attaching *a, struct fault *fault)
{
	unsigned int made = 0; /* hooks of the whole namespace */
	int r = 0;

	for (size_t i = 0; i < a->count && !r; i++) {
		struct job *job = &a->jobs[i];

		if (job->target->skipped[0])
			continue;
		if (made & 1U << job->hook)
			job->record_only = true;
		if (!job->record_only) {
			r = attach_one(a, job, fault);
			job->done = !r;
		}
		if (r < 0 && !hook_of(job->hook)->whole_namespace && plan_skip(job->target, r, fault)) {
			r = drop_target(a, job->target, fault);
			continue;
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
