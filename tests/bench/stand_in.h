/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stand_in.h - measured programs beside those of a harness; what fails ends the program. */
#ifndef NETCTL_TESTS_STAND_IN_H
#define NETCTL_TESTS_STAND_IN_H

#include "../lib/harness.h"

/* The object file's programs, on the hook's maps and with its options. */
struct bpf_object *stand_in_load(const char *path, const struct loaded *hook);

/* A descriptor of one of them; the object's. */
int stand_in_program(const struct bpf_object *object, const char *name);

/* One of its maps that are shared memory. */
void *stand_in_memory(const struct bpf_object *object, const char *name, size_t size);

#endif
