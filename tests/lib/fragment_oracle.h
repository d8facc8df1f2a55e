/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fragment_oracle.h - what a later fragment becomes when its datagram's first was the packet before. */
#ifndef NETCTL_TESTS_FRAGMENT_ORACLE_H
#define NETCTL_TESTS_FRAGMENT_ORACLE_H

#include "native.h"

/* The first fragment that each hook saw last. */
struct fragment_oracle {
	struct native first[HOOKS];
	bool seen[HOOKS];
};

/* A packet has been judged, and charged to a limit. */
void fragment_oracle_saw(struct fragment_oracle *o, enum hook_id hook, const struct native *n);

/* A later fragment of the first's datagram, judged by itself: what is known of it now. *ret_charged: to the limit that
 * passed its first. */
void fragment_oracle_follow(const struct fragment_oracle *o, enum hook_id hook, struct native *n,
			    bool *ret_charged);

#endif
