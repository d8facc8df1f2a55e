/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_write.c - a blob and its parts, being filled. */
#include <errno.h>
#include <string.h>

#include "blob_write.h"

void compiled_free(struct compiled *compiled)
{
	for (enum family f = 0; f < FAMILIES; f++) {
		free(compiled->lists[f].boxes);
		free(compiled->audits[f].boxes);
	}
	for (enum might m = 0; m < MIGHTS; m++) {
		for (enum unseen u = 0; u < UNSEENS; u++) {
			free(compiled->might[m][u].list.boxes);
			free(compiled->might[m][u].nth);
			free(compiled->might[m][u].hash);
		}
	}
	free(compiled->records);
	free(compiled->extras);
	lookup_free(&compiled->lookup);
	packet_classes_free(&compiled->classes);
	*compiled = (struct compiled){};
}

void blob_begin(struct blob *blob, struct blob_writer *ret)
{
	*ret = (struct blob_writer){ .blob = blob, .head = sizeof(*blob) };
}

size_t blob_take_head(struct blob_writer *w, size_t size, size_t align)
{
	size_t at = ROUND_UP(w->head, align);

	if (at + size > BLOB_SIZE)
		return 0;
	w->head = at + size;
	return at;
}

size_t blob_take(struct blob_writer *w, size_t size, size_t align, bool loose)
{
	size_t begin = w->parts ? w->parts : sizeof(struct part_head);
	size_t at = ROUND_UP(begin, align), end;

	if (!loose && at / PART_SIZE != (at + size - 1) / PART_SIZE)
		at = ROUND_UP(at, PART_SIZE);
	end = at + size;
	if (end > BLOB_MAX - BLOB_SIZE) {
		w->wanted = BLOB_SIZE + end;
		return 0;
	}
	memset((char *)w->blob + BLOB_SIZE + w->parts, 0, end - w->parts);
	w->parts = end;
	return BLOB_SIZE + at;
}

char *box_pack(char *to, const struct whole_box *whole, enum family family)
{
	if (family == FAMILY_IP6) {
		*(struct box6 *)to = whole->six;
		to += sizeof(struct box6);
		if (!(whole->six.box.flags & BOX_MORE))
			return to;
		memset(to, 0, sizeof(struct box6));
		memcpy(to, &whole->more, sizeof(whole->more));
		return to + sizeof(struct box6);
	}
	*(struct box4 *)to = (struct box4){ whole->six.src_lo.lo, whole->six.src_hi.lo, whole->six.dst_lo.lo,
					    whole->six.dst_hi.lo, whole->six.box };
	to += sizeof(struct box4);
	if (whole->six.box.flags & BOX_REST) {
		memcpy(to, &whole->six.rest, sizeof(whole->six.rest));
		to += sizeof(whole->six.rest);
	}
	if (whole->six.box.flags & BOX_MORE) {
		memcpy(to, &whole->more, sizeof(whole->more));
		to += sizeof(whole->more);
	}
	return to;
}

int blob_put(struct blob_writer *w, const void *from, size_t size, size_t align, uint32_t *ret_at)
{
	size_t at = blob_take_head(w, size, align);

	if (!at)
		at = blob_take(w, size, align, true);
	if (!at)
		return -ENOSPC;
	if (size)
		memcpy((char *)w->blob + at, from, size);
	*ret_at = at;
	return 0;
}

int blob_put_records(struct blob_writer *w, const struct compiled *compiled)
{
	struct blob *blob = w->blob;
	int r = blob_put(w, compiled->records, compiled->record_count * sizeof(struct rule_record),
			 sizeof(struct rule_record), &blob->records);

	blob->extra_count = compiled->extra_count;
	return r ? r
		 : blob_put(w, compiled->extras, compiled->extra_count * sizeof(struct rule_extra),
			    sizeof(struct rule_extra), &blob->extras);
}

int blob_end(struct blob_writer *w, const char *text, size_t len)
{
	struct blob *blob = w->blob;
	struct part_head *head = (struct part_head *)((char *)blob + BLOB_SIZE);
	int r = blob_put(w, text, len, 1, &blob->text);

	if (r < 0)
		return r;
	blob->text_len = len;
	if (!w->parts)
		return 0;
	blob->parts = (w->parts + PART_SIZE - 1) / PART_SIZE;
	memset((char *)head + w->parts, 0, (size_t)blob->parts * PART_SIZE - w->parts);
	head->magic = blob->magic;
	head->generation = blob->built;
	return 0;
}
