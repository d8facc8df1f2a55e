/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wait_gone.h - the kernel frees links, programs and maps some milliseconds after their last pin and
 * descriptor: what is needed to return only when they are gone.
 */
#ifndef NETCTL_WAIT_GONE_H
#define NETCTL_WAIT_GONE_H

#include "../base/util.h"
#include "../state/meta.h"

#define WAIT_GONE_MAX (2 * MAX_ATTACHED)

struct wait_gone {
	size_t count;
	struct noted {
		int (*next_id)(uint32_t start, uint32_t *ret_next); /* of its kind */
		uint32_t id;
	} noted[WAIT_GONE_MAX];
};

void wait_gone_link(struct wait_gone *wait, int link);
void wait_gone_map(struct wait_gone *wait, int map);
/* The program, and every map it uses. */
void wait_gone_program(struct wait_gone *wait, int program);

/*
 * After everything is let go; two seconds at most, and not at all without the right to look
 * (CAP_SYS_ADMIN).
 */
void wait_gone(const struct wait_gone *wait);

#endif
