/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cost.c - adds up what the compiler and the overlay say a packet costs at most. */
#include <stdint.h>

#include "../base/util.h"
#include "cost.h"

#define PAGE_STEPS 2 /* IPv4: a page and a block of it come before the tree */
#define TREE_STEPS 3 /* table, node and leaf */

/* The overlay's hosts are looked at all together. */
static uint32_t set_steps(const struct lookup_head *lookup, enum family family, uint32_t hosts)
{
	const struct directory *d = &lookup->directory[family];
	uint32_t steps = family == FAMILY_IP4 && lookup->pages.pages ? PAGE_STEPS : 0;

	if (d->ranges)
		steps += TREE_STEPS + d->worst_steps;
	return (steps ? steps + lookup->worst_steps : 0) + (hosts ? OVERLAY_HOSTS : 0) +
	       lookup->port_steps;
}

/* What a packet that does not show all meets beside that: the rules that it might match. */
static struct cost cost_of_unseen(const struct blob *blob, enum unseen unseen, uint32_t counts)
{
	struct cost cost = {};

	for (enum might m = 0; m < MIGHTS; m++) {
		cost.nodes += blob->might[m][unseen].worst_nodes;
		cost.boxes += blob->might[m][unseen].worst_boxes;
		for (enum family f = 0; f < FAMILIES; f++)
			if (unseen == UNSEEN_TAGGED || f == unseen_family(unseen))
				cost.boxes += OVERLAY_OF(counts, f);
	}
	return cost;
}

struct cost cost_of(const struct blob *blob, enum family family)
{
	const struct family_rules *rules = &blob->family[family];
	uint32_t counts = STATE_COUNTS(__atomic_load_n(&blob->state, __ATOMIC_ACQUIRE));
	uint32_t hosts = OVERLAY_OF(counts, OVERLAY_HOST_COUNT);
	struct cost more = {};

	for (enum unseen u = 0; u < UNSEENS; u++) {
		struct cost unseen = cost_of_unseen(blob, u, counts);

		if (unseen_family(u) != family)
			continue;
		more.nodes = MAX(more.nodes, unseen.nodes);
		more.boxes = MAX(more.boxes, unseen.boxes);
	}
	return (struct cost){
		.steps = family == FAMILY_OTHER ? 0 : set_steps(&blob->lookup, family, hosts),
		.nodes = rules->worst_nodes + more.nodes,
		.boxes = rules->worst_boxes + OVERLAY_OF(counts, family) + more.boxes,
		.edits = OVERLAY_RULES_OF(counts) + hosts,
	};
}

struct cost cost_of_all(const struct blob *blob)
{
	struct cost most = {};

	for (enum family family = 0; family < FAMILIES; family++) {
		struct cost worst = cost_of(blob, family);

		most.steps = MAX(most.steps, worst.steps);
		most.nodes = MAX(most.nodes, worst.nodes);
		most.boxes = MAX(most.boxes, worst.boxes);
		most.edits = MAX(most.edits, worst.edits);
	}
	return most;
}
