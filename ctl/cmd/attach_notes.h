/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach_notes.h - what one should know of interfaces that were attached. */
#ifndef NETCTL_ATTACH_NOTES_H
#define NETCTL_ATTACH_NOTES_H

#include "../attach/attach.h"

/* What native XDP costs with their drivers, where nobody asked for it: a line each driver. */
void note_prices(const struct attach_target *targets, size_t count, const struct attach_result *result);

/* Interfaces whose packets pass none of their hooks, and where they do. */
void note_unseen_masters(const struct attach_target *targets, size_t count);

#endif
