/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * boxes.h - the algebra rules are compiled with: spans of one field, cubes over all fields, lists
 * of both.
 */
#ifndef NETCTL_BOXES_H
#define NETCTL_BOXES_H

#include "../../bpf/types.h"
#include "../base/addr.h"
#include "../base/util.h"

struct span { /* both ends in */
	u128 lo, hi; /* of any field */
};

struct spans {
	size_t count, capacity;
	struct span *span; /* owned */
};

/* X(id, largest value); the addresses' is that of IPv6. */
#define AXES_OF_CUBE(X)        \
	X(SRC, ~(u128)0)       \
	X(DST, ~(u128)0)       \
	X(SPORT, 0xffff)       \
	X(DPORT, 0xffff)       \
	X(IFINDEX, 0xffffffff) \
	X(OUTER, 0xfff)        \
	X(INNER, 0xfff)        \
	X(LEN, 0xffff)         \
	X(PROTO, 0xff)         \
	X(FRAG, 1)             \
	X(SRC_CLASS, 0xffff)   \
	X(DST_CLASS, 0xffff)

enum axis {
#define X(id, max) AXIS_##id,
	AXES_OF_CUBE(X)
#undef X
	AXIS_BYTE,
	AXIS_NUMBER = AXIS_BYTE + BYTE_COUNT, /* classes: see number_classes.h */
	AXES = AXIS_NUMBER + NUMBER_COUNT,
	AXIS_NONE = AXES,
#define X(id) AXIS_##id = AXIS_BYTE + BYTE_##id,
	BYTE_FIELDS(X)
#undef X
#define X(id) AXIS_##id = AXIS_NUMBER + NUMBER_##id,
	NUMBER_FIELDS(X)
#undef X
};

/* What a box of the blob will be, in a shape all three families share. */
struct cube {
	struct span axis[AXES];
	uint8_t tcp_mask, tcp_value;
	uint8_t hooks; /* 1 << enum hook_id */
	bool ports;    /* the packet's ports must have been read */
	bool sighted;  /* and what KIND_BLIND lacks */
	bool ether;    /* and an Ethernet header */
	uint32_t until; /* the second of CLOCK_BOOTTIME at which it is gone; 0: it stays */
};

struct cubes {
	size_t count, capacity;
	struct cube *cube; /* owned */
};

/* Of one rule; and of its intermediate products, which may shrink again. */
#define CUBES_MOST 2048
#define CUBES_LIMIT (4 * CUBES_MOST)

void spans_free(struct spans *spans);
void cubes_free(struct cubes *cubes);

#define autospans __attribute__((cleanup(spans_free)))
#define autocubes __attribute__((cleanup(cubes_free)))

/* lo > hi adds nothing. */
int spans_add(struct spans *spans, u128 lo, u128 hi);
/* Sort; join what overlaps or touches. */
void spans_merge(struct spans *spans);
/* Add to *ret what a merged set leaves of 0..max. */
int spans_invert(const struct spans *spans, u128 max, struct spans *ret);

u128 axis_max(enum axis axis);
/* Every packet of every family. */
struct cube cube_full(void);
/* -E2BIG beyond CUBES_LIMIT. */
int cubes_add(struct cubes *cubes, const struct cube *cube);
/* Add base once for each span, with that span as its axis. */
int cubes_add_spans(struct cubes *cubes, const struct cube *base, enum axis axis,
		    const struct spans *spans);
/* Keep of the cubes what lies in one of those of "with". Disjoint lists give a disjoint list. */
int cubes_intersect(struct cubes *cubes, const struct cubes *with);

#endif
