/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tcx.h - programs at an interface's traffic control hooks: tcx links, clsact filters where there
 * is no tcx.
 */
#ifndef NETCTL_TCX_H
#define NETCTL_TCX_H

#include "../ctl/state/hook.h"

enum tcx_way { TCX_INGRESS, TCX_EGRESS };

/* Attach first of all programs there. hook: its name, for the fault. */
int tcx_attach(enum tcx_way way, int program, const char *hook, const struct iface *iface,
	       struct hook_made *ret, struct fault *fault);

/*
 * Remove our own clsact filter, and the qdisc if it came with it and nobody else has come to use it.
 * That it is gone already is fine.
 */
int tcx_remove(enum tcx_way way, int program, const struct attached *attached, struct fault *fault);

void tcx_find(enum tcx_way way, int program, const struct attached *attached, int link,
	      struct hook_place *ret);

#endif
