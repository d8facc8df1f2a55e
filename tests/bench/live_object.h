/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_object.h - the programs of live.bpf.c, for the tools of "make bench-peers". They end when something fails. */
#ifndef NETCTL_TESTS_LIVE_OBJECT_H
#define NETCTL_TESTS_LIVE_OBJECT_H

#include <bpf/libbpf.h>

/* Opened, none of its programs to be loaded: maps and variables may still be set. */
struct bpf_object *live_open(void);

/* Load this program alone; its descriptor. */
int live_load(struct bpf_object *object, const char *name);

#endif
