/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * costly_packets.c - from the costliest spots of a compiled ruleset to packets there that match no
 * box before the last: drawn by chance, changed by and by, kept while they cost no less.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/forest.h"
#include "../../ctl/live/cost.h"
#include "costly_packets.h"
#include "costly_samples.h"
#include "costly_spots.h"

#define SPOTS 256
#define CHANGES 60   /* in a row that are to no avail, before the next spot */
#define SAMPLES 4096 /* addresses of sets, with their classes */
#define SENT 64	     /* of the costliest, through all hooks */

typedef unsigned __int128 address;

/* A packet by its key words. */
struct point {
	uint32_t word[KEY_WORDS];
	uint8_t flags, frag;
};

struct shot {
	struct point point;
	uint32_t score;
};

struct costly_search {
	struct oracle_check *c;
	struct prng *prng;
	enum family family;
	struct weights weights;
	uint32_t edits; /* boxes of the overlay, which every packet meets */
	struct costly_spot spots[SPOTS];
	struct sample samples[SAMPLES];
	size_t sample_count;
	struct class_numbers numbers;
	struct shot best[SENT]; /* in no order */
};

static const enum key_word addresses[2][4] = {
	{ KEY_SRC_HIGH, KEY_SRC_HIGH + 1, KEY_SRC_HIGH + 2, KEY_SRC },
	{ KEY_DST_HIGH, KEY_DST_HIGH + 1, KEY_DST_HIGH + 2, KEY_DST },
};

static uint32_t within(struct prng *prng, uint32_t lo, uint32_t hi)
{
	return lo + below(prng, (uint64_t)hi - lo + 1);
}

static address address_at(const struct point *p, int dst)
{
	address a = 0;

	for (int i = 0; i < 4; i++)
		a = a << 32 | p->word[addresses[dst][i]];
	return a;
}

static void put_address(struct point *p, int dst, address a)
{
	for (int i = 3; i >= 0; i--, a >>= 32)
		p->word[addresses[dst][i]] = (uint32_t)a;
}

static void make_frame(const struct costly_search *a, const struct point *p, struct test_frame *ret)
{
	enum family family = a->family;
	struct test_packet d = { .probe = {
					       .family = family == FAMILY_IP4	? 4
							 : family == FAMILY_IP6 ? 6
										: 0,
					       .src = address_at(p, 0),
					       .dst = address_at(p, 1),
					       .sport = p->word[KEY_SPORT],
					       .dport = p->word[KEY_DPORT],
					       .ethertype = p->word[KEY_DPORT],
					       .outer = p->word[KEY_OUTER],
					       .inner = p->word[KEY_INNER],
					       .proto = p->word[KEY_PROTO],
					       .own[FIELD_LEN] = p->word[KEY_LENGTH],
					       .own[FIELD_FLAGS] = p->flags,
					       .frag = p->frag,
				       } };

	for (int i = 0; i < BYTE_COUNT; i++)
		d.byte[i] = p->word[KEY_BYTE + i];
	for (int i = 0; i < NUMBER_COUNT && a->numbers.count[i]; i++)
		d.number[i] = a->numbers.of[i][p->word[KEY_NUMBER + i] % a->numbers.count[i]];
	test_packet_take_places(&d);
	test_packet_frame(&d, ret);
}

static uint32_t score_of(const struct costly_search *a, const struct point *p)
{
	struct test_frame frame;
	struct met met;

	make_frame(a, p, &frame);
	met = oracle_check_meet(a->c, &frame);
	if (met.family != a->family)
		return 0;
	return a->weights.node * met.nodes + a->weights.box * (met.boxes - a->edits);
}

/* ---- addresses with a class: only those of sets have one ---- */

static bool holds(const struct cell *cell, const struct point *p, int dst)
{
	for (int i = 0; i < 4; i++) {
		enum key_word word = addresses[dst][i];

		if (p->word[word] < cell->lo[word] || p->word[word] > cell->hi[word])
			return false;
	}
	return true;
}

/* Of the class that a cell asks for, if there is one such in the cell. */
static void put_sample(const struct costly_search *a, const struct cell *cell, struct point *p,
		       int dst)
{
	enum key_word class = dst ? KEY_DST_CLASS : KEY_SRC_CLASS;
	uint32_t from = below(a->prng, a->sample_count);

	for (size_t i = 0; i < a->sample_count; i++) {
		const struct sample *s = &a->samples[(from + i) % a->sample_count];
		struct point with = *p;

		if (s->class < cell->lo[class] || s->class > cell->hi[class])
			continue;
		put_address(&with, dst, s->address);
		if (!holds(cell, &with, dst))
			continue;
		*p = with;
		return;
	}
}

/* ---- points ---- */

static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

static void draw(const struct costly_search *a, const struct cell *cell, struct point *ret)
{
	const struct lookup_head *lookup = &a->c->harness.blob->lookup;
	uint32_t proto = PICK(a->prng, protocols);

	for (int word = 0; word < KEY_WORDS; word++)
		ret->word[word] = within(a->prng, cell->lo[word], cell->hi[word]);
	if (proto >= cell->lo[KEY_PROTO] && proto <= cell->hi[KEY_PROTO])
		ret->word[KEY_PROTO] = proto;
	ret->word[KEY_LENGTH] = within(a->prng, cell->lo[KEY_LENGTH],
				       MIN(cell->hi[KEY_LENGTH], MAX(cell->lo[KEY_LENGTH], 200u)));
	if (!cell->lo[KEY_OUTER] && !cell->lo[KEY_INNER])
		ret->word[KEY_OUTER] = ret->word[KEY_INNER] = 0;
	ret->flags = below(a->prng, 256);
	ret->frag = 0;
	for (int dst = 0; dst < 2; dst++)
		if (lookup->directions >> dst & 1 && cell->lo[KEY_SRC_CLASS + dst])
			put_sample(a, cell, ret, dst);
}

static void widen(struct cell *bounds, enum key_word word, uint32_t lo, uint32_t hi)
{
	bounds->lo[word] = lo;
	bounds->hi[word] = hi;
}

static void rest_bounds(const struct rest *r, struct cell *ret)
{
	widen(ret, KEY_OUTER, r->outer_lo, r->outer_hi);
	widen(ret, KEY_INNER, r->inner_lo, r->inner_hi);
	widen(ret, KEY_LENGTH, r->len_lo, r->len_hi);
}

/* Some box of the spot's leaves, as ranges of words. */
static void some_box(const struct costly_search *a, const struct costly_spot *spot,
		     struct cell *ret)
{
	uint32_t leaf = below(a->prng, spot->leaves), n = below(a->prng, spot->count[leaf]);
	const char *at = (const char *)a->c->harness.blob + spot->at[leaf];
	const struct box *box;

	/* Lists have no pages. */
	if (spot->at[leaf] >= BLOB_SIZE)
		at += n / PAGE_BOXES * sizeof(struct box_page);
	n = spot->at[leaf] >= BLOB_SIZE ? n % PAGE_BOXES : n;
	if (a->family == FAMILY_IP6) {
		const struct box6 *b = (const struct box6 *)at;

		while (n--)
			b += box6_step(&b->box) / sizeof(*b);
		box = &b->box;
		for (int dst = 0; dst < 2; dst++) {
			const struct addr6 *lo = dst ? &b->dst_lo : &b->src_lo;
			const struct addr6 *hi = dst ? &b->dst_hi : &b->src_hi;

			for (int i = 0; i < 4; i++)
				widen(ret, addresses[dst][i],
				      (i < 2 ? lo->hi : lo->lo) >> (i % 2 ? 0 : 32),
				      (i < 2 ? hi->hi : hi->lo) >> (i % 2 ? 0 : 32));
		}
		rest_bounds(&b->rest, ret);
	} else {
		const struct box4 *b = (const struct box4 *)at;

		while (n--)
			b += box4_step(&b->box) / BOX_UNIT;
		box = &b->box;
		widen(ret, KEY_SRC, b->src_lo, b->src_hi);
		widen(ret, KEY_DST, b->dst_lo, b->dst_hi);
		if (box->flags & BOX_REST)
			rest_bounds((const struct rest *)(b + 1), ret);
	}
	widen(ret, KEY_SPORT, box->sport_lo, box->sport_hi);
	widen(ret, KEY_DPORT, box->dport_lo, box->dport_hi);
	widen(ret, KEY_PROTO, box->proto_lo, box->proto_hi);
}

/* One word just outside a box, or at its edge; or anywhere. */
static void change(const struct costly_search *a, const struct costly_spot *spot, struct point *p)
{
	enum key_word word = below(a->prng, a->family == FAMILY_IP6 ? KEY_WORDS : KEY_WORDS4);
	const struct cell *cell = &spot->cell;
	struct cell box = *cell;
	uint32_t value;

	if (word == KEY_SRC_CLASS || word == KEY_DST_CLASS) {
		if (a->sample_count)
			put_sample(a, cell, p, word == KEY_DST_CLASS);
		p->flags = below(a->prng, 256);
		p->frag = below(a->prng, 8) ? 0 : below(a->prng, 3);
		return;
	}
	if (spot->leaves)
		some_box(a, spot, &box);
	switch (below(a->prng, 4)) {
	case 0:
		value = box.lo[word] - 1;
		break;
	case 1:
		value = box.hi[word] + 1;
		break;
	case 2:
		value = within(a->prng, cell->lo[word], cell->hi[word]);
		break;
	default:
		value = below(a->prng, 2) ? box.lo[word] : box.hi[word];
	}
	if (value >= cell->lo[word] && value <= cell->hi[word])
		p->word[word] = value;
}

static void remember(struct costly_search *a, const struct point *p, uint32_t score)
{
	struct shot *least = a->best;

	for (size_t i = 1; i < SENT; i++)
		if (a->best[i].score < least->score)
			least = &a->best[i];
	if (score > least->score)
		*least = (struct shot){ *p, score };
}

/* Returns how many packets it took. "most": of a spot. */
static size_t climb(struct costly_search *a, const struct costly_spot *spot, uint32_t *most)
{
	uint32_t said = a->weights.node * spot->nodes + a->weights.box * spot->boxes, score, next;
	size_t tries = 1, idle = 0;
	struct point p, with;

	draw(a, &spot->cell, &p);
	score = score_of(a, &p);
	while (idle++ < CHANGES && score < said) {
		with = p;
		for (uint32_t n = 1 + below(a->prng, 3); n; n--)
			change(a, spot, &with);
		next = score_of(a, &with);
		tries++;
		if (next > score)
			idle = 0;
		if (next >= score) {
			p = with;
			score = next;
		}
	}
	remember(a, &p, score);
	*most = MAX(*most, MIN(score, said));
	return tries;
}

static void costly_packets_family(struct costly_search *a, enum family family,
				  struct weights weights, size_t tries)
{
	const struct blob *blob = a->c->harness.blob;
	struct test_frame frame;
	uint32_t most = 0;
	size_t done = 0;

	a->family = family;
	a->weights = weights;
	a->edits = cost_of(blob, family).boxes - blob->family[family].worst_boxes;
	memset(a->best, 0, sizeof(a->best));
	a->sample_count = costly_samples(&a->c->harness.rules, blob, family, a->prng, a->samples,
					 SAMPLES);
	while (done < tries) {
		/* At first the costliest; what boxes that match cut short, cheaper ones may exceed. */
		size_t count = costly_spots_find(blob, family, weights, most ? most + 1 : 0,
						 a->prng, a->spots, SPOTS);

		if (!count || !(a->spots[0].nodes + a->spots[0].boxes))
			break;
		for (size_t i = 0; i < SPOTS && done < tries; i++)
			done += climb(a, &a->spots[i % count], &most);
	}
	for (size_t i = 0; i < SENT; i++) {
		if (!a->best[i].score)
			continue;
		make_frame(a, &a->best[i].point, &frame);
		oracle_check_frame(a->c, &frame);
	}
}

/* What the blob's trees and lists add up to must not be more than is said, met or not. */
static void compare_worst(struct oracle_check *c, enum family family)
{
	const struct costly_spot worst = costly_spots_worst(c->harness.blob, family);
	const struct cost said = cost_of(c->harness.blob, family);

	if (worst.nodes <= said.nodes && worst.boxes <= said.boxes)
		return;
	c->exceeded++;
	printf("%s: family %d has %u nodes and %u boxes on one way, but at most %u and %u were "
	       "said\n",
	       c->name, family, worst.nodes, worst.boxes, said.nodes, said.boxes);
}

void costly_packets(struct oracle_check *c, struct prng *prng, size_t tries)
{
	/* Where one is the same, the other tells. */
	static const struct weights weights[] = { { 1000, 1 }, { 1, 1000 } };
	struct costly_search *a = calloc(1, sizeof(*a));

	if (!a)
		err(1, "aiming at the costliest");
	a->c = c;
	a->prng = prng;
	class_numbers_find(&c->harness.rules, c->harness.blob, prng, &a->numbers);
	for (enum family family = 0; family < FAMILIES; family++) {
		compare_worst(c, family);
		for (size_t i = 0; i < ARRAY_SIZE(weights); i++)
			costly_packets_family(a, family, weights[i], tries);
	}
	free(a);
}
