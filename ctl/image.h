/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* image.h - where everything is in a compiled ruleset: lists, forests and text, in blob and parts. */
#ifndef NETCTL_IMAGE_H
#define NETCTL_IMAGE_H

#include "../bpf/types.h"
#include "util.h"

/* Boxes of one family, in rule order: struct box4, FAMILY_IP6: struct box6. */
struct list {
	void *boxes; /* owned */
	size_t count, capacity;
};

/* The boxes of all rules, those of audit rules apart. */
struct lists {
	struct list rules[FAMILIES], audits[FAMILIES];
	bool absent_ok; /* see struct ruleset */
};

void lists_free(struct lists *lists);

static inline size_t box_size(enum family family)
{
	return family == FAMILY_IP6 ? sizeof(struct box6) : sizeof(struct box4);
}

/* A blob being filled. */
struct image {
	struct blob *blob;
	size_t head;   /* bytes taken of the blob */
	size_t parts;  /* bytes taken of the parts */
	size_t wanted; /* on -ENOSPC: bytes it would have taken at least */
};

void image_begin(struct blob *blob, struct image *ret);

/* -E2BIG when the boxes make no forest, -ENOSPC beyond BLOB_MAX. */
int image_family(struct image *image, enum family family, const struct lists *lists);
int image_end(struct image *image, const char *text, size_t len);

#endif
