/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan.c - compares what attach is asked for with what is attached, and lists what is to be done. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/stack.h"
#include "former.h"
#include "hooks.h"
#include "plan.h"
#include "../base/privilege.h"

/* What is attached has the sizes that were asked for, if any were. */
static int check_sizes(const struct attaching *a, const struct load_opts *wanted,
		       struct fault *fault)
{
	const struct load_opts *have = &a->meta.opts;

	if (a->options->flows && (wanted->groups4 != have->groups4 || wanted->groups6 != have->groups6))
		fault_set(fault, -EBUSY, EXIT_REFUSED,
			  "the flow tables here have %u entries, not %u",
			  have->groups4 * have->cpus * WAYS, a->options->flows);
	else if (a->options->buckets && wanted->buckets != have->buckets)
		fault_set(fault, -EBUSY, EXIT_REFUSED, "the limits here have %u buckets, not %u",
			  have->buckets * BUCKET_WAYS, wanted->buckets * BUCKET_WAYS);
	else
		return 0;
	fault_hint(fault, "'netctl detach --all' first, then attach with the other size");
	return -EBUSY;
}

int plan_meta(struct attaching *a, struct fault *fault)
{
	uint32_t flows = a->options->flows ? a->options->flows : FLOWS_DEFAULT;
	struct load_opts opts;
	struct clock clock;
	size_t ifaces;
	int r = iface_count(&ifaces);

	if (r)
		return fault_set(fault, r, 0, "cannot ask the kernel about its interfaces");
	r = load_opts_make(flows, a->options->buckets, ifaces, &opts);
	if (r)
		return fault_set(fault, r, 0, "cannot have tables of %u flows", flows);
	a->meta = a->edit.store.meta;
	if (store_is_live(&a->edit.store))
		return check_sizes(a, &opts, fault);
	r = clock_measure(&clock, fault);
	if (r)
		return r == -EPERM ? privilege_fault(fault, r, "attaching") : r;
	opts.tick_ns = clock.tick_ns;
	opts.jiffies_at_zero = clock.jiffies_at_zero;
	a->meta = (struct meta){
		.magic = BLOB_MAGIC,
		.layout = NETCTL_LAYOUT,
		.opts = opts,
	};
	return 0;
}

/* Forget attachments of an interface that is gone and had this one's name: it took the place. */
static int forget_gone(struct attaching *a, const struct iface *iface, enum hook_id hook)
{
	struct hook_place place;
	struct iface other;
	int r = 0;

	/* Backwards: removing one moves those after it. */
	for (uint32_t i = a->meta.attached_count; i-- && !r;) {
		struct attached *old = &a->meta.attached[i];

		if (old->hook != hook || old->ifindex == iface->index ||
		    strcmp(old->name, iface->name))
			continue;
		r = attached_place(&a->edit.store, old, &place);
		if (!r && (place.gone || iface_by_index(old->ifindex, &other) == -ENODEV))
			attached_remove(&a->meta, old);
	}
	return r;
}

/* It stands there in another mode than was asked for. */
static bool is_other_mode(const struct attaching *a, const struct attached *old)
{
	static const enum xdp_mode wishes[] = {MODE_NONE, MODE_NATIVE, MODE_GENERIC, MODE_TCX};
	const struct hook_wish *wish = &a->options->wish;

	return old->hook == HOOK_XDP && wish->mode != WISH_AUTO && wishes[wish->mode] != old->mode;
}

/* The mode changes: the kernel has no native and generic XDP at once, so one of the two has to be TC ingress. */
static int take_place(const struct attaching *a, const struct attached *old, const struct iface *iface,
		      struct former *ret, struct fault *fault)
{
	int r;

	if (!attached_is_xdp(old) || a->options->wish.mode == WISH_TC) {
		r = former_open(&a->edit.store, old, ret);
		return r ? store_fault(r, fault) : 0;
	}
	fault_set(fault, -EBUSY, EXIT_REFUSED,
		  "%s: xdp is attached already,%s, and the kernel has no native and generic XDP at once", iface->name,
		  xdp_mode_names[old->mode].phrase);
	fault_hint(fault, "change to '--mode tc' first, and from there: no packet passes unjudged");
	return -EBUSY;
}

/*
 * Which hooks of the whole namespace are ours already? More interfaces that ask for one are then
 * only written down.
 */
static int find_standing(const struct attaching *a, unsigned int *ret, struct fault *fault)
{
	const struct hook_wish *wish = &a->options->wish;
	struct hook_place place;
	int r = 0;

	*ret = 0;
	for (int hook = 0; hook < HOOKS && !r; hook++) {
		const struct attached any = {.hook = hook};

		if (!hook_of(hook)->whole_namespace || !attached_hook(&a->edit.store.meta, hook))
			continue;
		r = attached_place(&a->edit.store, &any, &place);
		if (!r && !place.gone)
			*ret |= 1U << hook;
	}
	if (r < 0)
		return store_fault(r, fault);
	if (!*ret || !wish->nf_priority_given || wish->nf_priority == a->edit.store.meta.nf_priority)
		return 0;
	fault_set(fault, -EBUSY, EXIT_REFUSED, "nf is attached already, with priority %d",
		  a->edit.store.meta.nf_priority);
	fault_hint(fault, "detach it first to change its priority");
	return -EBUSY;
}

/* What its packets begin with is asked, not assumed. */
static int check_link(const struct iface *iface, enum hook_id hook, struct fault *fault)
{
	char number[16];

	if (hook_of(hook)->whole_namespace)
		return 0;
	if (iface->link == LINK_UNKNOWN) {
		fault_set(fault, -EMEDIUMTYPE, EXIT_REFUSED, "%s: its link type is %s, which netctl cannot read",
			  iface->name, link_type_name(iface->type, number));
		fault_hint(fault, "it reads devices whose packets begin with an Ethernet or an IP header");
		return -EMEDIUMTYPE;
	}
	if (iface_has_prefix(iface) && !load_finds_prefix()) {
		fault_set(fault, -EMEDIUMTYPE, EXIT_REFUSED,
			  "%s: this kernel does not say where the packets of a %s begin", iface->name, iface->kind);
		fault_hint(fault, "Linux 6.2 and later do");
		return -EMEDIUMTYPE;
	}
	return 0;
}

/* It was attached as another kind of device, whose packets begin with something else. */
static int misread(const struct iface *iface, struct fault *fault)
{
	char number[16];

	fault_set(fault, -EMEDIUMTYPE, EXIT_REFUSED,
		  "%s: its link type is %s now, and was another when it was attached: packets are misread",
		  iface->name, link_type_name(iface->type, number));
	fault_hint(fault, "detach it, then attach it again");
	return -EMEDIUMTYPE;
}

static int plan_one(struct attaching *a, struct attach_target *target, enum hook_id hook, bool stands,
		    struct attach_outcome *outcome, struct fault *fault)
{
	const struct iface *iface = &target->iface;
	struct job job = {
		.iface = iface,
		.target = target,
		.hook = hook,
		.record_only = stands,
		.made = {.links = {[0 ... HOOK_LINKS - 1] = -1}},
		.outcome = outcome,
	};
	struct hook_place place = {.gone = true};
	struct attached *old;
	int r = check_link(iface, hook, fault);

	if (!r)
		r = forget_gone(a, iface, hook);
	if (r == -EMEDIUMTYPE)
		return r;
	outcome->wanted = true;
	old = attached_find(&a->meta, hook, iface->index);
	if (old && !r)
		r = attached_place(&a->edit.store, old, &place);
	if (r < 0)
		return store_fault(r, fault);
	if (!place.gone && place.misread)
		return misread(iface, fault);
	if (!place.gone && !is_other_mode(a, old)) {
		outcome->already = true;
		outcome->mode = old->mode;
		outcome->clsact = attached_by_clsact(old);
		return 0;
	}
	if (!place.gone)
		r = take_place(a, old, iface, &job.former, fault);
	if (r)
		return r;
	if (old)
		attached_remove(&a->meta, old);
	outcome->former = job.former.attached.mode;
	a->jobs[a->count++] = job;
	return 0;
}

/* How many interfaces it stands on: more than each of these. */
static size_t height(const struct stack *stack, const struct job *job)
{
	const struct stack_pair *pairs;

	return stack_lowers(stack, job->iface->index, &pairs);
}

/* From below: XDP is refused at an interface when one above it has a program. */
static int order_jobs(struct attaching *a)
{
	struct stack stack = {};
	int r = stack_read(&stack);

	for (size_t i = 1; i < a->count && !r; i++) {
		const struct job job = a->jobs[i];
		size_t at = i;

		for (; at && height(&stack, &a->jobs[at - 1]) > height(&stack, &job); at--)
			a->jobs[at] = a->jobs[at - 1];
		a->jobs[at] = job;
	}
	stack_free(&stack);
	return r;
}

struct hook_wish plan_wish(const struct attaching *a, const struct job *job)
{
	struct hook_wish wish = a->options->wish;

	if (job->target->careful && wish.mode == WISH_AUTO)
		wish.mode = WISH_TC;
	return wish;
}

bool plan_skip(struct attach_target *target, int error, struct fault *fault)
{
	size_t length = strlen(target->iface.name);
	const char *reason = fault->message;

	if (!target->optional || error == -EPERM || error == -EACCES || error == -ENOMEM)
		return false;
	/* The line begins with the name already. */
	if (!strncmp(reason, target->iface.name, length) && !strncmp(reason + length, ": ", 2))
		reason += length + 2;
	snprintf(target->skipped, sizeof(target->skipped), "%.*s", (int)sizeof(target->skipped) - 1,
		 reason[0] ? reason : strerror(-error));
	fault_clear(fault);
	return true;
}

/* What was planned for a target that is skipped: what it has stays. */
static void unplan(struct attaching *a, const struct attach_target *target)
{
	while (a->count && a->jobs[a->count - 1].target == target) {
		struct job *job = &a->jobs[--a->count];

		if (job->former.attached.ifindex)
			attached_add(&a->meta, &job->former.attached);
		former_close(&job->former);
		*job->outcome = (struct attach_outcome){};
	}
}

static int plan_target(struct attaching *a, struct attach_target *target, unsigned int standing,
		       struct attach_outcome outcomes[HOOKS], struct fault *fault)
{
	int r = 0;

	for (int hook = 0; hook < HOOKS && !r && !target->skipped[0]; hook++)
		if (a->options->hooks & 1U << hook)
			r = plan_one(a, target, hook, standing & 1U << hook, &outcomes[hook], fault);
	if (r >= 0 || !plan_skip(target, r, fault))
		return r;
	unplan(a, target);
	return 0;
}

int plan(struct attaching *a, struct attach_target *targets, size_t count,
	 struct attach_result *result, struct fault *fault)
{
	unsigned int standing;
	int r = find_standing(a, &standing, fault);

	a->jobs = calloc(count * HOOKS + 1, sizeof(*a->jobs));
	if (!a->jobs)
		return -ENOMEM;
	for (size_t i = 0; i < count && !r; i++)
		r = plan_target(a, &targets[i], standing, result->outcomes[i], fault);
	if (!r)
		r = order_jobs(a);
	if (!r && a->meta.attached_count + a->count > MAX_ATTACHED)
		r = fault_set(fault, -ENOSPC, EXIT_REFUSED,
			      "no more than %d attachments (one an interface and hook) in one namespace",
			      MAX_ATTACHED);
	return r;
}

/*
 * OUTPUT is the namespace's: a pair of links in which one is missing is made anew for all who asked
 * for it.
 */
struct pin_filter plan_pins(const struct attaching *a)
{
	struct pin_filter filter = {.meta = &a->meta, .rules = a->blob};

	for (size_t i = 0; i < a->count; i++) {
		unsigned int hook = 1U << a->jobs[i].hook;

		filter.hooks |= hook;
		if (!hook_of(a->jobs[i].hook)->whole_namespace)
			continue;
		if (a->jobs[i].record_only)
			filter.keep |= hook;
		else
			filter.renew |= hook;
	}
	return filter;
}
