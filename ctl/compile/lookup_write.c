/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_write.c - writes the directory of sets into a blob's parts. */
#include <errno.h>
#include <string.h>

#include "blob_write.h"

/* A place in the parts, and the memory it is. */
static char *memory_at(const struct blob_writer *w, uint32_t place)
{
	return (char *)w->blob + BLOB_SIZE + place;
}

/* Table, fences and nodes: in one part, so that a packet looks it up once; the nodes, if they fit. */
static int take_tree(struct blob_writer *w, enum family family, size_t buckets, struct directory *d)
{
	size_t fence = family == FAMILY_IP6 ? sizeof(struct addr6) : sizeof(uint32_t);
	size_t table = ROUND_UP((buckets + 1) * sizeof(uint16_t), NODE_SIZE);
	size_t fences = ROUND_UP(d->node_count * fence, NODE_SIZE),
	       nodes = d->node_count * NODE_SIZE;
	size_t most = PART_SIZE - sizeof(struct part_head) - NODE_SIZE, at;

	if (table + fences > most || d->node_count > MAX_LOOKUP_NODES)
		return -E2BIG;
	at = blob_take(w, table + fences + (table + fences + nodes <= most ? nodes : 0), NODE_SIZE,
		       false);
	if (!at)
		return -ENOSPC;
	d->table = at - BLOB_SIZE;
	d->fences = d->table + table;
	d->nodes = d->fences + fences;
	if (table + fences + nodes <= most)
		return 0;
	at = blob_take(w, nodes, NODE_SIZE, true);
	d->nodes = at - BLOB_SIZE;
	return at ? 0 : -ENOSPC;
}

static int put_tree(struct blob_writer *w, const struct btree *tree)
{
	struct directory *d = &w->blob->lookup.directory[tree->family];
	size_t leaf = tree->family == FAMILY_IP6 ? sizeof(struct leaf6) : sizeof(struct leaf4);
	size_t buckets, size = btree_leaves(tree) * leaf, at;
	int r;

	*d = btree_directory(tree, &buckets);
	if (!tree->count)
		return 0;
	r = take_tree(w, tree->family, buckets, d);
	if (r < 0)
		return r;
	at = blob_take(w, size, leaf, true);
	if (!at)
		return -ENOSPC;
	d->leaves = at - BLOB_SIZE;
	memcpy(memory_at(w, d->leaves), tree->leaves, size);
	d->worst_steps = btree_fill(tree, d, buckets, (uint16_t *)memory_at(w, d->table),
				    memory_at(w, d->fences), memory_at(w, d->nodes));
	return 0;
}

static int put_array(struct blob_writer *w, const void *from, size_t count, size_t size,
		     uint32_t *ret_place)
{
	size_t at;

	if (!count)
		return 0;
	at = blob_take(w, count * size, size, true);
	if (!at)
		return -ENOSPC;
	memcpy((char *)w->blob + at, from, count * size);
	*ret_place = at - BLOB_SIZE;
	return 0;
}

static int put_dense4(struct blob_writer *w, const struct dense4 *pages)
{
	struct dense4_pages *p = &w->blob->lookup.pages;
	int r;

	if (!pages->pages)
		return 0;
	r = put_array(w, pages->pages, PAGES, sizeof(*pages->pages), &p->pages);
	if (!r)
		r = put_array(w, pages->blocks, pages->count, sizeof(*pages->blocks), &p->blocks);
	memcpy(p->info, pages->info, sizeof(p->info));
	p->count = pages->prefixes;
	return r;
}

int lookup_write(struct blob_writer *w, const struct lookup *lookup)
{
	const struct btree *six = &lookup->tree[FAMILY_IP6];
	const struct outcomes *a = &lookup->outcomes;
	struct lookup_head *head = &w->blob->lookup;
	int r = 0;

	if (!lookup->set_count)
		return 0;
	for (enum family f = FAMILY_IP4; f <= FAMILY_IP6 && !r; f++)
		r = put_tree(w, &lookup->tree[f]);
	if (!r)
		r = put_dense4(w, &lookup->dense4);
	if (!r)
		r = put_array(w, six->lows, six->low_count, sizeof(*six->lows), &head->lows);
	if (!r)
		r = put_array(w, lookup->records, lookup->record_count, sizeof(*lookup->records),
			      &head->records);
	if (!r)
		r = put_array(w, lookup->steps, lookup->step_count, sizeof(*lookup->steps),
			      &head->steps);
	if (!r)
		r = put_array(w, a->outcome, a->count, sizeof(*a->outcome), &head->answers);
	if (!r)
		r = put_array(w, a->slots, a->slot_count, sizeof(*a->slots), &head->slots);
	head->directions = lookup->directions;
	head->classes = lookup->classes.count;
	head->worst_steps = lookup->worst_steps;
	head->port_directions = lookup->port_directions;
	head->port_record = lookup->port_record;
	head->port_steps = lookup->port_steps;
	return r;
}
