/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * frame.c - builds a frame from words: layers are rows of one table, their fields rows of another.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame_layers.h"
#include "frame.h"

#define LAYERS_MAX 64

struct build {
	struct frame *frame;
	struct placed {
		const struct layer *layer;
		size_t at;
		bool next_set, len_set;
		int len_delta;
	} placed[LAYERS_MAX];
	size_t count;
	size_t pad, cut;
	bool closed; /* bytes that are no header follow: no more layers */
};

static void put(uint8_t *at, int width, uint64_t value)
{
	for (int i = width - 1; i >= 0; i--, value >>= 8)
		at[i] = value;
}

static int number(const char *text, unsigned long *ret)
{
	char *end;

	if (!text || !*text)
		return -EINVAL;
	*ret = strtoul(text, &end, 0);
	return *end ? -EINVAL : 0;
}

static int grow(struct build *b, size_t size, int fill)
{
	if (b->frame->len + size > FRAME_MAX)
		return -EINVAL;
	memset(b->frame->bytes + b->frame->len, fill, size);
	b->frame->len += size;
	return 0;
}

static int place(struct build *b, const struct layer *layer)
{
	struct placed *before = b->count ? &b->placed[b->count - 1] : NULL;
	struct placed *now = &b->placed[b->count];
	struct frame *f = b->frame;
	int announced, r;

	if (b->count == LAYERS_MAX || b->closed)
		return -EINVAL;
	*now = (struct placed){.layer = layer, .at = f->len};
	r = grow(b, layer->size, 0);
	if (r < 0)
		return r;
	memcpy(f->bytes + now->at, layer->bytes, layer->bytes_len);
	if (before && before->layer->next_at != NONE && !before->next_set) {
		announced = before->layer->next_width == 2 ? layer->ethertype : layer->protocol;
		if (announced != NONE)
			put(f->bytes + before->at + before->layer->next_at,
			    before->layer->next_width, announced);
	}
	b->count++;
	return 0;
}

static int put_flags(uint8_t *at, const char *letters)
{
	static const char names[] = "FSRPAUEC";
	const char *found;

	*at = 0;
	for (; letters && *letters; letters++) {
		found = strchr(names, *letters);
		if (!found)
			return -EINVAL;
		*at |= 1 << (found - names);
	}
	return 0;
}

static int put_mac(uint8_t *at, const char *text)
{
	unsigned int m[6];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6)
		return -EINVAL;
	for (int i = 0; i < 6; i++)
		at[i] = m[i];
	return 0;
}

/* Fields whose value is a number; "at" is the field itself. */
static int put_number(struct build *b, const struct attribute *a, struct placed *p, uint8_t *at,
		      unsigned long n)
{
	switch (a->form) {
	case FORM_NEXT:
		p->next_set = true;
		/* fall through */
	case FORM_NUMBER:
		put(at, a->width, n);
		return 0;
	case FORM_HIGH:
		*at = (*at & 0x0f) | n << 4;
		return 0;
	case FORM_CLASS:
		at[0] = (at[0] & 0xf0) | n >> 4;
		at[1] = (at[1] & 0x0f) | n << 4;
		return 0;
	case FORM_OFFSET:
		at[0] = (at[0] & 0xe0) | (n >> 8 & 0x1f);
		at[1] = n;
		return 0;
	case FORM_IHL:
		*at = (*at & 0xf0) | (n & 0x0f);
		return n > 5 ? grow(b, (n - 5) * 4, 1) : 0;
	case FORM_DOFF:
		*at = (*at & 0x0f) | n << 4;
		return n > 5 ? grow(b, (n - 5) * 4, 1) : 0;
	case FORM_GROW:
		*at = n;
		/* AH counts words and carries 24 bytes with its usual 4 */
		if (p->layer->protocol == 51)
			return n > 4 ? grow(b, (n - 4) * 4, 0) : 0;
		return grow(b, n * a->width, 0);
	default:
		return -EINVAL;
	}
}

static int set_field(struct build *b, const struct attribute *a, struct placed *p,
		     const char *value)
{
	uint8_t *at = b->frame->bytes + p->at + a->at;
	unsigned long n;

	if (a->form == FORM_BIT) {
		*at |= a->width;
		return value ? -EINVAL : 0;
	}
	if (!value)
		return -EINVAL;
	switch (a->form) {
	case FORM_MAC:
		return put_mac(at, value);
	case FORM_IP4:
		return inet_pton(AF_INET, value, at) == 1 ? 0 : -EINVAL;
	case FORM_IP6:
		return inet_pton(AF_INET6, value, at) == 1 ? 0 : -EINVAL;
	case FORM_FLAGS:
		return put_flags(at, value);
	case FORM_LEN:
		if (*value == '+' || *value == '-') {
			p->len_delta = atoi(value);
			return 0;
		}
		p->len_set = true;
		if (number(value, &n) < 0)
			return -EINVAL;
		put(at, a->width, n);
		return 0;
	default:
		return number(value, &n) < 0 ? -EINVAL : put_number(b, a, p, at, n);
	}
}

/* "vlan=10:3", "frag6=8", "dstopt=9": what the value means depends on the layer. */
static int add_layer(struct build *b, const struct layer *layer, const char *value)
{
	unsigned long n = 1, prio = 0;
	uint8_t *at;
	int r;

	if (value && layer->id == L_TAG && strchr(value, ':')) {
		if (sscanf(value, "%lu:%lu", &n, &prio) != 2)
			return -EINVAL;
	} else if (value && number(value, &n) < 0) {
		return -EINVAL;
	}
	if (layer->id == L_TAG || layer->id == L_FRAG6) {
		r = place(b, layer);
		if (r < 0)
			return r;
		at = b->frame->bytes + b->placed[b->count - 1].at;
		if (layer->id == L_TAG)
			put(at, 2, prio << 13 | n);
		else
			put(at + 2, 2, value ? n << 3 : 0);
		return 0;
	}
	for (; n; n--) {
		r = place(b, layer);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_bytes(struct build *b, const char *hex)
{
	unsigned int byte;

	for (; *hex; hex += 2) {
		if (sscanf(hex, "%2x", &byte) != 1 || !hex[1] || grow(b, 1, byte) < 0)
			return -EINVAL;
	}
	b->closed = true;
	return 0;
}

static int add_word(struct build *b, const char *name, const char *value)
{
	struct placed *last = b->count ? &b->placed[b->count - 1] : NULL;
	unsigned long n = 0;

	for (size_t i = 0; last && i < sizeof(attributes) / sizeof(*attributes); i++) {
		if (attributes[i].layer == last->layer->id && !strcmp(attributes[i].name, name))
			return set_field(b, &attributes[i], last, value);
	}
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++) {
		if (!strcmp(layers[i].name, name))
			return add_layer(b, &layers[i], value);
	}
	if (!strcmp(name, "raw"))
		return value ? add_bytes(b, value) : -EINVAL;
	if (number(value, &n) < 0)
		return -EINVAL;
	if (!strcmp(name, "payload")) {
		b->closed = true;
		return grow(b, n, 0x5a);
	}
	if (!strcmp(name, "pad"))
		b->pad = n;
	else if (!strcmp(name, "cut"))
		b->cut = n;
	else if (!strcmp(name, "mark"))
		b->frame->mark = n;
	else
		return -EINVAL;
	return 0;
}

/* Lengths are known only when everything stands. */
static void finish_lengths(struct build *b)
{
	struct frame *f = b->frame;
	struct placed *p;
	uint8_t *at;

	for (size_t i = 0; i < b->count; i++) {
		p = &b->placed[i];
		at = f->bytes + p->at;
		if (p->len_set)
			continue;
		if (p->layer->id == L_IP4)
			put(at + 2, 2, f->len - p->at + p->len_delta);
		else if (p->layer->id == L_IP6)
			put(at + 4, 2, f->len - p->at - 40 + p->len_delta);
		else if (p->layer->protocol == 17)
			put(at + 4, 2, f->len - p->at + p->len_delta);
		else if (!strcmp(p->layer->name, "llc") && i)
			put(at - 2, 2, f->len - p->at);
	}
}

static void finish_network(struct build *b)
{
	struct frame *f = b->frame;
	size_t i = 1;

	f->network = 14;
	while (i < b->count && b->placed[i].layer->id == L_TAG)
		f->network = b->placed[i++].at + 4;
	f->tagged = i > 1;
	f->ethertype = f->bytes[f->network - 2] << 8 | f->bytes[f->network - 1];
	if (f->network > f->len)
		f->network = f->len;
}

int frame_build(const char *words, struct frame *ret, char *why, size_t size)
{
	struct build b = {.frame = ret};
	char text[2048], *word, *value, *rest = NULL;

	ret->len = 0;
	ret->mark = 0;
	if (snprintf(text, sizeof(text), "%s", words) >= (int)sizeof(text)) {
		snprintf(why, size, "packet text too long");
		return -EINVAL;
	}
	for (word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		if (add_word(&b, word, value) < 0) {
			snprintf(why, size, "packet: cannot read '%s%s%s'", word, value ? "=" : "",
				 value ? value : "");
			return -EINVAL;
		}
	}
	if (!b.count || b.placed[0].layer->id != L_ETH) {
		snprintf(why, size, "packet: does not begin with eth");
		return -EINVAL;
	}
	finish_lengths(&b);
	if (grow(&b, b.pad, 0) < 0)
		return -EINVAL;
	if (b.cut && b.cut < ret->len)
		ret->len = b.cut;
	finish_network(&b);
	return 0;
}
