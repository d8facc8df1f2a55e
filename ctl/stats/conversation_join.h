/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_join.h - rows of interfaces that stand on each other. */
#ifndef NETCTL_CONVERSATION_JOIN_H
#define NETCTL_CONVERSATION_JOIN_H

#include "conversation.h"

/*
 * Rows of interfaces that stand on each other become one, in place of the lowest; tx and rx are set. The list is
 * sorted by identity, and stays so.
 */
int conversations_join(struct conversation *list, size_t *count, const struct surroundings *around);

#endif
