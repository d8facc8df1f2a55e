/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversations.h - what "netctl stats" shows of a flow. */
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

/* To be released with json_decref(). Ends the program when there is nothing to be read. */
json_t *read_conversations(const char *netctl, const char *netns);

/*
 * local: this address, or NULL for any. Of ICMP all echo requests, for a row does not show their
 * identifier.
 */
struct shown find_shown(const json_t *all, const struct ends *flow, const char *local);

#endif
