/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_write.c - a blob and the parts behind it, being filled. */
#include <errno.h>
#include <string.h>

#include "blob_write.h"

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

size_t image_take_head(struct image *image, size_t size, size_t align)
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

char *image_pack(char *to, const struct box6 *whole, enum family family)
{
	if (family == FAMILY_IP6) {
		*(struct box6 *)to = *whole;
		return to + sizeof(*whole);
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

int image_put(struct image *image, const void *from, size_t size, size_t align, uint32_t *ret_at)
{
	size_t at = image_take_head(image, size, align);

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
