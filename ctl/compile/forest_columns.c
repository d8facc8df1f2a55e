/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* forest_columns.c - boxes as the ranges of key words that nodes decide by; exact where a box covers a region. */
#include <errno.h>

#include "forest.h"

/* The words of an address, the highest first. */
static const enum key_word src_words[4] = { KEY_SRC_HIGH, KEY_SRC_HIGH + 1, KEY_SRC_HIGH + 2,
					    KEY_SRC };
static const enum key_word dst_words[4] = { KEY_DST_HIGH, KEY_DST_HIGH + 1, KEY_DST_HIGH + 2,
					    KEY_DST };

static void address_words(const struct addr6 *a, uint32_t word[4])
{
	word[0] = a->hi >> 32;
	word[1] = a->hi;
	word[2] = a->lo >> 32;
	word[3] = a->lo;
}

/* A word below one that varies takes all values: more than the range, but nodes may be coarse. */
static void address_ranges(const struct addr6 *lo, const struct addr6 *hi,
			   const enum key_word words[4], struct cell *ret)
{
	uint32_t first[4], last[4];
	bool varies = false;

	address_words(lo, first);
	address_words(hi, last);
	for (int i = 0; i < 4; i++) {
		ret->lo[words[i]] = varies ? 0 : first[i];
		ret->hi[words[i]] = varies ? UINT32_MAX : last[i];
		varies |= first[i] != last[i];
	}
}

static void word_range(struct cell *ret, enum key_word word, uint32_t lo, uint32_t hi)
{
	ret->lo[word] = lo;
	ret->hi[word] = hi;
}

static struct cell cell_of_box(const struct whole_box *whole)
{
	const struct rest *rest = &whole->six.rest;
	const struct box *box = &whole->six.box;
	struct cell r = {};

	address_ranges(&whole->six.src_lo, &whole->six.src_hi, src_words, &r);
	address_ranges(&whole->six.dst_lo, &whole->six.dst_hi, dst_words, &r);
	word_range(&r, KEY_SPORT, box->sport_lo, box->sport_hi);
	word_range(&r, KEY_DPORT, box->dport_lo, box->dport_hi);
	word_range(&r, KEY_PROTO, box->proto_lo, box->proto_hi);
	word_range(&r, KEY_IFINDEX, rest->ifindex_lo, rest->ifindex_hi);
	word_range(&r, KEY_OUTER, rest->outer_lo, rest->outer_hi);
	word_range(&r, KEY_INNER, rest->inner_lo, rest->inner_hi);
	word_range(&r, KEY_LENGTH, rest->len_lo, rest->len_hi);
	word_range(&r, KEY_SRC_CLASS, rest->src_class_lo, rest->src_class_hi);
	word_range(&r, KEY_DST_CLASS, rest->dst_class_lo, rest->dst_class_hi);
	for (int i = 0; i < BYTE_COUNT; i++)
		word_range(&r, KEY_BYTE + i, whole->more.byte_lo[i], whole->more.byte_hi[i]);
	for (int i = 0; i < NUMBER_COUNT; i++)
		word_range(&r, KEY_NUMBER + i, whole->more.class_lo[i], whole->more.class_hi[i]);
	return r;
}

void columns_free(struct columns *columns)
{
	for (int word = 0; word < KEY_WORDS; word++) {
		free(columns->lo[word]);
		free(columns->hi[word]);
	}
	*columns = (struct columns){};
}

/* What a packet may hold. */
struct cell cell_full(enum family family)
{
	struct cell r = {};

	if (family != FAMILY_OTHER)
		r.hi[KEY_SRC] = r.hi[KEY_DST] = UINT32_MAX;
	for (int word = KEY_SRC_HIGH; word < KEY_WORDS && family == FAMILY_IP6; word++)
		r.hi[word] = UINT32_MAX;
	r.hi[KEY_SPORT] = r.hi[KEY_DPORT] = r.hi[KEY_LENGTH] = UINT16_MAX;
	r.hi[KEY_SRC_CLASS] = r.hi[KEY_DST_CLASS] = UINT16_MAX;
	for (int i = 0; i < BYTE_COUNT; i++)
		r.hi[KEY_BYTE + i] = UINT8_MAX;
	for (int i = 0; i < NUMBER_COUNT; i++)
		r.hi[KEY_NUMBER + i] = UINT16_MAX;
	r.hi[KEY_PROTO] = UINT8_MAX;
	r.hi[KEY_IFINDEX] = UINT32_MAX;
	r.hi[KEY_OUTER] = r.hi[KEY_INNER] = 0xfff;
	return r;
}

/* A column of a word that box "first" is the first to limit. */
static int begin_column(struct columns *c, int word, size_t first, size_t count, uint32_t max)
{
	c->lo[word] = calloc(count, sizeof(*c->lo[word]));
	c->hi[word] = calloc(count, sizeof(*c->hi[word]));
	if (!c->lo[word] || !c->hi[word])
		return -ENOMEM;
	for (size_t i = 0; i < first; i++)
		c->hi[word][i] = max;
	return 0;
}

int columns_make(const struct whole_box *boxes, size_t count, enum family family,
		 struct columns *ret)
{
	const struct cell full = cell_full(family);
	int r = 0;

	*ret = (struct columns){ .count = count };
	for (size_t i = 0; i < count && !r; i++) {
		struct cell box = cell_of_box(&boxes[i]);

		for (int word = 0; word < KEY_WORDS && !r; word++) {
			bool limits = box.lo[word] > full.lo[word] || box.hi[word] < full.hi[word];

			if (!ret->lo[word] && limits)
				r = begin_column(ret, word, i, count, full.hi[word]);
			if (!r && ret->lo[word]) {
				ret->lo[word][i] = box.lo[word];
				ret->hi[word][i] = box.hi[word];
			}
		}
	}
	return r;
}

static u128 region_end(const uint32_t *region, const enum key_word words[4])
{
	u128 a = 0;

	for (int i = 0; i < 4; i++)
		a = a << 32 | region[words[i]];
	return a;
}

/* Exactly: the columns are coarse. */
static bool covers_address(const struct addr6 *lo, const struct addr6 *hi,
			   const struct cell *region, const enum key_word words[4])
{
	u128 first = addr_number(lo), last = addr_number(hi);

	return first <= region_end(region->lo, words) && region_end(region->hi, words) <= last;
}

bool box_outdoes(const struct whole_box *first, const struct whole_box *later,
		 const struct cell *region)
{
	/* Blind packets' words of these are 0. */
	uint8_t blind = region->lo[KEY_PROTO] || region->lo[KEY_DPORT] ? NOT_BLIND : 0;
	uint8_t mask = first->six.rest.tcp_mask, flags = later->six.rest.tcp_value;

	return !(first->six.box.refuses & ~(later->six.box.refuses | blind)) &&
	       !(mask & ~later->six.rest.tcp_mask) && (flags & mask) == first->six.rest.tcp_value &&
	       (!first->more.until ||
		(later->more.until && later->more.until <= first->more.until));
}

bool columns_cover(const struct columns *c, const struct whole_box *boxes, size_t id,
		   const struct cell *region)
{
	const struct whole_box *whole = &boxes[id];

	for (int word = 0; word < KEY_WORDS; word++)
		if (c->lo[word] &&
		    (c->lo[word][id] > region->lo[word] || c->hi[word][id] < region->hi[word]))
			return false;
	return covers_address(&whole->six.src_lo, &whole->six.src_hi, region, src_words) &&
	       covers_address(&whole->six.dst_lo, &whole->six.dst_hi, region, dst_words);
}
