/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* costly_spots.c - walks all trees of a family at once, only where a costlier end is below. */
#include <err.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/class.h"
#include "../../bpf/rules/forest.h"
#include "test_packet.h"
#include "costly_samples.h"
#include "costly_spots.h"

#define SHORTEST 40	    /* bytes of a packet of test runs, from the network header on */
#define MOST_VISITS 1000000 /* of nodes, for the costliest */
#define SOME_VISITS 100000
#define NEARLY(cost) ((cost) - (cost) / 8) /* what is worth a try beside the costliest */

struct search {
	const struct blob *blob;
	const struct family_rules *rules;
	struct weights weights;
	struct prng *prng;
	uint32_t *below;	      /* of each node: the most that is met from it on; owned */
	uint32_t rest[MAX_TREES + 1]; /* of this tree and those behind it */
	struct costly_spot *found;
	size_t room, count;
	uint32_t best, floor; /* what has been found; what is looked for */
	size_t visits;	      /* that are left */
};

static const struct node *node_at(const struct search *s, uint32_t at)
{
	return (const struct node *)((const char *)s->blob + BLOB_SIZE) + at;
}

static uint32_t neighbour(const struct node *n, uint32_t at, int way)
{
	return at / PART_NODES * PART_NODES + NODE_GROUP(n->next) * NODE_WAYS + way;
}

static bool keep_up_to(struct cell *cell, uint32_t word, uint32_t value)
{
	cell->hi[word] = MIN(cell->hi[word], value);
	return cell->lo[word] <= cell->hi[word];
}

static bool keep_above(struct cell *cell, uint32_t word, uint32_t value)
{
	if (value == UINT32_MAX)
		return false;
	cell->lo[word] = MAX(cell->lo[word], value + 1);
	return cell->lo[word] <= cell->hi[word];
}

static bool keep(struct cell *cell, uint32_t word, uint32_t split, bool above)
{
	return above ? keep_above(cell, word, split) : keep_up_to(cell, word, split);
}

/* What a way out of a node leaves of a cell; false: nothing. */
static bool go(struct cell *cell, const struct node *n, int way)
{
	int first = way / 2;

	return keep(cell, NODE_WORD(n->next, 0), n->split[0], first) &&
	       keep(cell, NODE_WORD(n->next, 1 + first), n->split[1 + first], way % 2);
}

/* Fills in below[]. */
static uint32_t measure(struct search *s, uint32_t at)
{
	const struct node *n = node_at(s, at);
	uint32_t most = 0;

	if (NODE_WORD(n->next, 0) == KEY_LEAF)
		most = s->weights.box * n->split[0];
	else if (NODE_WORD(n->next, 0) == KEY_JUMP)
		most = measure(s, n->split[0]);
	else
		for (int way = 0; way < NODE_WAYS; way++)
			most = MAX(most, measure(s, neighbour(n, at, way)));
	return s->below[at] = s->weights.node + most;
}

static void descend(struct search *s, uint32_t tree, uint32_t at, const struct costly_spot *so_far);

static uint32_t cost_of(const struct search *s, const struct costly_spot *r)
{
	return s->weights.node * r->nodes + s->weights.box * r->boxes;
}

/* The costliest is the first; beyond the room, others make way. */
static void take(struct search *s, const struct costly_spot *r)
{
	size_t at = s->count < s->room ? s->count++ : 1 + below(s->prng, s->room - 1);

	s->found[at] = *r;
	if (at && cost_of(s, r) <= cost_of(s, &s->found[0]))
		return;
	s->found[at] = s->found[0];
	s->found[0] = *r;
	s->best = MAX(s->best, cost_of(s, r));
}

static void enter(struct search *s, uint32_t tree, const struct costly_spot *so_far)
{
	if (tree == s->rules->trees)
		take(s, so_far);
	else
		descend(s, tree, s->rules->tree[tree].root, so_far);
}

static void end(struct search *s, uint32_t tree, const struct node *leaf,
		const struct costly_spot *so_far)
{
	struct costly_spot r = *so_far;

	r.boxes += leaf->split[0];
	if (leaf->split[0]) {
		r.at[r.leaves] = BLOB_SIZE + leaf->split[1] * BOX_UNIT;
		r.count[r.leaves++] = leaf->split[0];
	}
	enter(s, tree + 1, &r);
}

/* Where the costliest is looked for, ways with more below them first. */
static void order_ways(struct search *s, const struct node *n, uint32_t at, int order[NODE_WAYS])
{
	uint32_t turn = below(s->prng, NODE_WAYS);

	for (int i = 0; i < NODE_WAYS; i++) {
		int way = (i + turn) % NODE_WAYS, to = i;

		for (; to && !s->floor &&
		       s->below[neighbour(n, at, order[to - 1])] < s->below[neighbour(n, at, way)];
		     to--)
			order[to] = order[to - 1];
		order[to] = way;
	}
}

static bool is_hopeless(const struct search *s, uint32_t tree, uint32_t at,
			const struct costly_spot *r)
{
	uint32_t most = cost_of(s, r) + s->below[at] + s->rest[tree + 1];

	return !s->visits || most < s->floor || (!s->floor && most <= s->best);
}

static void descend(struct search *s, uint32_t tree, uint32_t at, const struct costly_spot *so_far)
{
	const struct node *n = node_at(s, at);
	struct costly_spot r = *so_far;
	int order[NODE_WAYS];

	if (is_hopeless(s, tree, at, so_far))
		return;
	s->visits--;
	r.nodes++;
	if (NODE_WORD(n->next, 0) == KEY_LEAF) {
		end(s, tree, n, &r);
		return;
	}
	if (NODE_WORD(n->next, 0) == KEY_JUMP) {
		descend(s, tree, n->split[0], &r);
		return;
	}
	order_ways(s, n, at, order);
	for (int i = 0; i < NODE_WAYS; i++) {
		struct costly_spot way = r;

		if (go(&way.cell, n, order[i]))
			descend(s, tree, neighbour(n, at, order[i]), &way);
	}
}

/* As far as fields go; others no rule asks for. At XDP, where packets are looked for, none has a mark. */
static void keep_places(const struct blob *blob, enum family family, struct cell *cell)
{
	uint32_t unmarked = number_class(&blob->classes.number[NUMBER_MARK], parts_of(blob), 0);

	for (int i = 0; i < FIELDS; i++) {
		enum field_place place = match_fields[i].place;

		if (place && place < PLACE_NUMBER)
			cell->hi[KEY_BYTE + place - PLACE_BYTE] =
				family == FAMILY_OTHER ? 0 : match_fields[i].max;
	}
	for (int i = 0; i < NUMBER_COUNT; i++)
		cell->hi[KEY_NUMBER + i] = blob->classes.numbers[HOOK_TC] >> i & 1 ? SAMPLED_CLASSES - 1 : 0;
	cell->lo[KEY_NUMBER + NUMBER_MARK] = cell->hi[KEY_NUMBER + NUMBER_MARK] = unmarked;
}

/* What test runs can send of it; a class is 0 where rules use no set. */
static struct cell cell_sent(const struct blob *blob, enum family family)
{
	struct cell cell = cell_full(family);

	cell.lo[KEY_IFINDEX] = cell.hi[KEY_IFINDEX] = 1;
	cell.hi[KEY_OUTER] = cell.hi[KEY_INNER] = 4095;
	cell.lo[KEY_LENGTH] = SHORTEST;
	cell.hi[KEY_LENGTH] = TEST_PACKET_LONGEST;
	keep_places(blob, family, &cell);
	for (int dst = 0; dst < 2; dst++)
		if (!(blob->lookup.directions >> dst & 1) || family == FAMILY_OTHER)
			cell.hi[KEY_SRC_CLASS + dst] = 0;
	return cell;
}

/* A list is met whole. */
static struct costly_spot begin(const struct blob *blob, enum family family)
{
	const struct family_rules *rules = &blob->family[family];
	struct costly_spot r = { .cell = cell_sent(blob, family) };

	r.boxes = rules->audit_count;
	if (!rules->trees && rules->count) {
		r.boxes += rules->count;
		r.at[r.leaves] = rules->boxes;
		r.count[r.leaves++] = rules->count;
	}
	return r;
}

static void search_begin(struct search *s, enum family family)
{
	s->rules = &s->blob->family[family];
	if (!s->below)
		s->below = calloc(s->blob->parts * PART_NODES + 1, sizeof(*s->below));
	if (!s->below)
		err(1, "searching a forest");
	s->rest[s->rules->trees] = 0;
	for (uint32_t t = s->rules->trees; t-- > 0;)
		s->rest[t] = s->rest[t + 1] + measure(s, s->rules->tree[t].root);
}

struct costly_spot costly_spots_worst(const struct blob *blob, enum family family)
{
	struct search s = { .blob = blob };
	struct costly_spot r = begin(blob, family);

	s.weights = (struct weights){ .node = 1 };
	search_begin(&s, family);
	r.nodes = s.rest[0];
	s.weights = (struct weights){ .box = 1 };
	search_begin(&s, family);
	r.boxes += s.rest[0];
	free(s.below);
	return r;
}

size_t costly_spots_find(const struct blob *blob, enum family family, struct weights weights,
			 uint32_t floor, struct prng *prng, struct costly_spot *ret, size_t room)
{
	struct search s = {
		.blob = blob, .weights = weights, .prng = prng, .found = ret, .room = room
	};
	struct costly_spot from = begin(blob, family);

	search_begin(&s, family);
	s.visits = MOST_VISITS;
	if (!floor)
		enter(&s, 0, &from);
	s.floor = floor ? floor : MAX(NEARLY(s.best), 1u);
	s.visits = SOME_VISITS;
	enter(&s, 0, &from);
	free(s.below);
	return s.count;
}
