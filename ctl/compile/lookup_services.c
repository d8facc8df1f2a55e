/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup_services.c - what an address with services says of packets, by their protocols and ports. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

/* A service's range of steps begins, or has ended. */
struct edge {
	uint32_t at;
	bool begins;
	uint32_t port; /* which service */
};

static int compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->port < y->port ? -1 : x->port > y->port;
}

/* The holders at one place: the address's, then those of services. */
struct held {
	struct holder *holder; /* owned */
	uint32_t *port;	       /* of each: which service; owned */
	size_t count, base;
};

static void turn(struct held *held, const struct edge *edge, const struct port_holder *ports)
{
	size_t i = held->base;

	if (edge->begins) {
		held->port[held->count] = edge->port;
		held->holder[held->count++] = ports[edge->port].holder;
		return;
	}
	while (held->port[i] != edge->port)
		i++;
	held->count--;
	held->port[i] = held->port[held->count];
	held->holder[i] = held->holder[held->count];
}

static int append_step(struct lookup *m, uint32_t first, uint32_t lo, uint32_t hi, uint32_t outcome)
{
	struct lookup_step *last = m->step_count > first ? &m->steps[m->step_count - 1] : NULL;
	int r;

	if (last && last->answer == outcome && last->hi + 1 == lo) {
		last->hi = hi;
		return 0;
	}
	r = array_reserve(m->steps, m->step_count, 1, &m->step_capacity);
	if (r < 0)
		return r;
	m->steps[m->step_count++] = (struct lookup_step){ .lo = lo, .hi = hi, .answer = outcome };
	return 0;
}

/* Steps from sorted edges on. */
static int append_steps(struct lookup *m, struct held *held, const struct edge *edges, size_t count,
			const struct port_holder *ports)
{
	uint32_t first = m->step_count, outcome;
	int r = 0;

	for (size_t i = 0; i < count && !r; i++) {
		turn(held, &edges[i], ports);
		if (i + 1 == count || edges[i + 1].at == edges[i].at || held->count == held->base)
			continue;
		r = outcome_find(m, held->holder, held->count, &outcome);
		if (!r)
			r = append_step(m, first, edges[i].at, edges[i + 1].at - 1, outcome);
	}
	return r;
}

/* Of one protocol << 16, or of all ("proto" 0); how many edges there are then. */
static size_t add_edges(struct edge *edges, size_t count, const struct port_holder *ports,
			size_t port_count, uint32_t proto)
{
	for (size_t i = 0; i < port_count; i++) {
		if (ports[i].proto && ports[i].proto != proto)
			continue;
		edges[count++] = (struct edge){ proto << 16 | ports[i].lo, true, i };
		edges[count++] = (struct edge){ (proto << 16 | ports[i].hi) + 1, false, i };
	}
	return count;
}

static const uint8_t with_ports[] = { 6, 17, 33, 132, 136 };

/*
 * To the holders of the address, once each those sets that have some service of a protocol (0: of
 * any), for as long as there is one. They count nothing: it may not be theirs.
 */
static size_t hold_unseen(struct holder *holders, size_t base, const struct port_holder *ports,
			  size_t count, uint8_t proto)
{
	size_t held = base;

	for (size_t i = 0; i < count; i++) {
		const struct holder *h = &ports[i].holder;
		size_t at = base;

		if (proto && ports[i].proto && ports[i].proto != proto)
			continue;
		while (at < held && holders[at].set != h->set)
			at++;
		if (at == held)
			holders[held++] = (struct holder){ .set = h->set, .until = h->until };
		else if (!h->until || (holders[at].until && holders[at].until < h->until))
			holders[at].until = h->until;
	}
	return held;
}

/* Steps for packets that do not show their ports: see UNSEEN_SERVICE(). */
static int append_unseen(struct lookup *m, struct holder *holders, size_t base,
			 const struct lookup_record *record, const struct port_holder *ports,
			 size_t count)
{
	uint32_t outcome, service;
	size_t held;
	int r = 0;

	for (size_t i = 0; i <= ARRAY_SIZE(with_ports) && !r; i++) {
		uint8_t proto = i < ARRAY_SIZE(with_ports) ? with_ports[i] : 0;

		service = proto ?: UNSEEN_PROTO;
		service = record->any ? UNSEEN_PORT(service) : UNSEEN_SERVICE(service);
		held = hold_unseen(holders, base, ports, count, proto);
		if (held == base)
			continue;
		r = outcome_find(m, holders, held, &outcome);
		if (!r)
			r = append_step(m, record->steps, service, service, outcome);
	}
	return r;
}

int record_of_services(struct lookup *lookup, const struct holder *base, size_t base_count,
		       struct port_holder *ports, size_t count, uint32_t *ret)
{
	autofree struct edge *edges = malloc(2 * count * ARRAY_SIZE(with_ports) * sizeof(*edges));
	struct held held = { .count = base_count, .base = base_count };
	struct lookup_record record = { .steps = lookup->step_count, .any = true };
	autofree struct holder *holders = malloc((base_count + count) * sizeof(*holders));
	autofree uint32_t *port = malloc((base_count + count) * sizeof(*port));
	size_t edge_count = 0;
	int r;

	if (!edges || !holders || !port)
		return -ENOMEM;
	held.holder = holders;
	held.port = port;
	if (base_count)
		memcpy(holders, base, base_count * sizeof(*base));
	for (size_t i = 0; i < count; i++)
		record.any &= !ports[i].proto;
	for (size_t i = 0; i < ARRAY_SIZE(with_ports) && !record.any; i++)
		edge_count = add_edges(edges, edge_count, ports, count, with_ports[i]);
	if (record.any)
		edge_count = add_edges(edges, 0, ports, count, 0);
	qsort(edges, edge_count, sizeof(*edges), compare_edges);
	r = outcome_find(lookup, base, base_count, &record.answer);
	if (!r)
		r = append_steps(lookup, &held, edges, edge_count, ports);
	if (!r && lookup->sets[ports->holder.set].set->type == SET_SERVICES)
		r = append_unseen(lookup, holders, base_count, &record, ports, count);
	if (r < 0)
		return r;
	record.count = lookup->step_count - record.steps;
	return record_add(lookup, &record, ret);
}
