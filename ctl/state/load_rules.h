/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load_rules.h - rulesets as inner maps: a blob, the frozen parts behind it; and blocks of counters. */
#ifndef NETCTL_LOAD_RULES_H
#define NETCTL_LOAD_RULES_H

#include "load.h"

/* A new one; its fd is the caller's. */
int load_block(const struct load_opts *opts);

/*
 * Make the ruleset in "blob" the one in force: its parts, if it has any, and a new inner array,
 * written by mmap, unmapped, then put into the slot of the rules map by one update. Returns
 * the inner map's fd (the caller's) or -errno.
 */
int load_rules(const int shared[SHARED_MAP_COUNT], const struct blob *blob);

/*
 * The two halves of it: the inner map (its fd is the caller's), and the one update that puts it in
 * force.
 */
int load_blob(const struct blob *blob);
int load_slot(int rules_map, uint32_t slot, int inner_map);

/* What lies behind a blob: a frozen map each. */
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
