/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_read.h - one element of a set from text. */
#ifndef NETCTL_ELEMENT_READ_H
#define NETCTL_ELEMENT_READ_H

#include "../rules/element.h"

/*
 * One word: "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "2001:db8::/32" of SET_ADDRESSES; "80", "8000-8080",
 * "https" of SET_PORTS; "10.0.0.5:53/udp", "[2001:db8::1]:443" of SET_SERVICES. It stays, and has no counter.
 * -EINVAL with a fault that shows the word alone.
 */
int element_read(enum set_type type, const char *word, size_t len, struct element *ret,
		 struct fault *fault);

#endif
