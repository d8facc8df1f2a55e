/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* former.c - changing the mode of XDP without a gap: the former attachment leaves when the new one is in force. */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "former.h"
#include "hooks.h"

#define ON_THE_WAY_US 20000

int former_open(const struct store *store, const struct attached *attached, struct former *ret)
{
	*ret = (struct former){.attached = *attached};
	return links_open(store, attached, ret->links);
}

void former_close(struct former *former)
{
	if (former->attached.ifindex)
		links_close(former->links);
}

/* Of a record's two flags that of the mode it is not in: what may be left of the other. */
static struct attached leftover(const struct attached *attached)
{
	struct attached left = *attached;

	if (attached_is_xdp(attached))
		left.dispatched = 0;
	else
		left.clsact = 0;
	return left;
}

static bool has_leftover(const struct attached *attached)
{
	const struct attached left = leftover(attached);

	return attached->hook == HOOK_XDP && (left.dispatched || left.clsact);
}

/* Nothing of the other mode any more. */
static void forget(struct attached *attached)
{
	if (attached_is_xdp(attached))
		attached->clsact = 0;
	else
		attached->dispatched = 0;
}

int formers_announce(struct attaching *a, struct fault *fault)
{
	struct store *store = &a->edit.store;
	bool any = false;
	int r;

	for (size_t i = 0; i < a->count; i++) {
		const struct attached *old = &a->jobs[i].former.attached;
		struct attached *record = old->ifindex ? attached_find(&store->meta, old->hook, old->ifindex) : NULL;

		if (!record)
			continue;
		any = true;
		if (attached_is_xdp(record))
			record->clsact = CLSACT_FILTER;
		else
			record->dispatched = 1;
	}
	r = any ? store_write_meta(store) : 0;
	return r ? store_fault(r, fault) : 0;
}

void formers_stay(struct attaching *a)
{
	struct meta *meta = &a->edit.store.meta;
	bool any = false;

	for (size_t i = 0; i < a->count; i++) {
		const struct attached *old = &a->jobs[i].former.attached;
		struct attached *record = old->ifindex ? attached_find(meta, old->hook, old->ifindex) : NULL;

		if (!record)
			continue;
		any = true;
		forget(record);
	}
	if (any)
		store_write_meta(&a->edit.store);
}

/*
 * A packet that came before the new program was there may not have come to the former one yet: TC ingress is after
 * XDP. It is on its way in the kernel, under RCU, or waits for a CPU in its backlog.
 */
static void let_pass(void)
{
	usleep(ON_THE_WAY_US);
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/* A qdisc that came with the former filter, and is used by the one of egress, goes with that. */
static void hand_over_qdisc(struct meta *meta, struct attached *left)
{
	struct attached *egress = attached_find(meta, HOOK_TC, left->ifindex);

	if (!(left->clsact & CLSACT_QDISC) || !egress || !attached_by_clsact(egress))
		return;
	egress->clsact |= CLSACT_QDISC;
	left->clsact &= (uint8_t)~CLSACT_QDISC;
}

static int remove_leftover(struct store *store, const int programs[PROGRAM_COUNT],
			    struct attached *attached)
{
	struct attached left = leftover(attached);
	int r = 0;

	hand_over_qdisc(&store->meta, &left);
	if (has_leftover(attached))
		r = hook_of(attached->hook)->remove(programs, &left, store->bpffs, NULL);
	if (!r)
		forget(attached);
	return r;
}

/* Closed, a link goes some time later; cut, it is off at once. */
static void leave(struct attaching *a, struct former *former)
{
	struct store *store = &a->edit.store;
	struct attached *now = attached_find(&store->meta, former->attached.hook, former->attached.ifindex);

	for (size_t i = 0; i < HOOK_LINKS; i++)
		if (former->links[i] >= 0)
			bpf_link_detach(former->links[i]);
	if (now)
		remove_leftover(store, a->loaded[HOOK_XDP].program, now);
}

void formers_leave(struct attaching *a)
{
	bool any = false, ingress = false;

	for (size_t i = 0; i < a->count; i++) {
		const struct attached *old = &a->jobs[i].former.attached;

		any = any || old->ifindex;
		ingress = ingress || (old->ifindex && !attached_is_xdp(old));
	}
	if (ingress)
		let_pass();
	for (size_t i = 0; i < a->count; i++)
		if (a->jobs[i].former.attached.ifindex)
			leave(a, &a->jobs[i].former);
	if (any)
		store_write_meta(&a->edit.store);
}

int formers_clear(struct store *store, struct fault *fault)
{
	int programs[PROGRAM_COUNT];
	bool any = false;
	int r;

	for (uint32_t i = 0; i < store->meta.attached_count; i++)
		any = any || has_leftover(&store->meta.attached[i]);
	if (!any)
		return 0;
	r = programs_open(store, HOOK_XDP, programs);
	if (r < 0)
		return store_fault(r, fault);
	for (uint32_t i = 0; i < store->meta.attached_count && !r; i++)
		if (has_leftover(&store->meta.attached[i]))
			r = remove_leftover(store, programs, &store->meta.attached[i]);
	programs_close(programs);
	if (!r)
		r = store_write_meta(store);
	return r ? store_fault(r, fault) : 0;
}
