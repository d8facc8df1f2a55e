/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup.h - the sets that rules use, folded into one directory of addresses: see bpf/lookup/lookup_types.h. */
#ifndef NETCTL_LOOKUP_BUILD_H
#define NETCTL_LOOKUP_BUILD_H

#include "../rules/ruleset.h"
#include "boxes.h"

/* A set of addresses or services that rules use, or one of ports that have counters. */
struct lookup_set {
	const struct set *set; /* borrowed */
	uint8_t directions;    /* enum direction bits: where rules look for it */
};

/* The combinations of sets that occur, by numbers as they came; 0: none of them. */
struct set_classes {
	size_t words; /* uint64_t of bits each, bit i: sets[i] */
	size_t count, capacity;
	uint64_t *bits;	  /* owned */
	uint16_t *number; /* its class; owned; NULL before set_classes_order() */
	uint32_t *order;  /* and back; owned */
	uint32_t *hash;	  /* number + 1, or 0; owned */
	size_t hash_mask;
};

/* A range that is in no leaf yet. */
struct range6 {
	u128 lo;
	uint32_t what;
	uint8_t span; /* as in SPAN_OF() */
};

/* The ranges of one family, being appended to. */
struct btree {
	enum family family;
	void *leaves;	 /* struct leaf4 or leaf6; owned */
	size_t count;	 /* of ranges */
	size_t capacity; /* IPv4: of ranges; IPv6: of leaves */

	/* IPv6 alone: */
	struct range6 waiting[NEAR6]; /* for their leaf */
	size_t waiting_count, leaf_count;
	u128 *begins;	     /* of each leaf; owned */
	u128 end;	     /* of the last leaf's ranges */
	bool open;	     /* it ends where the next leaf's begin */
	struct node6 *nodes; /* owned */
	size_t node_count;
	uint64_t *lows; /* see struct near6; owned */
	size_t low_count;
	size_t begin_capacity, node_capacity, low_capacity;

	bool pending; /* the range below is not yet among them */
	u128 lo, hi;
	uint32_t what; /* INFO_SPECIAL and INFO_WHAT() */
	u128 first;    /* of all */
};

/* An element that holds an address, or a service of it. */
struct holder {
	uint32_t set; /* of lookup->sets */
	uint32_t until, slot;
};

#define SAME_HOLDERS 4

/* Ranges beside the tree: see struct dense4_pages. */
struct dense4 {
	struct dense4_page *pages;   /* PAGES; owned; NULL: there are none */
	struct dense4_block *blocks; /* owned */
	size_t count, capacity;	     /* of blocks */
	size_t prefixes;
	uint32_t info[PAGE_INFOS], infos;
};

struct outcomes {
	struct lookup_outcome *outcome; /* owned; class: number of a combination until built */
	size_t count, capacity;
	uint32_t *slots; /* owned */
	size_t slot_count, slot_capacity;
	uint32_t *hash; /* of first outcomes: number + 1, or 0; owned */
	size_t hash_mask, chains;
	uint32_t
		*record; /* of each outcome, the record that is it alone: number + 1, or 0; owned */
	size_t record_capacity;
	struct holder last[SAME_HOLDERS]; /* asked for last, and what they got */
	size_t last_count;
	uint32_t last_outcome;
};

struct lookup {
	struct lookup_set *sets; /* by name; owned */
	size_t set_count;
	struct set_classes classes;
	struct outcomes outcomes;
	struct lookup_record *records; /* owned */
	size_t record_count, record_capacity;
	struct lookup_step *steps; /* owned */
	size_t step_count, step_capacity;
	uint32_t worst_steps;
	struct btree tree[2]; /* FAMILY_IP4, FAMILY_IP6 */
	struct dense4 dense4;
	uint8_t directions;
	uint8_t port_directions; /* of sets of ports */
	uint32_t port_record, port_steps;
};

/*
 * Build the directory of the sets that a ruleset's rules name, as of "now" (CLOCK_BOOTTIME seconds).
 * -EINVAL with a fault when it exceeds a limit, or a rule names no set.
 */
int lookup_build(const struct ruleset *rules, uint32_t now, struct lookup *ret,
		 struct fault *fault);
void lookup_free(struct lookup *lookup);

/* Add the classes of a set to *ret, unmerged; of one that no address is in, none. */
int lookup_spans(const struct lookup *lookup, const char *name, struct spans *ret);

/* ---- lookup_set_classes.c ---- */

int set_classes_init(struct set_classes *classes, size_t sets);
void set_classes_free(struct set_classes *classes);
/* The number of a combination. -E2BIG beyond MAX_CLASSES. */
int set_classes_find(struct set_classes *classes, const uint64_t *bits, uint32_t *ret);
/* Give classes so that the combinations with one set are in few ranges. */
int set_classes_order(struct set_classes *classes);

/* The class of what is in the nth of lookup->sets alone; 0: there is nothing, or no memory. */
uint32_t set_classes_alone(const struct set_classes *classes, size_t set);

/* ---- lookup_outcome.c ---- */

/* What it means to be held by these, over time; interned. -E2BIG: too many for one address. */
int outcome_find(struct lookup *lookup, const struct holder *holders, size_t count, uint32_t *ret);
void outcomes_free(struct outcomes *outcomes);
/* Classes of combinations instead of their numbers. */
void outcomes_settle(struct lookup *lookup);
int record_add(struct lookup *lookup, const struct lookup_record *record, uint32_t *ret);
/* A record that is an outcome alone. */
int record_of_outcome(struct lookup *lookup, uint32_t outcome, uint32_t *ret);

/* ---- lookup_services.c ---- */

/* A service of an address that is held by "base" already. */
struct port_holder {
	struct holder holder;
	uint16_t lo, hi;
	uint8_t proto; /* 0: all */
};

/* Steps of a search in it at most: by halves. */
static inline uint32_t record_steps(const struct lookup_record *record)
{
	return record->count ? 32U - (uint32_t)__builtin_clz(record->count) : 0;
}

/* A record of an address with services, or of ports of no address. */
int record_of_services(struct lookup *lookup, const struct holder *base, size_t base_count,
		       struct port_holder *ports, size_t count, uint32_t *ret);

/* ---- lookup_intervals.c ---- */

/* Append all ranges of a family. */
int lookup_intervals(struct lookup *lookup, enum family family, uint32_t now);

/* ---- lookup_dense4.c ---- */

/* Take what pages can have out of the tree of IPv4, if its ranges are very many. */
int dense4_take(struct lookup *lookup);
void dense4_free(struct dense4 *pages);
/* Classes of combinations instead of their numbers. */
void dense4_settle(struct dense4 *pages, const struct set_classes *classes);

/* ---- lookup_btree.c ---- */

/* The ith range, and its INFO_SPECIAL and INFO_WHAT(): 0 if it is in no set. */
uint32_t btree_range(const struct btree *tree, size_t i, u128 *ret_lo, u128 *ret_hi);
/* Ranges in order. */
int btree_add(struct btree *tree, u128 lo, u128 hi, uint32_t what);
int btree_end(struct btree *tree);
void btree_settle(struct btree *tree, const struct set_classes *classes);
size_t btree_leaves(const struct btree *tree);
size_t btree_nodes(const struct btree *tree);
/* The directory but for its places; buckets: how many the table has. */
struct directory btree_directory(const struct btree *tree, size_t *ret_buckets);
/* Table, fences and nodes, in memory for them; returns the most steps beside them and a leaf. */
uint32_t btree_fill(const struct btree *tree, const struct directory *directory, size_t buckets,
		    uint16_t *table, void *fences, void *nodes);

/* ---- lookup_btree6.c ---- */

/* IPv6 ranges in order; at their end, what is left, and the nodes. */
int btree6_add(struct btree *tree, u128 lo, uint32_t what, uint8_t span);
int btree6_end(struct btree *tree);
/* Steps after a leaf at most. */
uint32_t btree6_worst(const struct btree *tree);
void btree6_free(struct btree *tree);
/* Classes of combinations instead of their numbers. */
void btree6_settle(struct leaf6 *leaf, const struct set_classes *classes);

/* ---- lookup_write.c ---- */

struct blob_writer; /* blob_write.h */

/* The directory of sets, which is in the parts. -E2BIG when a family's ranges are too many. */
int lookup_write(struct blob_writer *w, const struct lookup *lookup);

#endif
