/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_write.h - what the rules compile to, and a blob and its parts that are being filled with it. */
#ifndef NETCTL_BLOB_WRITE_H
#define NETCTL_BLOB_WRITE_H

#include "forest.h"
#include "lookup.h"
#include "packet_classes.h"
#include "../rules/ruleset.h"

/* Boxes of one family, in rule order. */
struct box_list {
	struct whole_box *boxes; /* owned */
	size_t count, capacity;
};

/* The same, of those that are alike only what does not end before an earlier one: see might.c. */
struct might_list {
	struct box_list list;
	uint8_t *nth;	/* of those alike; owned */
	size_t nth_capacity;
	uint32_t *hash; /* the last of those alike: index + 1, or 0; owned */
	size_t hash_mask;
	bool closed;	  /* it has a box that every packet matches */
	uint32_t barrier; /* number of the last rule that does otherwise, and that such packets surely match */
};

/* The boxes of all rules, those of audit rules apart; and the records that their numbers refer to. */
struct compiled {
	struct box_list lists[FAMILIES], audits[FAMILIES];
	struct might_list might[MIGHTS][UNSEENS]; /* of packets that do not show all */
	struct rule_record *records; /* owned */
	struct rule_extra *extras;   /* owned */
	size_t record_count, extra_count;
	const struct ruleset *rules; /* they are of */
	struct lookup lookup;	   /* of the sets that rules use */
	struct packet_classes classes;
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

int blob_put_records(struct blob_writer *w, const struct compiled *compiled);
int blob_end(struct blob_writer *w, const char *text, size_t len);

/* Write a box as packets are compared with it. Returns where the next one goes. */
char *box_pack(char *to, const struct whole_box *whole, enum family family);

#endif
