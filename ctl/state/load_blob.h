/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load_blob.h - the inner maps of a ruleset: its blob, its frozen parts, blocks of counters. */
#ifndef NETCTL_LOAD_BLOB_H
#define NETCTL_LOAD_BLOB_H

#include "load.h"

/* A new block of counters; its fd is the caller's. */
int load_block(const struct load_opts *opts);
size_t load_block_size(const struct load_opts *opts); /* bytes, to map it */

/*
 * The inner map (its fd is the caller's), and the one update that puts it in force. Its parts are
 * in their slots by then.
 */
int load_blob(const struct blob *blob);
int load_slot(int rules_map, uint32_t slot, int inner_map);

/* What follows a blob: a frozen map each. */
struct parts {
	uint32_t count;
	int fd[MAX_PARTS]; /* owned */
};

int load_parts(const struct blob *blob, struct parts *ret);
void close_parts(struct parts *parts);
/* Put them into their slots: at once, because the kernel waits for its programs after each update. */
int load_part_slots(int parts_map, const struct blob *blob, const struct parts *parts);
/* The same of any maps in any slots. */
int load_slots(int map, const uint32_t *slots, const int *inner_maps, uint32_t count);

#endif
