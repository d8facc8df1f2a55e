/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hooks.h - the three hooks as a table, and the links of their attachments. */
#ifndef NETCTL_HOOKS_H
#define NETCTL_HOOKS_H

#include "../state/hook.h"

/* By enum hook_id. */
const struct hook *hook_of(enum hook_id id);
/* Name of an attachment's nth link pin. */
void hook_link_name(enum hook_id id, uint32_t ifindex, size_t n, char ret[PIN_NAME]);

/* Lets this process hold as many links at once as the system allows: a thousand interfaces have more than most may open. */
void links_allow_many(void);

/* Links of an attachment from their pins, -1 each where missing; closed with links_close(). */
int links_open(const struct store *store, const struct attached *attached, int ret[HOOK_LINKS]);

#endif
