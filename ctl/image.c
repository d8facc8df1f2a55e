/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* image.c - lays lists, forests and text out in a blob and the parts behind it. */
#include <errno.h>
#include <string.h>

#include "forest.h"
#include "image.h"

#define MOST_LINEAR 2048 /* boxes of a list that no forest can be made of */

void lists_free(struct lists *lists)
{
	for (enum family f = 0; f < FAMILIES; f++) {
		free(lists->rules[f].boxes);
		free(lists->audits[f].boxes);
	}
	*lists = (struct lists){};
}

void image_begin(struct blob *blob, struct image *ret)
{
	*ret = (struct image){ .blob = blob, .head = sizeof(*blob) };
}

/* Room in the blob itself, at a multiple of "align"; 0: there is none. */
static size_t take_head(struct image *image, size_t size, size_t align)
{
	size_t at = ROUND_UP(image->head, align);

	if (at + size > BLOB_SIZE)
		return 0;
	image->head = at + size;
	return at;
}

/*
 * Room in the parts, zeroed, as an offset from the blob's beginning. What is not "loose" stays in
 * one part. 0: there is none.
 */
static size_t take_parts(struct image *image, size_t size, size_t align, bool loose)
{
	size_t begin = image->parts ? image->parts : sizeof(struct part_head);
	size_t at = ROUND_UP(begin, align), end;

	if (!loose && at / PART_SIZE != (at + size - 1) / PART_SIZE)
		at = ROUND_UP(at, PART_SIZE);
	end = at + size;
	if (end > BLOB_MAX - BLOB_SIZE) {
		image->wanted = BLOB_SIZE + end;
		return 0;
	}
	memset((char *)image->blob + BLOB_SIZE + image->parts, 0, end - image->parts);
	image->parts = end;
	return BLOB_SIZE + at;
}

static int put_list(struct image *image, const struct list *list, size_t size, uint32_t *ret_at)
{
	size_t at = take_head(image, list->count * size, size);

	if (!at)
		return -E2BIG;
	if (list->count)
		memcpy((char *)image->blob + at, list->boxes, list->count * size);
	*ret_at = at;
	return 0;
}

static int put_leaf(struct image *image, const struct forest *forest, const struct leaf *leaf,
		    const struct list *list, size_t size, struct node *node)
{
	size_t at = take_parts(image, leaf->count * size, size, false);
	char *to = (char *)image->blob + at;

	if (!at)
		return -ENOSPC;
	for (uint32_t i = 0; i < leaf->count; i++, to += size)
		memcpy(to, (char *)list->boxes + forest->refs[leaf->first + i] * size, size);
	node->next = (uint32_t)KEY_LEAF << 28 | (at - BLOB_SIZE) / LEAF_UNIT;
	return 0;
}

/* Nodes are numbered from the first part on, those of this forest from "base". */
static int put_forest(struct image *image, const struct forest *forest, const struct list *list,
		      size_t size, struct family_rules *rules)
{
	size_t at = take_parts(image, forest->node_count * sizeof(struct node), LEAF_UNIT, true);
	struct node *nodes = (struct node *)((char *)image->blob + at);
	uint32_t base = (at - BLOB_SIZE) / sizeof(struct node);
	int r = 0;

	if (!at)
		return -ENOSPC;
	for (size_t i = 0; i < forest->node_count && !r; i++) {
		nodes[i] = forest->nodes[i];
		if (NODE_WORD(nodes[i].next) != KEY_LEAF)
			nodes[i].next += base;
		else if (nodes[i].split)
			r = put_leaf(image, forest, &forest->leaves[NODE_PLACE(nodes[i].next)],
				     list, size, &nodes[i]);
	}
	for (uint32_t i = 0; i < forest->trees; i++) {
		rules->tree[i] = forest->tree[i];
		rules->tree[i].root += base;
	}
	rules->trees = forest->trees;
	rules->worst_nodes = forest->worst_nodes;
	rules->worst_boxes = forest->worst_boxes;
	return r;
}

static int put_rules(struct image *image, enum family family, const struct list *list,
		     struct family_rules *rules)
{
	size_t size = box_size(family);
	struct forest forest = {};
	int r = -E2BIG;

	if (list->count > MAX_LINEAR)
		r = forest_build(list->boxes, list->count, family, &forest);
	if (!r)
		r = put_forest(image, &forest, list, size, rules);
	else if (r == -E2BIG && list->count <= MOST_LINEAR) {
		rules->count = rules->worst_boxes = list->count;
		r = put_list(image, list, size, &rules->boxes);
	}
	forest_free(&forest);
	return r;
}

int image_family(struct image *image, enum family family, const struct lists *lists)
{
	struct family_rules *rules = &image->blob->family[family];
	const struct list *audits = &lists->audits[family];
	int r;

	rules->total = lists->rules[family].count + audits->count;
	rules->audit_count = audits->count;
	r = put_list(image, audits, box_size(family), &rules->audits);
	if (!r)
		r = put_rules(image, family, &lists->rules[family], rules);
	rules->worst_boxes += audits->count;
	return r;
}

int image_end(struct image *image, const char *text, size_t len)
{
	struct blob *blob = image->blob;
	struct part_head *head = (struct part_head *)((char *)blob + BLOB_SIZE);
	size_t at = take_head(image, len, 1);

	if (!at)
		at = take_parts(image, len, 1, true);
	if (!at)
		return -ENOSPC;
	memcpy((char *)blob + at, text, len);
	blob->text = at;
	blob->text_len = len;
	if (!image->parts)
		return 0;
	blob->parts = (image->parts + PART_SIZE - 1) / PART_SIZE;
	memset((char *)head + image->parts, 0, (size_t)blob->parts * PART_SIZE - image->parts);
	head->magic = blob->magic;
	head->generation = blob->generation;
	return 0;
}
