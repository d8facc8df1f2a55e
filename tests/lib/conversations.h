/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversations.h - what netctl shows of a flow. */
#ifndef NETCTL_TESTS_CONVERSATIONS_H
#define NETCTL_TESTS_CONVERSATIONS_H

#include <jansson.h>
#include <stddef.h>

#include "wire.h"

/* Rows of a flow and their sums, and what the last row says of itself. */
struct shown {
	size_t rows;
	struct carried tx, rx;
	char path[64], carrier[16]; /* "eth0/br0"; "": none */
};

/* What a command prints. To be released with json_decref(). Ends the program when there is nothing to be read. */
json_t *read_json(const char *netctl, const char *netns, const char *words);
json_t *read_conversations(const char *netctl, const char *netns);

/*
 * local: this address, or NULL for any. Of ICMP all echo requests, for a row does not show their
 * identifier.
 */
struct shown find_shown(const json_t *all, const struct ends *flow, const char *local);

/* Of "stats --raw -j": what a hook has counted, or dropped, of a flow as it leaves or arrives by that interface. */
struct carried find_counted(const json_t *all, const char *hook, const char *iface, const struct ends *flow, bool out,
			    bool dropped);

#endif
