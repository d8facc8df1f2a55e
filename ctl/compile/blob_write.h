/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_write.h - where everything is in a compiled ruleset: lists, forests and text, in blob and parts. */
#ifndef NETCTL_BLOB_WRITE_H
#define NETCTL_BLOB_WRITE_H

#include "forest.h"
#include "member.h"
#include "../rules/ruleset.h"

/* Boxes of one family, in rule order. */
struct box_list {
	struct box6 *boxes; /* owned */
	size_t count, capacity;
};

/* The boxes of all rules, those of audit rules apart; and what their numbers stand for. */
struct compiled {
	struct box_list rules[FAMILIES], audits[FAMILIES];
	struct rule_record *records; /* owned */
	struct rule_extra *extras;   /* owned */
	size_t record_count, extra_count;
	const struct ruleset *set; /* they are of */
	struct members members;	   /* of the sets that rules use */
};

void compiled_free(struct compiled *compiled);

/* A blob being filled. */
struct blob_writer {
	struct blob *blob;
	size_t head;   /* bytes taken of the blob */
	size_t parts;  /* bytes taken of the parts */
	size_t wanted; /* on -ENOSPC: bytes it would have taken at least */
};

/*
 * Room in the parts, zeroed, as an offset from the blob's beginning. What is not "loose" stays in
 * one part. 0: there is none.
 */
size_t blob_take(struct blob_writer *w, size_t size, size_t align, bool loose);
/* Room in the blob itself, at a multiple of "align"; 0: there is none. */
size_t blob_take_head(struct blob_writer *w, size_t size, size_t align);
/* In the blob while there is room. */
int blob_put(struct blob_writer *w, const void *from, size_t size, size_t align, uint32_t *ret_at);

void blob_begin(struct blob *blob, struct blob_writer *ret);

/* The directory of sets, which is in the parts. -E2BIG when a family's ranges are too many. */
int lookup_write(struct blob_writer *w, const struct members *members);
/* All sets, to be read back. */
int blob_put_sets(struct blob_writer *w, const struct ruleset *set, const struct members *members);
/* The sets of a blob, of a state of it. -EPROTO when they are not ours. */
int ruleset_load_sets(const struct blob *blob, uint64_t state, struct ruleset *ret);
/* A set of a blob, by name: its place among them, and the class that hosts added to it get; 0: none may be. */
bool blob_find_set(const struct blob *blob, const char *name, uint32_t *ret_place,
		   uint32_t *ret_alone);
int blob_put_records(struct blob_writer *w, const struct compiled *compiled);
int blob_end(struct blob_writer *w, const char *text, size_t len);

/* A box as packets meet it; where the next one goes. */
char *box_pack(char *to, const struct box6 *whole, enum family family);

#endif
