/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_mirror.h - rows that show the same packets from two sides. */
#ifndef NETCTL_CONVERSATION_MIRROR_H
#define NETCTL_CONVERSATION_MIRROR_H

#include "conversation.h"

/*
 * Of rows that show the same packets from two sides one stays, and takes what the other has. alone: they are of one
 * interface, where loopback alone shows what left it again as arriving.
 */
void conversations_hide_mirrors(struct conversation *list, size_t *count, bool alone,
				const struct surroundings *around);

#endif
