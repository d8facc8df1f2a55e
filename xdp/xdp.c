/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp.c - XDP ingress of an interface: native, generic on request, TC ingress on request and where a driver has no
 * XDP.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "../ctl/base/device.h"
#include "../ctl/base/privilege.h"
#include "../tc/tcx.h"
#include "dispatcher.h"

static uint32_t program_there(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	if (bpf_xdp_query((int)ifindex, 0, &opts))
		return 0;
	/* prog_id is 0 when there are several: one of the driver, one generic. */
	return opts.prog_id ? opts.prog_id : opts.drv_prog_id ? opts.drv_prog_id : opts.skb_prog_id;
}

/* Name the program there, as far as this process may know: looking takes CAP_SYS_ADMIN. */
static int fault_taken(struct fault *fault, const struct iface *iface, uint32_t id, const char *alone)
{
	bool dispatcher;
	char name[64];

	dispatcher_name(iface->index, name, &dispatcher);
	fault_set(fault, -EBUSY, EXIT_REFUSED, "%s: xdp: another program is there: %s%s%s(id %u)%s%s",
		  iface->name, name[0] ? "'" : "", name, name[0] ? "' " : "", id,
		  dispatcher ? ", libxdp's dispatcher, which cannot be joined: " :
		  name[0]    ? ", which is not libxdp's dispatcher and so cannot be shared with" :
			       "",
		  dispatcher ? alone : "");
	fault_hint(fault, "it was left alone: '--mode tc' judges what it passes, at TC ingress");
	return -EBUSY;
}

static int fault_refused(struct fault *fault, int error, const struct iface *iface,
			 const char *mode)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
		return privilege_fault(fault, error, "attaching XDP");
	case -ENODEV:
	case -EINVAL: /* the index went away between lookup and attach */
		if (iface_by_index(iface->index, &(struct iface){}))
			return fault_set(fault, error, EXIT_MISSING, "interface %s went away",
					 iface->name);
		break;
	case -EEXIST:
		fault_set(fault, error, EXIT_REFUSED,
			  "%s: xdp: an interface that stands on it has an XDP program", iface->name);
		fault_hint(fault,
			   "detach that one first, and attach it again after %s; or '--mode tc' here", iface->name);
		return error;
	case -EOPNOTSUPP:
		fault_set(fault, error, EXIT_REFUSED, "%s: its driver has no native XDP",
			  iface->name);
		fault_hint(fault, "--mode auto takes TC ingress instead");
		return error;
	case -ERANGE:
		fault_set(fault, error, EXIT_REFUSED, "%s: its driver has no XDP for an MTU of %u",
			  iface->name, iface->mtu);
		fault_hint(
			fault,
			"or its peer's MTU is too large; --mode generic does without the driver");
		return error;
	}
	return fault_set(fault, error, EXIT_REFUSED, "%s: the driver refused XDP (%s): %s",
			 iface->name, mode, strerror(-error));
}

/* Nothing tells a program at XDP where the packet itself begins. */
static int fault_prefix(struct fault *fault, const struct iface *iface)
{
	fault_set(fault, -EOPNOTSUPP, EXIT_REFUSED,
		  "%s: xdp: what a %s receives begins with what it came in, and generic XDP would take that for the packet",
		  iface->name, iface->kind);
	fault_hint(fault, "--mode auto takes TC ingress, which does not");
	return -EOPNOTSUPP;
}

static int link_create(int program, const struct iface *iface, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int link = bpf_link_create(program, (int)iface->index, BPF_XDP, &opts);

	return link < 0 ? -errno : link;
}

/* It runs native XDP at its ports, where frames name these and the kernel then takes no other. */
static bool is_bond(const struct iface *iface)
{
	return !strcmp(iface->kind, "bond");
}

static int fault_bond(struct fault *fault, const struct iface *iface)
{
	fault_set(fault, -EOPNOTSUPP, EXIT_REFUSED,
		  "%s: xdp: native XDP of a bond runs at its ports: flows, and rules with 'in', would name these",
		  iface->name);
	fault_hint(fault, "attach the ports themselves, or the bond with '--mode tc', as auto does");
	return -EOPNOTSUPP;
}

/* Can a bound program call another? */
static bool can_front(struct loaded *loaded, const struct iface *iface)
{
	autoclose int front = load_bound(loaded, PROGRAM_FRONT, iface->index);

	return front >= 0;
}

/* By what the driver says of itself; where it does not, it is taken to have native XDP. */
static unsigned int xdp_needs(struct loaded *loaded, const struct iface *iface, const struct hook_wish *wish)
{
	bool bare = iface->link == LINK_BARE, generic = wish->mode == WISH_GENERIC;
	struct device_xdp device = device_xdp(iface->index);

	if (wish->mode == WISH_TC ||
	    (wish->mode == WISH_AUTO && (bare || is_bond(iface) || (device.known && !device.native))))
		return 1U << (bare ? PROGRAM_INGRESS_BARE : PROGRAM_INGRESS);
	if (!generic && !bare && device.tells_tags && !program_there(iface->index) && !can_front(loaded, iface))
		return 0; /* one of its own */
	return 1U << (bare ? PROGRAM_BARE : PROGRAM_MAIN);
}

static int ingress_attach(struct loaded *loaded, const struct iface *iface, const char *reason,
			  struct hook_made *ret, struct fault *fault)
{
	enum program_id program = iface->link == LINK_BARE ? PROGRAM_INGRESS_BARE : PROGRAM_INGRESS;
	int r = load_programs(loaded, 1U << program, fault);

	if (!r)
		r = tcx_attach(TCX_INGRESS, loaded->program[program], "xdp", iface, ret, fault);
	if (r)
		return r;
	ret->mode = MODE_TCX;
	ret->tags = true;
	snprintf(ret->note, sizeof(ret->note), "%s", reason);
	return 0;
}

/* The one program at the hook: a link, that a kill takes away and a pin keeps. */
static int single_attach(struct loaded *loaded, int program, const struct iface *iface,
			 const struct hook_wish *wish, const char *alone, struct hook_made *ret,
			 struct fault *fault)
{
	bool generic = wish->mode == WISH_GENERIC;
	int link = link_create(program, iface, generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);

	if (link == -EOPNOTSUPP && wish->mode == WISH_AUTO)
		return ingress_attach(loaded, iface, "its driver has no native XDP", ret, fault);
	if (link == -ERANGE && wish->mode == WISH_AUTO)
		return ingress_attach(loaded, iface, "its driver has no XDP for this MTU", ret,
				      fault);
	if (link == -EBUSY)
		return fault_taken(fault, iface, program_there(iface->index), alone);
	if (link < 0)
		return fault_refused(fault, link, iface, generic ? "generic" : "native");
	ret->links[0] = link;
	ret->mode = generic ? MODE_GENERIC : MODE_NATIVE;
	return 0;
}

/* By libxdp's dispatcher, if it can be: *alone is "" then, or why not. */
static int share(struct loaded *loaded, const struct iface *iface, const struct hook_wish *wish,
		 char alone[96])
{
	int r = dispatcher_probe();

	alone[0] = '\0';
	if (r) {
		snprintf(alone, 96, "the kernel refuses freplace: %s", strerror(-r));
		return r;
	}
	r = dispatcher_attach(loaded, iface, wish);
	if (r)
		snprintf(alone, 96, "libxdp's dispatcher failed: %s", strerror(-r));
	return r;
}

/*
 * A program that asks the device for the tags it takes off, bound to it: such a one cannot be shared. A descriptor,
 * the caller's; -EOPNOTSUPP: there is none.
 */
static int bound_program(struct loaded *loaded, const struct iface *iface, const struct hook_wish *wish)
{
	int program;

	if (wish->mode == WISH_GENERIC || iface->link != LINK_ETHERNET || !device_xdp(iface->index).tells_tags)
		return -EOPNOTSUPP;
	program = load_bound(loaded, PROGRAM_FRONT, iface->index);
	if (program >= 0 && !load_programs(loaded, 1U << PROGRAM_MAIN, NULL))
		return program;
	close_at(&program);
	program = load_bound(loaded, PROGRAM_TAGGED, iface->index);
	return program < 0 ? -EOPNOTSUPP : program;
}

static int bound_attach(struct loaded *loaded, int program, const struct iface *iface,
			const struct hook_wish *wish, struct hook_made *ret, struct fault *fault)
{
	static const char alone[] = "it asks the device for VLAN tags";
	int r = single_attach(loaded, program, iface, wish, alone, ret, fault);

	if (!r && ret->mode == MODE_NATIVE) {
		ret->tags = true;
		snprintf(ret->note, sizeof(ret->note), "not shareable: %s", alone);
	}
	return r;
}

static void note_tags(const struct iface *iface, struct hook_made *made)
{
	size_t length = strlen(made->note);

	if (iface->link == LINK_ETHERNET && device_takes_tags(iface->name))
		snprintf(made->note + length, sizeof(made->note) - length,
			 "; VLAN tags that the device takes off are not seen");
}

/* Programs at XDP that are not ours, or will be when ours has left. */
static bool others_there(const struct iface *iface, const struct hook_wish *wish, uint32_t there)
{
	uint32_t position, count;

	dispatcher_find(iface->index, wish->bpffs, &position, &count);
	return position ? count > 1 : there && there != wish->former;
}

static int xdp_attach(struct loaded *loaded, const struct iface *iface,
		      const struct hook_wish *wish, struct hook_made *ret, struct fault *fault)
{
	enum program_id own = iface->link == LINK_BARE ? PROGRAM_BARE : PROGRAM_MAIN;
	uint32_t there = program_there(iface->index);
	autoclose int bound = -1;
	char alone[96];
	int r;

	if (there && program_stray(&there, 1, wish->former))
		return fault_stray(fault, "xdp", iface, there);
	if (wish->mode == WISH_TC)
		return ingress_attach(loaded, iface,
				      others_there(iface, wish, there) ? "after another XDP program" : "", ret,
				      fault);
	if (wish->mode == WISH_NATIVE && is_bond(iface))
		return fault_bond(fault, iface);
	if (wish->mode == WISH_AUTO && is_bond(iface))
		return ingress_attach(loaded, iface, "native XDP would be its ports'", ret, fault);
	if (wish->mode == WISH_AUTO && iface->link == LINK_BARE)
		return ingress_attach(loaded, iface, "no Ethernet header", ret, fault);
	if (iface_has_prefix(iface))
		return fault_prefix(fault, iface);
	bound = there ? -1 : bound_program(loaded, iface, wish);
	if (bound >= 0)
		return bound_attach(loaded, bound, iface, wish, ret, fault);
	r = share(loaded, iface, wish, alone);
	if (!r) {
		ret->dispatched = true;
		ret->mode = wish->mode == WISH_GENERIC ? MODE_GENERIC : MODE_NATIVE;
		snprintf(ret->note, sizeof(ret->note), "shared by libxdp's dispatcher");
	} else if ((there = program_there(iface->index))) {
		return fault_taken(fault, iface, there, alone);
	} else {
		r = load_programs(loaded, 1U << own, fault);
		if (!r)
			r = single_attach(loaded, loaded->program[own], iface, wish, alone, ret, fault);
		if (r)
			return r;
	}
	if (ret->mode == MODE_NATIVE && !ret->dispatched)
		snprintf(ret->note, sizeof(ret->note), "not shareable: %s", alone);
	if (ret->mode == MODE_GENERIC)
		snprintf(ret->note, sizeof(ret->note), "counts are after GRO");
	if (ret->mode != MODE_TCX)
		note_tags(iface, ret);
	return 0;
}

static int ingress_of(const int programs[PROGRAM_COUNT], const struct attached *attached)
{
	return programs[attached->bare ? PROGRAM_INGRESS_BARE : PROGRAM_INGRESS];
}

static int xdp_remove(const int programs[PROGRAM_COUNT], const struct attached *attached, int bpffs,
		      struct fault *fault)
{
	int r = attached->clsact ? tcx_remove(TCX_INGRESS, ingress_of(programs, attached), attached, fault) : 0;

	if (r || !attached->dispatched)
		return r;
	r = dispatcher_remove(attached->ifindex, bpffs);
	return r ? fault_set(fault, r, EXIT_REFUSED, "cannot leave libxdp's dispatcher: %s",
			     strerror(-r))
		 : 0;
}

static void xdp_find(const int programs[PROGRAM_COUNT], const struct attached *attached,
		     const int links[HOOK_LINKS], int bpffs, struct hook_place *ret)
{
	struct bpf_link_info info = {};
	uint32_t len = sizeof(info);

	if (attached->mode == MODE_TCX) {
		tcx_find(TCX_INGRESS, ingress_of(programs, attached), attached, links[0], ret);
		return;
	}
	if (attached->dispatched) {
		dispatcher_find(attached->ifindex, bpffs, &ret->position, &ret->programs);
		ret->gone = !ret->position;
		return;
	}
	/* A link outlives its interface, and "link detach": index 0 then. */
	ret->gone = links[0] < 0 || bpf_link_get_info_by_fd(links[0], &info, &len) ||
		    info.xdp.ifindex != attached->ifindex;
	if (!ret->gone)
		ret->position = ret->programs = 1;
}

const struct hook hook_xdp = {
	.links = { "xdp_%u" },
	.needs = xdp_needs,
	.attach = xdp_attach,
	.remove = xdp_remove,
	.find = xdp_find,
};
