/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pin.h - one pin of a namespace's state: opened, and put there. */
#ifndef NETCTL_PIN_H
#define NETCTL_PIN_H

#include "store.h"

/* Descriptor of one pin, -ENOENT when there is none of that name. */
int store_pin(const struct store *store, const char *name);

/* Pin an object in a directory, under a name of ours ([a-z0-9_]). */
int pin_put(int dir, int fd, const char *name);

#endif
