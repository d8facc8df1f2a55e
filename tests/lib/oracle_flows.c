/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle_flows.c - which rule each flow has, by the oracle and by the tables of flows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oracle_flows.h"

#define FLOW_TABLE (1u << 18) /* twice what is put in */

/* A flow's rule, or that its packets had several. */
struct expected_flow {
	struct flow flow;
	bool used, several;
};

int oracle_flows_open(struct oracle_check *c)
{
	c->flows = calloc(FLOW_TABLE, sizeof(*c->flows));
	return c->flows ? 0 : -ENOMEM;
}

void oracle_flows_clear(struct oracle_check *c)
{
	memset(c->flows, 0, FLOW_TABLE * sizeof(*c->flows));
	c->flow_count = 0;
}

static uint32_t flow_hash(const struct flow *f)
{
	uint64_t parts[] = { f->src.hi,
			     f->src.lo,
			     f->dst.hi,
			     f->dst.lo,
			     (uint64_t)f->sport << 48 | (uint64_t)f->dport << 32 |
				     (uint64_t)f->outer << 16 | f->inner,
			     (uint64_t)f->hook << 16 | f->family << 8 | f->protocol };
	uint64_t hash = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		hash = (hash ^ parts[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash >> 32);
}

/* Its place, or the free one that would be; NULL: there is none. */
static struct expected_flow *find_flow(const struct oracle_check *c, const struct flow *flow)
{
	uint32_t at = flow_hash(flow);

	for (uint32_t i = 0; i < FLOW_TABLE; i++) {
		struct expected_flow *e = &c->flows[(at + i) % FLOW_TABLE];

		if (!e->used || flow_same(&e->flow, flow))
			return e;
	}
	return NULL;
}

void oracle_flows_expect(struct oracle_check *c, const struct native *native, enum hook_id hook)
{
	struct expected_flow *e;
	struct flow flow;

	native_flow(&native->packet, hook, &flow);
	flow.slot = native->answer.slot;
	e = find_flow(c, &flow);
	if (!e)
		return;
	/* Also when no more are taken in: what is known of a flow must stay true. */
	if (e->used) {
		e->several |= e->flow.slot != flow.slot;
		return;
	}
	if (c->flow_count >= FLOW_TABLE / 2)
		return;
	*e = (struct expected_flow){ .flow = flow, .used = true };
	c->flow_count++;
}

void oracle_flows_compare(struct oracle_check *c, const struct snapshot *s)
{
	for (size_t i = 0; i < s->flow_count; i++) {
		const struct flow *got = &s->flows[i];
		const struct expected_flow *e = find_flow(c, got);
		char text[160];

		if (!e || e->several || (!e->used && c->flow_count >= FLOW_TABLE / 2))
			continue;
		if (e->used && e->flow.slot == got->slot)
			continue;
		flow_text(got, text, sizeof(text));
		if (c->flow_rules++ < COMPLAINTS)
			printf("%s: flow %s: slot %u, by the oracle %u\n", c->name, text, got->slot,
			       e->used ? e->flow.slot : UINT32_MAX);
	}
}
