/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dispatcher.h - sharing an interface's XDP hook with other programs, by libxdp's dispatcher. */
#ifndef NETCTL_DISPATCHER_H
#define NETCTL_DISPATCHER_H

#include "../ctl/state/hook.h"

/*
 * 0 where this kernel lets a program replace a function of another (freplace), on which dispatchers stand; else the
 * -errno by which it refuses.
 */
int dispatcher_probe(void);

/*
 * Join the programs at an interface, or be the first of them. -errno, and then nothing is attached.
 */
int dispatcher_attach(const struct loaded *loaded, const struct iface *iface,
		      const struct hook_wish *wish);

/* Take every program of ours out; the others go on. Fine when there is none. */
int dispatcher_remove(uint32_t ifindex, int bpffs);

/* Position from 1 among how many; 0 when none of ours is there. */
void dispatcher_find(uint32_t ifindex, int bpffs, uint32_t *ret_position, uint32_t *ret_programs);

/*
 * Name of the program at an interface ("" when it cannot be told), and whether it is a dispatcher.
 */
void dispatcher_name(uint32_t ifindex, char ret[64], bool *ret_dispatcher);

#endif
