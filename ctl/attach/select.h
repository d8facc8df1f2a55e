/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* select.h - which interfaces are meant: by name, by a pattern of names, or all of them. */
#ifndef NETCTL_SELECT_H
#define NETCTL_SELECT_H

#include "attach.h"

/* May the word be a pattern (*, ?, [)? An interface may have such a name, too, and is meant first. */
bool select_is_pattern(const char *word);

/*
 * In the order of the words, each interface once; *ret is the caller's. all: all there are, but for the loopback
 * interface, and carefully by the default route if so told; else names in full must exist, and patterns match something.
 */
int select_targets(char *const *words, size_t count, bool all, bool careful, struct attach_target **ret,
		   size_t *ret_count, struct fault *fault);

#endif
