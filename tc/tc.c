/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc.c - TC egress: what leaves by an interface. */
#include "tcx.h"

static int program_of(const int programs[PROGRAM_COUNT], const struct attached *attached)
{
	return programs[attached->bare ? PROGRAM_BARE : PROGRAM_MAIN];
}

static unsigned int tc_needs(struct loaded *loaded, const struct iface *iface,
			     const struct hook_wish *wish)
{
	return 1U << (iface->link == LINK_BARE ? PROGRAM_BARE : PROGRAM_MAIN);
}

static int tc_attach(struct loaded *loaded, const struct iface *iface,
		     const struct hook_wish *wish, struct hook_made *ret, struct fault *fault)
{
	enum program_id program = iface->link == LINK_BARE ? PROGRAM_BARE : PROGRAM_MAIN;

	return tcx_attach(TCX_EGRESS, loaded->program[program], "tc", iface, ret, fault);
}

static int tc_remove(const int programs[PROGRAM_COUNT], const struct attached *attached, int bpffs,
		     struct fault *fault)
{
	return attached->clsact
		       ? tcx_remove(TCX_EGRESS, program_of(programs, attached), attached, fault)
		       : 0;
}

static void tc_find(const int programs[PROGRAM_COUNT], const struct attached *attached,
		    const int links[HOOK_LINKS], int bpffs, struct hook_place *ret)
{
	tcx_find(TCX_EGRESS, program_of(programs, attached), attached, links[0], ret);
}

const struct hook hook_tc = {
	.links = {"tc_%u"},
	.needs = tc_needs,
	.attach = tc_attach,
	.remove = tc_remove,
	.find = tc_find,
};
