/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vanish.h - the kernel frees links, programs and maps some milliseconds after their last pin and
 * descriptor: what is needed to return only when they are gone.
 */
#ifndef NETCTL_VANISH_H
#define NETCTL_VANISH_H

#include "../state/hook.h"

#define VANISH_MAX 1024

enum vanish_kind { VANISH_LINK, VANISH_PROGRAM, VANISH_MAPS, VANISH_KINDS };

struct vanish {
	size_t count[VANISH_KINDS];
	uint32_t ids[VANISH_KINDS][VANISH_MAX];
};

void vanish_link(struct vanish *vanish, int link);
void vanish_map(struct vanish *vanish, int map);
/* A hook's programs and every map they use. */
void vanish_programs(struct vanish *vanish, const struct programs *programs);

/*
 * After everything is let go; two seconds at most, and not at all without the right to look
 * (CAP_SYS_ADMIN).
 */
void vanish_wait(const struct vanish *vanish);

#endif
