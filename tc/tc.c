/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc.c - TC egress: what leaves by an interface. */
#include "tcx.h"

static int tc_attach(const struct programs *programs, const struct iface *iface,
		     const struct hook_wish *wish, struct hook_made *ret, struct fault *fault)
{
	return tcx_attach(TCX_EGRESS, programs->program, "tc", iface, ret, fault);
}

static int tc_remove(const struct programs *programs, const struct attached *attached, int bpffs,
		     struct fault *fault)
{
	return attached->clsact
		       ? tcx_remove(TCX_EGRESS, programs->program, attached, fault)
		       : 0;
}

static void tc_find(const struct programs *programs, const struct attached *attached,
		    const int links[HOOK_LINKS], int bpffs, struct hook_place *ret)
{
	tcx_find(TCX_EGRESS, programs->program, attached, links[0], ret);
}

const struct hook hook_tc = {
	.links = {"tc_%u"},
	.attach = tc_attach,
	.remove = tc_remove,
	.find = tc_find,
};
