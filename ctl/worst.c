/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* worst.c - adds up what the compiler and the overlay say a packet meets at worst. */
#include <stdint.h>

#include "util.h"
#include "worst.h"

/* Table, node, leaf, and what is searched between; hosts of the overlay are looked at all together. */
static uint32_t set_steps(const struct members_head *members, enum family family, uint32_t hosts)
{
	const struct directory *d = &members->directory[family];

	return (d->ranges ? 3 + d->worst_steps + members->worst_steps : 0) +
	       (hosts ? OVERLAY_MEMBERS : 0);
}

struct worst worst_of(const struct blob *blob, enum family family)
{
	const struct family_rules *rules = &blob->family[family];
	uint32_t counts = STATE_COUNTS(__atomic_load_n(&blob->state, __ATOMIC_ACQUIRE));
	uint32_t hosts = OVERLAY_OF(counts, OVERLAY_MEMBER_COUNT);

	return (struct worst){
		.steps = family == FAMILY_OTHER ? 0 : set_steps(&blob->members, family, hosts),
		.nodes = rules->worst_nodes,
		.boxes = rules->worst_boxes + OVERLAY_OF(counts, family),
		.edits = OVERLAY_RULES_OF(counts) + hosts,
	};
}

struct worst worst_of_all(const struct blob *blob)
{
	struct worst most = {};

	for (enum family family = 0; family < FAMILIES; family++) {
		struct worst worst = worst_of(blob, family);

		most.steps = MAX(most.steps, worst.steps);
		most.nodes = MAX(most.nodes, worst.nodes);
		most.boxes = MAX(most.boxes, worst.boxes);
		most.edits = MAX(most.edits, worst.edits);
	}
	return most;
}
