/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* image.c - lays lists, forests and text out in a blob and the parts behind it. */
#include <errno.h>
#include <string.h>

#include "image.h"

#define MOST_LINEAR 2048 /* boxes of a list that no forest can be made of */

void lists_free(struct lists *lists)
{
	for (enum family f = 0; f < FAMILIES; f++) {
		free(lists->rules[f].boxes);
		free(lists->audits[f].boxes);
	}
	free(lists->records);
	free(lists->extras);
	members_free(&lists->members);
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

size_t image_take(struct image *image, size_t size, size_t align, bool loose)
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

size_t box_packed_size(const struct whole_box *whole, enum family family)
{
	if (family == FAMILY_IP6)
		return sizeof(struct box6);
	return sizeof(struct box4) + (whole->box.flags & BOX_REST ? sizeof(struct rest) : 0) +
	       (whole->box.flags & BOX_TIMED ? sizeof(struct timed) : 0);
}

char *image_pack(char *to, const struct whole_box *whole, enum family family)
{
	if (family == FAMILY_IP6) {
		*(struct box6 *)to = (struct box6){ whole->src_lo,
						    whole->src_hi,
						    whole->dst_lo,
						    whole->dst_hi,
						    whole->box,
						    whole->until,
						    {},
						    whole->rest };
		return to + sizeof(struct box6);
	}
	*(struct box4 *)to = (struct box4){ whole->src_lo.lo, whole->src_hi.lo, whole->dst_lo.lo,
					    whole->dst_hi.lo, whole->box };
	to += sizeof(struct box4);
	if (whole->box.flags & BOX_REST) {
		memcpy(to, &whole->rest, sizeof(whole->rest));
		to += sizeof(whole->rest);
	}
	if (whole->box.flags & BOX_TIMED) {
		*(struct timed *)to = (struct timed){ whole->until, {} };
		to += sizeof(struct timed);
	}
	return to;
}

static int put_list(struct image *image, const struct list *list, enum family family,
		    uint32_t *ret_at)
{
	size_t size = 0, at;
	char *to;

	for (size_t i = 0; i < list->count; i++)
		size += box_packed_size(&list->boxes[i], family);
	at = take_head(image, size, sizeof(struct box6));
	if (!at || at > BLOB_SIZE - sizeof(struct box_page))
		return -E2BIG;
	to = (char *)image->blob + at;
	for (size_t i = 0; i < list->count; i++)
		to = image_pack(to, &list->boxes[i], family);
	*ret_at = at;
	return 0;
}

static int put_rules(struct image *image, enum family family, const struct list *list,
		     struct family_rules *rules)
{
	struct forest forest = {};
	int r = -E2BIG;

	if (list->count > MAX_LINEAR)
		r = forest_build(list->boxes, list->count, family, &forest);
	if (!r)
		r = image_forest(image, &forest, list, family, rules);
	else if (r == -E2BIG && list->count <= MOST_LINEAR) {
		rules->count = rules->worst_boxes = list->count;
		r = put_list(image, list, family, &rules->boxes);
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
	r = put_list(image, audits, family, &rules->audits);
	if (!r)
		r = put_rules(image, family, &lists->rules[family], rules);
	rules->worst_boxes += audits->count;
	return r;
}

int image_put(struct image *image, const void *from, size_t size, size_t align, uint32_t *ret_at)
{
	size_t at = take_head(image, size, align);

	if (!at)
		at = image_take(image, size, align, true);
	if (!at)
		return -ENOSPC;
	if (size)
		memcpy((char *)image->blob + at, from, size);
	*ret_at = at;
	return 0;
}

int image_records(struct image *image, const struct lists *lists)
{
	struct blob *blob = image->blob;
	int r = image_put(image, lists->records, lists->record_count * sizeof(struct rule_record),
			  sizeof(struct rule_record), &blob->records);

	blob->extra_count = lists->extra_count;
	return r ? r
		 : image_put(image, lists->extras, lists->extra_count * sizeof(struct rule_extra),
			     sizeof(struct rule_extra), &blob->extras);
}

int image_end(struct image *image, const char *text, size_t len)
{
	struct blob *blob = image->blob;
	struct part_head *head = (struct part_head *)((char *)blob + BLOB_SIZE);
	int r = image_put(image, text, len, 1, &blob->text);

	if (r < 0)
		return r;
	blob->text_len = len;
	if (!image->parts)
		return 0;
	blob->parts = (image->parts + PART_SIZE - 1) / PART_SIZE;
	memset((char *)head + image->parts, 0, (size_t)blob->parts * PART_SIZE - image->parts);
	head->magic = blob->magic;
	head->generation = blob->built;
	return 0;
}
