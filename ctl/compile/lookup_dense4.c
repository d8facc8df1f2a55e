/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_dense4.c - very many IPv4 ranges out of the tree, into pages of two bytes a prefix. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

#define PAGE_LAST ((1U << PAGE_BITS) - 1)
#define IN_NO_SET 1 /* number of the info 0; 0: of INFO_TREE */

/* A range, or what of it is in the page at hand. */
struct item {
	uint32_t lo, hi; /* below the page's bits */
	uint32_t what;
};

/* A prefix within a page: its bits below the page's, and how many these are. */
struct piece {
	uint32_t value, length;
	bool other; /* not of the page's info */
};

/* The page at hand, and what the pages before have made. */
struct packing {
	struct dense4 *pages;
	struct btree *rest;	  /* what is left to the tree */
	size_t *counts;		  /* ranges of each "what": see slot_of() */
	size_t ranges;
	uint32_t page;
	struct item *items; /* owned, as pieces are */
	size_t item_count, item_capacity;
	struct piece *pieces;
	size_t piece_count, piece_capacity;
	uint16_t *used; /* of a page's blocks: prefixes; BLOCK_PREFIXES + 1: left to the tree */
};

/* Numbers of classes and of records are counted apart. */
static size_t slot_of(uint32_t what)
{
	return 2 * (size_t)INFO_WHAT(what) + !!(what & INFO_SPECIAL);
}

/* The number of an info; 0: it is too rare for one of the few there are. */
static uint32_t info_number(struct packing *p, uint32_t what)
{
	struct dense4 *pages = p->pages;

	for (uint32_t i = IN_NO_SET; i < pages->infos; i++)
		if (pages->info[i] == what)
			return i;
	if (pages->infos == PAGE_INFOS || p->counts[slot_of(what)] < p->ranges / PAGE_INFOS)
		return 0;
	pages->info[pages->infos] = what;
	return pages->infos++;
}

/* What most of the page's ranges are in, if it is more than half of them. */
static uint32_t majority(const struct packing *p)
{
	uint32_t what = 0;
	size_t lead = 0;

	for (size_t i = 0; i < p->item_count; i++) {
		if (!lead)
			what = p->items[i].what;
		if (p->items[i].what == what)
			lead++;
		else
			lead--;
	}
	return what;
}

static int add_piece(struct packing *p, uint32_t value, uint32_t length, bool other)
{
	int r = array_reserve(p->pieces, p->piece_count, 1, &p->piece_capacity);

	if (!r)
		p->pieces[p->piece_count++] = (struct piece){ value, length, other };
	return r;
}

/* A range as the fewest prefixes. */
static int cut_item(struct packing *p, const struct item *item, uint32_t what)
{
	uint32_t lo = item->lo;
	int r = 0;

	while (!r && lo <= item->hi) {
		uint32_t bits = lo ? MIN(__builtin_ctz(lo), PAGE_BITS) : PAGE_BITS;

		while (lo + (1U << bits) - 1 > item->hi)
			bits--;
		r = add_piece(p, lo >> bits, PAGE_BITS - bits, item->what != what);
		lo += 1U << bits;
	}
	return r;
}

/* The blocks a piece is in, of a page cut so often. */
static void blocks_of(const struct piece *piece, uint32_t cuts, uint32_t *ret_first,
		      uint32_t *ret_end)
{
	if (piece->length >= cuts) {
		*ret_first = piece->value >> (piece->length - cuts);
		*ret_end = *ret_first + 1;
	} else {
		*ret_first = piece->value << (cuts - piece->length);
		*ret_end = (piece->value + 1) << (cuts - piece->length);
	}
}

/* Count what each block has; the bytes of the blocks and of what they leave to the tree. */
static size_t count_used(struct packing *p, uint32_t cuts)
{
	size_t left = 0;
	uint32_t n, end;

	memset(p->used, 0, sizeof(*p->used) << cuts);
	for (size_t i = 0; i < p->piece_count; i++) {
		blocks_of(&p->pieces[i], cuts, &n, &end);
		for (; n < end; n++) {
			if (p->used[n] > BLOCK_PREFIXES) {
				left++;
				continue;
			}
			p->used[n]++;
			if (p->used[n] <= BLOCK_PREFIXES && !p->pieces[i].other)
				continue;
			left += p->used[n];
			p->used[n] = BLOCK_PREFIXES + 1;
		}
	}
	return (sizeof(struct dense4_block) << cuts) + left * sizeof(struct leaf4_range);
}

/* How often to cut the page so that it takes the least memory. */
static uint32_t choose_cuts(struct packing *p)
{
	uint32_t best = 1;
	size_t least = SIZE_MAX;

	for (uint32_t cuts = 1; cuts <= BLOCK_MAX_CUTS; cuts++) {
		size_t bytes;

		if (sizeof(struct dense4_block) << cuts >= least)
			break;
		bytes = count_used(p, cuts);
		if (bytes < least) {
			least = bytes;
			best = cuts;
		}
	}
	return best;
}

/* The 16 bits of a piece, in a page or in one of its 2^cuts blocks. */
static uint64_t mark_of(const struct piece *piece, uint32_t cuts)
{
	uint32_t below = PAGE_BITS - cuts;

	if (piece->length < cuts)
		return 1U << below;
	return ((piece->value << 1 | 1) << (PAGE_BITS - piece->length)) & ((2U << below) - 1);
}

static void put16(__u64 *words, uint32_t at, uint64_t value)
{
	words[at / 4] &= ~(0xffffULL << at % 4 * 16);
	words[at / 4] |= value << at % 4 * 16;
}

/* The ranges' parts in blocks left to the tree, whose index p->used has. */
static int leave_items(struct packing *p, uint32_t cuts)
{
	uint32_t size = 1U << (PAGE_BITS - cuts), base = p->page << PAGE_BITS;
	int r = 0;

	for (size_t i = 0; i < p->item_count; i++) {
		const struct item *item = &p->items[i];

		for (uint32_t n = item->lo / size; n <= item->hi / size && !r; n++)
			if (p->used[n] > BLOCK_PREFIXES)
				r = btree_add(p->rest, base + MAX(item->lo, n * size),
					      base + MIN(item->hi, n * size + size - 1),
					      item->what);
	}
	return r;
}

/* A page without blocks; where all has the same info, any prefixes at all. */
static struct dense4_page plain_page(const struct packing *p, uint32_t info)
{
	struct dense4_page page = {};
	uint64_t mark = 1U << PAGE_BITS; /* of every address */

	for (size_t i = 0; i < PAGE_PREFIXES; i++) {
		if (i < p->piece_count)
			mark = mark_of(&p->pieces[i], 0);
		put16(page.word, 1 + i, mark); /* the last one again and again */
	}
	put16(page.word, 0, info);
	return page;
}

static bool is_plain(const struct packing *p)
{
	for (size_t i = 0; i < p->piece_count; i++)
		if (p->pieces[i].other)
			return false;
	return p->piece_count <= PAGE_PREFIXES;
}

static void fill_blocks(struct packing *p, struct dense4_block *blocks, uint32_t cuts)
{
	uint32_t n, end;

	for (n = 0; n < 1U << cuts; n++) {
		for (uint32_t i = 0; i < BLOCK_PREFIXES; i++)
			put16(blocks[n].word, i, BLOCK_NONE);
		if (p->used[n] > BLOCK_PREFIXES)
			blocks[n].word[0] = BLOCK_TREE;
	}
	for (size_t i = 0; i < p->piece_count; i++) {
		blocks_of(&p->pieces[i], cuts, &n, &end);
		for (; n < end; n++) {
			if (p->used[n] > BLOCK_PREFIXES)
				continue;
			put16(blocks[n].word, --p->used[n], mark_of(&p->pieces[i], cuts));
			p->pages->prefixes++;
		}
	}
}

/* The page's blocks, after those of the other pages. */
static int make_blocks(struct packing *p, uint32_t info)
{
	struct dense4 *pages = p->pages;
	uint32_t cuts = choose_cuts(p);
	int r = array_reserve(pages->blocks, pages->count, 1U << cuts, &pages->capacity);

	if (r < 0)
		return r;
	count_used(p, cuts);
	r = leave_items(p, cuts);
	fill_blocks(p, &pages->blocks[pages->count], cuts);
	pages->pages[p->page] = (struct dense4_page){ { pages->count << 32 | cuts << 5 | info } };
	pages->count += 1U << cuts;
	return r;
}

/* All of the page to the tree. */
static int leave_page(struct packing *p)
{
	uint32_t base = p->page << PAGE_BITS;
	int r = 0;

	for (size_t i = 0; i < p->item_count && !r; i++)
		r = btree_add(p->rest, base + p->items[i].lo, base + p->items[i].hi,
			      p->items[i].what);
	p->pages->pages[p->page] = plain_page(p, 0);
	return r;
}

static int pack_page(struct packing *p)
{
	uint32_t what, info;
	int r = 0;

	if (!p->item_count)
		return 0;
	what = majority(p);
	info = info_number(p, what);
	p->piece_count = 0;
	for (size_t i = 0; info && i < p->item_count && !r; i++)
		r = cut_item(p, &p->items[i], what);
	if (r < 0)
		return r;
	if (!info) {
		r = leave_page(p);
	} else if (is_plain(p)) {
		p->pages->pages[p->page] = plain_page(p, info);
		p->pages->prefixes += p->piece_count;
	} else {
		r = make_blocks(p, info);
	}
	p->item_count = 0;
	return r;
}

/* A range, page by page. */
static int pack_range(struct packing *p, uint32_t lo, uint32_t hi, uint32_t what)
{
	int r = 0;

	for (uint32_t page = lo >> PAGE_BITS; page <= hi >> PAGE_BITS && !r; page++) {
		uint32_t first = page << PAGE_BITS;

		if (page != p->page)
			r = pack_page(p);
		p->page = page;
		if (!r)
			r = array_reserve(p->items, p->item_count, 1, &p->item_capacity);
		if (!r)
			p->items[p->item_count++] =
				(struct item){ MAX(lo, first) - first,
					       MIN(hi, first + PAGE_LAST) - first, what };
	}
	return r;
}

static int pack(struct packing *p, const struct btree *tree)
{
	uint32_t what;
	u128 lo, hi;
	int r = 0;

	for (size_t i = 0; i < tree->count; i++) {
		what = btree_range(tree, i, &lo, &hi);
		p->counts[slot_of(what)]++;
		p->ranges += !!what;
	}
	for (size_t i = 0; i < tree->count && !r; i++) {
		what = btree_range(tree, i, &lo, &hi);
		if (what)
			r = pack_range(p, lo, hi, what);
	}
	if (!r)
		r = pack_page(p);
	return r < 0 ? r : btree_end(p->rest);
}

int dense4_take(struct lookup *lookup)
{
	struct btree *tree = &lookup->tree[FAMILY_IP4];
	struct btree rest = { .family = FAMILY_IP4 };
	struct dense4 *pages = &lookup->dense4;
	size_t numbers = MAX(lookup->classes.count, lookup->record_count);
	struct packing p = { .pages = pages, .rest = &rest };
	int r = -ENOMEM;

	if (tree->count < PAGES_FROM)
		return 0;
	*pages = (struct dense4){ .info = { INFO_TREE }, .infos = IN_NO_SET + 1 };
	pages->pages = malloc(PAGES * sizeof(*pages->pages));
	p.counts = calloc(2 * numbers, sizeof(*p.counts));
	p.used = calloc(1U << BLOCK_MAX_CUTS, sizeof(*p.used));
	if (pages->pages && p.counts && p.used) {
		for (size_t i = 0; i < PAGES; i++)
			pages->pages[i] = plain_page(&p, IN_NO_SET);
		r = pack(&p, tree);
	}
	free(p.counts);
	free(p.used);
	free(p.items);
	free(p.pieces);
	free(tree->leaves);
	*tree = rest;
	return r;
}

void dense4_free(struct dense4 *pages)
{
	free(pages->pages);
	free(pages->blocks);
	*pages = (struct dense4){};
}

void dense4_settle(struct dense4 *pages, const struct set_classes *classes)
{
	for (uint32_t i = IN_NO_SET + 1; i < pages->infos; i++)
		if (!(pages->info[i] & INFO_SPECIAL))
			pages->info[i] = classes->number[pages->info[i]];
}
