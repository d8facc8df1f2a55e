/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* walk.h - the headers that "walk" runs through the rules, as both sides of it see them. */
#ifndef NETCTL_TESTS_WALK_H
#define NETCTL_TESTS_WALK_H

#include <linux/types.h>

#define WALK_HEADERS 16384 /* power of two: none comes twice before all others */

struct walk_header {
	__u32 address[2]; /* host order; IPv6: see classbench_ip6() */
	__u16 port[2];	  /* network order */
	__u8 proto, flags;
	__u8 family; /* 4 or 6 */
	__u8 pad;
};

#endif
