/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * blob_layout.c - the boxes of a family as packets walk them: a list; or a forest, nodes of two cuts, each tree with its
 * leaves in one part, or in few: its top, and after one jump what is below.
 */
#include <errno.h>
#include <string.h>

#include "blob_layout.h"

#define GROUP (NODE_WAYS * sizeof(struct node)) /* four neighbours; a root has one of its own */
#define TWIG (PART_SIZE / 8) /* bytes of what is below the top of a tree that spans parts */
#define NONE UINT32_MAX

struct layout {
	struct blob_writer *w;
	const struct forest *forest;
	const struct box_list *list;
	enum family family;
	size_t *sizes; /* of each fork: bytes of what is below it */
	bool full;     /* there was no room */
};

/* Room in one part. */
struct area {
	size_t at; /* from the blob's beginning */
	bool top;  /* for the top of a tree alone */
};

static struct node *node_at(const struct layout *l, size_t at)
{
	return (struct node *)((char *)l->w->blob + at);
}

/* Bytes of a box as packets meet it. */
static size_t packed_size(const struct whole_box *whole, enum family family)
{
	bool more = whole->six.box.flags & BOX_MORE;

	if (family == FAMILY_IP6)
		return sizeof(struct box6) << more;
	return sizeof(struct box4) + (whole->six.box.flags & BOX_REST ? sizeof(struct rest) : 0) +
	       (more ? sizeof(struct more) : 0);
}

static size_t leaf_size(const struct layout *l, const struct leaf *leaf)
{
	size_t pages = (leaf->count - 1) / PAGE_BOXES, size = pages * sizeof(struct box_page);

	for (uint32_t i = pages * PAGE_BOXES; i < leaf->count; i++)
		size += packed_size(&l->list->boxes[l->forest->refs[leaf->first + i]], l->family);
	return ROUND_UP(size, GROUP);
}

/* Where a node leads to, its splits and words. */
static struct node ways_of(const struct forest *f, const struct fork *fork, uint32_t way[NODE_WAYS])
{
	struct node node = { .split = { fork->split.value, UINT32_MAX, UINT32_MAX } };
	uint32_t words[2] = {};

	for (uint32_t i = 0; i < 2; i++) {
		const struct fork *half = &f->forks[fork->next + i];
		bool leaf = half->split.word == KEY_LEAF;

		way[2 * i] = leaf ? fork->next + i : half->next;
		way[2 * i + 1] = leaf ? NONE : half->next + 1;
		if (leaf)
			continue;
		node.split[1 + i] = half->split.value;
		words[i] = half->split.word;
	}
	node.next = NODE_NEXT(fork->split.word, words[0], words[1], 0);
	return node;
}

static size_t measure(struct layout *l, uint32_t at)
{
	const struct fork *fork = &l->forest->forks[at];
	uint32_t way[NODE_WAYS];
	size_t size = 0;

	if (fork->split.word != KEY_LEAF) {
		ways_of(l->forest, fork, way);
		size = GROUP;
		for (int i = 0; i < NODE_WAYS; i++)
			size += way[i] == NONE ? 0 : measure(l, way[i]);
	} else if (fork->next != NO_LEAF_BOXES) {
		size = leaf_size(l, &l->forest->leaves[fork->next]);
	}
	l->sizes[at] = size;
	return size;
}

/* Bytes of the top: groups of forks with more below than a twig. */
static size_t measure_top(const struct layout *l, uint32_t at)
{
	uint32_t way[NODE_WAYS];
	size_t size = GROUP;

	if (l->sizes[at] <= TWIG)
		return 0;
	ways_of(l->forest, &l->forest->forks[at], way);
	for (int i = 0; i < NODE_WAYS; i++)
		size += way[i] == NONE ? 0 : measure_top(l, way[i]);
	return size;
}

/* Room in one part, not at its very end: see struct box_page. */
static size_t take(struct layout *l, size_t size)
{
	return blob_take(l->w, size + sizeof(struct box_page), GROUP, false);
}

static uint32_t put_leaf(struct layout *l, uint32_t fork, size_t slot, struct area *area)
{
	uint32_t n = l->forest->forks[fork].next;
	const struct leaf *leaf = &l->forest->leaves[n];
	char *to;

	*node_at(l, slot) = (struct node){ .next = NODE_NEXT(KEY_LEAF, 0, 0, 0) };
	if (n == NO_LEAF_BOXES)
		return 1;
	node_at(l, slot)->split[0] = leaf->count;
	node_at(l, slot)->split[1] = (area->at - BLOB_SIZE) / BOX_UNIT;
	to = (char *)l->w->blob + area->at;
	for (uint32_t i = 0; i < leaf->count; i++) {
		if (i % PAGE_BOXES == 0)
			to = (char *)l->w->blob + area->at +
			     i / PAGE_BOXES * sizeof(struct box_page);
		to = box_pack(to, &l->list->boxes[l->forest->refs[leaf->first + i]], l->family);
	}
	area->at = ROUND_UP((size_t)(to - (char *)l->w->blob), GROUP);
	return 1;
}

static uint32_t put(struct layout *l, uint32_t fork, size_t slot, struct area *area);

/* What is below a top: where there is room, and a jump to it if that is in another part. */
static uint32_t put_twig(struct layout *l, uint32_t fork, size_t slot)
{
	size_t at = take(l, l->sizes[fork] + GROUP);
	struct area area = { at + GROUP, false };

	l->full |= !at;
	if (l->full)
		return 0;
	if ((at - BLOB_SIZE) / PART_SIZE == (slot - BLOB_SIZE) / PART_SIZE)
		return put(l, fork, slot, &area);
	*node_at(l, slot) = (struct node){ .split = { (at - BLOB_SIZE) / sizeof(struct node) },
					   .next = NODE_NEXT(KEY_JUMP, 0, 0, 0) };
	return 1 + put(l, fork, at, &area);
}

/* The node of a fork, and all that is below it. How many nodes a packet meets at most. */
static uint32_t put(struct layout *l, uint32_t fork, size_t slot, struct area *area)
{
	uint32_t way[NODE_WAYS], deepest = 0, nodes;
	size_t group = area->at;
	struct node node;

	if (l->forest->forks[fork].split.word == KEY_LEAF)
		return put_leaf(l, fork, slot, area);
	node = ways_of(l->forest, &l->forest->forks[fork], way);
	node.next |= (group - BLOB_SIZE) % PART_SIZE / GROUP;
	*node_at(l, slot) = node;
	area->at += GROUP;
	for (int i = 0; i < NODE_WAYS && !l->full; i++) {
		slot = group + i * sizeof(struct node);
		if (way[i] == NONE) {
			*node_at(l, slot) = (struct node){ .next = NODE_NEXT(KEY_LEAF, 0, 0, 0) };
			continue;
		}
		nodes = area->top && l->sizes[way[i]] <= TWIG ? put_twig(l, way[i], slot)
							      : put(l, way[i], slot, area);
		deepest = MAX(deepest, nodes);
	}
	return 1 + deepest;
}

static int put_tree(struct layout *l, const struct forest_tree *tree, struct family_rules *rules)
{
	size_t size = measure(l, tree->root) + GROUP;
	bool top = size > PART_SIZE - sizeof(struct box_page);
	size_t at = take(l, top ? measure_top(l, tree->root) + GROUP : size);
	struct area area = { at + GROUP, top };

	if (!at)
		return -ENOSPC;
	rules->worst_nodes += put(l, tree->root, at, &area);
	rules->tree[rules->trees++] =
		(struct tree){ (at - BLOB_SIZE) / sizeof(struct node), tree->best };
	return l->full ? -ENOSPC : 0;
}

static int put_forest(struct blob_writer *w, const struct forest *forest,
		      const struct box_list *list, enum family family, struct family_rules *rules)
{
	autofree size_t *sizes = calloc(forest->fork_count, sizeof(*sizes));
	struct layout l = { w, forest, list, family, sizes, false };
	int r = sizes ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < forest->trees && !r; i++)
		r = put_tree(&l, &forest->tree[i], rules);
	rules->worst_boxes = forest->worst_boxes;
	return r;
}

static int put_list(struct blob_writer *w, const struct box_list *list, enum family family,
		    uint32_t *ret_at)
{
	size_t size = 0, at;
	char *to;

	for (size_t i = 0; i < list->count; i++)
		size += packed_size(&list->boxes[i], family);
	at = blob_take_head(w, size, sizeof(struct box6));
	if (!at || at > BLOB_SIZE - sizeof(struct box_page))
		return -E2BIG;
	to = (char *)w->blob + at;
	for (size_t i = 0; i < list->count; i++)
		to = box_pack(to, &list->boxes[i], family);
	*ret_at = at;
	return 0;
}

static int put_rules(struct blob_writer *w, enum family family, const struct box_list *list,
		     struct family_rules *rules)
{
	struct forest forest = {};
	int r;

	if (list->count <= MAX_LINEAR) {
		rules->count = rules->worst_boxes = list->count;
		return put_list(w, list, family, &rules->boxes);
	}
	r = forest_build(list->boxes, list->count, family, &forest);
	if (!r)
		r = put_forest(w, &forest, list, family, rules);
	forest_free(&forest);
	return r;
}

int blob_put_might(struct blob_writer *w, const struct compiled *compiled)
{
	int r = 0;

	for (enum might m = 0; m < MIGHTS; m++) {
		for (enum unseen u = 0; u < UNSEENS && !r; u++) {
			const struct box_list *list = &compiled->might[m][u].list;

			w->blob->might[m][u].total = list->count;
			r = put_rules(w, unseen_family(u), list, &w->blob->might[m][u]);
		}
	}
	return r;
}

int blob_put_boxes(struct blob_writer *w, enum family family, const struct compiled *compiled)
{
	struct family_rules *rules = &w->blob->family[family];
	const struct box_list *audits = &compiled->audits[family];
	int r;

	rules->total = compiled->lists[family].count + audits->count;
	rules->audit_count = audits->count;
	r = put_list(w, audits, family, &rules->audits);
	if (!r)
		r = put_rules(w, family, &compiled->lists[family], rules);
	rules->worst_boxes += audits->count;
	return r;
}
