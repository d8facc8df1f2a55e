/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.c - both sides of what a hook has counted. */
#include "account.h"

uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

uint64_t count_distance(struct count a, struct count b)
{
	return MAX(distance(a.packets, b.packets), distance(a.bytes, b.bytes));
}

struct count count_sum(struct count a, struct count b)
{
	return (struct count){ a.packets + b.packets, a.bytes + b.bytes };
}

uint64_t account_distance(const struct snapshot *snapshot, enum verdict verdict)
{
	const struct iface_totals *t = snapshot->totals;
	struct count flows = {};

	if (snapshot->totals_count != 1)
		return UINT64_MAX;
	for (size_t i = 0; i < snapshot->flow_count; i++) {
		const struct flow *f = &snapshot->flows[i];

		flows = count_sum(flows, verdict == VERDICT_DROP ? f->dropped : f->passed);
	}
	return MAX(count_distance(count_sum(t->live[verdict], t->closed[verdict]),
				  t->verdict[verdict]),
		   count_distance(flows, t->live[verdict]));
}
