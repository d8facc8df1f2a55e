/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcx.c - puts programs at an interface's traffic control hooks, and only ever takes away its own.
 */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "../ctl/base/privilege.h"
#include "tcx.h"

#define MAX_PROGRAMS 64 /* as many as the kernel lets stand at one tcx hook */

/* Where our clsact filter always is: any other one is not ours. 28259 is "nc". */
#define FILTER_PRIORITY 28259
#define FILTER_HANDLE 1

static enum bpf_attach_type attach_type(enum tcx_way way)
{
	return way == TCX_INGRESS ? BPF_TCX_INGRESS : BPF_TCX_EGRESS;
}

struct neighbours {
	uint32_t ids[MAX_PROGRAMS];
	uint32_t count;
};

static int query(enum tcx_way way, uint32_t ifindex, struct neighbours *ret)
{
	LIBBPF_OPTS(bpf_prog_query_opts, opts, .prog_ids = ret->ids, .count = MAX_PROGRAMS);

	if (bpf_prog_query_opts((int)ifindex, attach_type(way), &opts))
		return -errno;
	ret->count = opts.count;
	return 0;
}

static struct bpf_tc_hook tc_hook(enum tcx_way way, uint32_t ifindex)
{
	return (struct bpf_tc_hook){
		.sz = sizeof(struct bpf_tc_hook),
		.ifindex = (int)ifindex,
		.attach_point = way == TCX_INGRESS ? BPF_TC_INGRESS : BPF_TC_EGRESS,
	};
}

/* The program of the filter in our place, 0 when there is none. */
static uint32_t filter_program(enum tcx_way way, uint32_t ifindex)
{
	struct bpf_tc_hook hook = tc_hook(way, ifindex);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);

	return bpf_tc_query(&hook, &opts) ? 0 : opts.prog_id;
}

static int refused(int error, enum tcx_way way, const char *hook, const struct iface *iface,
		   struct fault *fault)
{
	const char *where = way == TCX_INGRESS ? "ingress" : "egress";

	switch (error) {
	case -EPERM:
	case -EACCES:
		return privilege_fault(fault, error, "attaching to TC");
	case -ENODEV:
		return fault_set(fault, error, EXIT_MISSING, "interface %s went away", iface->name);
	case -EEXIST:
		return fault_set(fault, error, EXIT_REFUSED,
				 "%s: %s: somebody else's TC %s filter has priority %d, handle %d",
				 iface->name, hook, where, FILTER_PRIORITY, FILTER_HANDLE);
	}
	return fault_set(fault, error, EXIT_REFUSED,
			 "%s: %s: the kernel refused a program at TC %s: %s", iface->name, hook,
			 where, strerror(-error));
}

/* Others may hang a filter there between the look and the removal: that is theirs to notice. */
static void qdisc_remove(uint32_t ifindex)
{
	struct bpf_tc_hook hook = tc_hook(TCX_EGRESS, ifindex);

	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	if (!iface_filters(ifindex))
		bpf_tc_hook_destroy(&hook);
}

static int filter_attach(enum tcx_way way, int program, const struct iface *iface,
			 uint8_t *ret_clsact)
{
	struct bpf_tc_hook hook = tc_hook(way, iface->index);
	uint32_t there = filter_program(way, iface->index);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = program, .handle = FILTER_HANDLE,
		    .priority = FILTER_PRIORITY);
	bool created;
	int r;

	/* A killed attach leaves its filter behind, for no link holds it: take that place. */
	if (there && program_stray(&there, 1, 0))
		opts.flags = BPF_TC_F_REPLACE;
	r = bpf_tc_hook_create(&hook);
	created = !r;
	if (r && r != -EEXIST)
		return r;
	r = bpf_tc_attach(&hook, &opts);
	if (r && created)
		qdisc_remove(iface->index);
	if (!r)
		*ret_clsact = CLSACT_FILTER | (created ? CLSACT_QDISC : 0);
	return r;
}

int tcx_attach(enum tcx_way way, int program, const char *hook, const struct iface *iface,
	       struct hook_made *ret, struct fault *fault)
{
	/*
	 * First: programs before us could end the chain, and we would neither see nor drop those
	 * packets.
	 */
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = BPF_F_BEFORE);
	struct neighbours there = {};
	uint32_t stray;
	int link, r;

	stray = query(way, iface->index, &there) ? 0 : program_stray(there.ids, there.count, 0);
	if (stray)
		return fault_stray(fault, hook, iface, stray);
	link = bpf_link_create(program, (int)iface->index, attach_type(way), &opts);
	if (link >= 0) {
		ret->links[0] = link;
		return 0;
	}
	r = -errno;
	if (r != -EINVAL)
		return refused(r, way, hook, iface, fault);
	r = filter_attach(way, program, iface, &ret->clsact); /* before 6.6 there is no tcx */
	return r ? refused(r, way, hook, iface, fault) : 0;
}

int tcx_remove(enum tcx_way way, int program, const struct attached *attached, struct fault *fault)
{
	struct bpf_tc_hook hook = tc_hook(way, attached->ifindex);
	uint32_t there = filter_program(way, attached->ifindex);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);
	int r = 0;

	if (there && there == program_id(program))
		r = bpf_tc_detach(&hook, &opts);
	if (r && r != -ENOENT)
		return fault_set(fault, r, 0, "cannot remove the TC filter");
	if (attached->clsact & CLSACT_QDISC)
		qdisc_remove(attached->ifindex);
	return 0;
}

void tcx_find(enum tcx_way way, int program, const struct attached *attached, int link,
	      struct hook_place *ret)
{
	struct neighbours there = {};
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info), id;

	if (attached->clsact) {
		ret->gone = filter_program(way, attached->ifindex) != program_id(program);
		return;
	}
	/*
	 * A link outlives its interface, and its last descriptor outlives "link detach": both show
	 * as index 0.
	 */
	ret->gone = link < 0 || bpf_link_get_info_by_fd(link, &info, &len) ||
		    info.tcx.ifindex != attached->ifindex;
	if (ret->gone || query(way, attached->ifindex, &there))
		return;
	id = info.prog_id;
	for (uint32_t i = 0; i < there.count; i++)
		if (there.ids[i] == id)
			ret->position = i + 1;
	ret->programs = there.count;
}
