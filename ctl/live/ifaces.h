/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ifaces.h - the interfaces that rules name, looked up before rules are compiled and checked. */
#ifndef NETCTL_IFACES_H
#define NETCTL_IFACES_H

#include "../rules/ruleset.h"

/*
 * Look up every interface that the enabled rules name: see ruleset_ifindex(). -ENODEV (exit 3) with a fault for one
 * that is not there, unless that is fine: it then matches nothing.
 */
int ifaces_find(struct ruleset *rules, bool absent_ok, struct fault *fault);

#endif
