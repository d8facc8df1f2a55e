/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* overlay.h - small edits of the ruleset in force, made in place: part of blob.h, which includes it. */
#ifndef NETCTL_OVERLAY_H
#define NETCTL_OVERLAY_H

/*
 * Rules are numbered RULE_SPACE, 2 * RULE_SPACE, ... in the order of the list, so that others fit in between. One added
 * to a large ruleset goes into the overlay: its boxes, record and text are written behind those that are there, and
 * one store of the word "state" puts them in force, with a generation of their own. Who reads the state once, before
 * what it counts, sees an edit wholly or not. So do hosts added to large sets. What does not fit here, or is not an addition, is a new blob as ever,
 * which takes the overlay in. The state's generation goes on by two: parity tells the parts' slots apart.
 */
#define RULE_SPACE 1024
#define OVERLAY_BOXES 32 /* of one family */
#define OVERLAY_RULES 32
#define OVERLAY_TEXT 16384
#define OVERLAY_HOSTS 32

/* The number in boxes of the rule at a position of the list; where its record is. */
#define RULE_NUMBER(position) (((position) + 1) * RULE_SPACE)
#define RULE_POSITION(number) ((number) / RULE_SPACE - 1)

/* How many there are, in six bits each. */
#define OVERLAY_OF(counts, family) ((counts) >> 6 * (family)&63)
#define OVERLAY_HOST_COUNT 3
#define OVERLAY_RULE_COUNT 4
#define OVERLAY_RULES_OF(counts) OVERLAY_OF(counts, OVERLAY_RULE_COUNT)
#define OVERLAY_ONE_MORE(index) (1U << 6 * (index))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OVERLAY_STATE(generation, counts) ((__u64)(counts) << 32 | (generation))
#define STATE_GENERATION(state) ((__u32)(state))
#define STATE_COUNTS(state) ((__u32)((state) >> 32))
#else
#define OVERLAY_STATE(generation, counts) ((__u64)(generation) << 32 | (counts))
#define STATE_GENERATION(state) ((__u32)((state) >> 32))
#define STATE_COUNTS(state) ((__u32)(state))
#endif

/* Any box with what may be behind it. */
struct overlay_box {
	char bytes[128];
};

/* User space's own. The numbers after it: what the next rule is to have. */
struct overlay_rule {
	__u32 number, id;
	__u32 next_id, next_slot, next_audit;
	__u32 text, text_len; /* its line, in the overlay's text */
	__u32 pad;
};

/* A host that no set had held, and that is in one since. */
struct host_edit {
	struct addr6 address; /* host order; IPv4: lo */
	__u16 kind;	      /* KIND_IP4 or KIND_IP6 */
	__u16 class;	      /* of those that are in this set alone */
	__u32 set;	      /* user space's own: its place among the sets */
};

struct host_edits {
	struct host_edit host[OVERLAY_HOSTS];
};

struct overlay {
	struct overlay_box box[3][OVERLAY_BOXES]; /* by family, in no order */
	struct rule_record record[3][OVERLAY_BOXES];
	struct host_edits hosts;
	struct overlay_rule rule[OVERLAY_RULES]; /* in the order they came */
	char text[OVERLAY_TEXT];
};

#endif
