/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * forest.h - the boxes of one family to trees whose depth and leaves are bounded: see struct node.
 */
#ifndef NETCTL_FOREST_BUILD_H
#define NETCTL_FOREST_BUILD_H

#include "../base/addr.h"
#include "../base/util.h"

/*
 * A box of any family until it is packed. IPv4 addresses are in "lo"; "rest" and "more" are all open
 * unless its flags have them.
 */
struct whole_box {
	struct box6 six;
	struct more more;
};

/* Boxes as the nodes see them: a range of each key word, by column. */
struct columns {
	size_t count;
	uint32_t *lo[KEY_WORDS], *hi[KEY_WORDS]; /* NULL: all boxes take all of the word; owned */
};

/* What the nodes above have left of each key word. */
struct cell {
	uint32_t lo[KEY_WORDS], hi[KEY_WORDS];
};

struct split {
	enum key_word word;
	uint32_t value; /* the last one of the lower half */
};

/* A region's cut, or its leaf. */
struct fork {
	struct split split; /* word KEY_LEAF: it is not cut */
	uint32_t
		next; /* of two neighbouring forks the first, for keys up to the cut; or its leaf */
};

#define NO_LEAF_BOXES UINT32_MAX /* "next" of a leaf without boxes */

struct leaf {
	uint32_t first, count; /* of refs[] */
};

struct forest_tree {
	uint32_t root; /* its fork */
	uint32_t best; /* first rule that is in it */
};

struct forest {
	struct fork *forks; /* owned; neighbours begin at even indices */
	size_t fork_count, fork_capacity;
	struct leaf *leaves; /* owned */
	size_t leaf_count, leaf_capacity;
	uint32_t *refs; /* boxes of leaf after leaf; owned */
	size_t ref_count, ref_capacity;
	struct forest_tree tree[MAX_TREES];
	uint32_t trees, worst_boxes;
};

/*
 * Build the forest of boxes, which are in rule order. -E2BIG
 * when they overlap so much that leaves would be too large or the copies too many.
 */
int forest_build(const struct whole_box *boxes, size_t count, enum family family,
		 struct forest *ret);
void forest_free(struct forest *forest);

/* ---- forest_columns.c ---- */

/* All a packet may hold. */
struct cell cell_full(enum family family);
int columns_make(const struct whole_box *boxes, size_t count, enum family family,
		 struct columns *ret);
void columns_free(struct columns *columns);
/* Do all packets of the region match the box, as far as key words tell? */
bool columns_cover(const struct columns *columns, const struct whole_box *boxes, size_t id,
		   const struct cell *region);

/* And as far as they do not: does it match, and as long, what a later box matches? */
bool box_outdoes(const struct whole_box *first, const struct whole_box *later,
		 const struct cell *region);

/* ---- forest_split.c ---- */

/*
 * Where to cut a region so that its boxes fall into two halves best. False: no cut does any good.
 */
bool split_choose(const struct columns *columns, const uint32_t *ids, size_t count,
		  const struct cell *region, struct split *ret);

#endif
