/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation.c - makes conversations of flows: merges directions and hooks, gives rates. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/addr.h"
#include "conversation.h"
#include "format.h"

#define SECOND_NS 1000000000ULL

bool flow_wanted(const struct flow_filter *filter, const struct flow *flow)
{
	return (!filter->ifindex || filter->ifindex == flow->ifindex) &&
	       (!filter->family || filter->family == flow->family);
}

/* The request a reply answers, so that both are one conversation. */
static uint16_t icmp_request(uint8_t family, uint16_t type_code)
{
	static const struct {
		uint8_t family, reply, request;
	} pairs[] = { { 4, 0, 8 },   { 4, 14, 13 },   { 4, 16, 15 },
		      { 4, 18, 17 }, { 6, 129, 128 }, { 6, 136, 135 } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pairs[i].family == family && pairs[i].reply == type_code >> 8)
			return (uint16_t)(pairs[i].request << 8 | (type_code & 0xff));
	return type_code;
}

static struct conversation conversation_of(const struct flow *f)
{
	bool in = f->hook == HOOK_XDP;
	struct conversation c = {
		.ifindex = f->ifindex,
		.family = f->family,
		.protocol = f->protocol,
		.outer = f->outer,
		.inner = f->inner,
		.local = in ? f->dst : f->src,
		.peer = in ? f->src : f->dst,
		.local_port = in ? f->dport : f->sport,
		.peer_port = in ? f->sport : f->dport,
		.tcp_flags = f->tcp_flags,
		.verdict = f->verdict,
		.slot = f->slot,
		.audit = f->audit,
		.first = f->first,
		.last = f->last,
		.judged = f->last,
		.output_drops = f->hook == HOOK_NF && f->verdict == VERDICT_DROP,
	};

	if (!f->family) {
		c.type = f->dport;
		c.local_port = c.peer_port = 0;
	} else if (format_is_icmp(f->family, f->protocol)) {
		c.type = icmp_request(f->family, f->dport);
		c.local_port = c.peer_port = f->sport;
	}
	c.hook[f->hook] = flow_count(f);
	c.hook_first[f->hook] = f->first;
	c.seen[f->hook] = true;
	return c;
}

/* Who talks to whom, wherever it was seen. */
static int compare_ends(const struct conversation *a, const struct conversation *b)
{
	return COMPARE(a->family, b->family) ?: COMPARE(a->protocol, b->protocol) ?:
	       COMPARE(a->type, b->type) ?: addr_compare(&a->local, &b->local) ?:
	       addr_compare(&a->peer, &b->peer) ?: COMPARE(a->local_port, b->local_port) ?:
	       COMPARE(a->peer_port, b->peer_port);
}

int conversation_compare(const void *pa, const void *pb)
{
	const struct conversation *a = pa, *b = pb;

	return compare_ends(a, b) ?: COMPARE(a->ifindex, b->ifindex) ?:
	       COMPARE(a->outer, b->outer) ?: COMPARE(a->inner, b->inner);
}

unsigned int conversation_severity(const struct conversation *c)
{
	return c->verdict == VERDICT_DROP ? 2 : c->audit ? 1 : 0;
}

/* Take over the other's verdict if it weighs more, or as much and is newer. */
static void take_verdict(struct conversation *c, const struct conversation *other)
{
	unsigned int mine = conversation_severity(c), theirs = conversation_severity(other);

	if (theirs < mine || (theirs == mine && other->judged <= c->judged))
		return;
	c->verdict = other->verdict;
	c->slot = other->slot;
	c->audit = other->audit;
	c->judged = other->judged;
}

static void merge(struct conversation *c, const struct conversation *other)
{
	for (int h = 0; h < HOOKS; h++) {
		if (!other->seen[h])
			continue;
		c->hook_first[h] = c->seen[h] ? MIN(c->hook_first[h], other->hook_first[h])
					      : other->hook_first[h];
		c->hook[h].packets += other->hook[h].packets;
		c->hook[h].bytes += other->hook[h].bytes;
		c->seen[h] = true;
	}
	c->output_drops |= other->output_drops;
	c->tcp_flags |= other->tcp_flags;
	c->first = MIN(c->first, other->first);
	c->last = MAX(c->last, other->last);
	take_verdict(c, other);
}

static size_t merge_all(struct conversation *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && !conversation_compare(&list[kept - 1], &list[i]))
			merge(&list[kept - 1], &list[i]);
		else
			list[kept++] = list[i];
	}
	return kept;
}

/* The first of the rows between these ends, or NULL. */
static struct conversation *find_ends(struct conversation *list, size_t count,
				      const struct conversation *ends)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_ends(&list[middle], ends) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && !compare_ends(&list[low], ends) ? &list[low] : NULL;
}

/* What OUTPUT saw pass is seen by TC again, if on a device below (VLAN, bridge, bond). */
static bool seen_at_tc(struct conversation *list, size_t count, const struct conversation *c,
		       const uint32_t *tc, size_t tc_count)
{
	for (size_t i = 0; i < tc_count; i++)
		if (tc[i] == c->ifindex)
			return true;
	for (struct conversation *o = find_ends(list, count, c);
	     o && o < list + count && !compare_ends(o, c); o++)
		if (o->seen[HOOK_TC])
			return true;
	return false;
}

static void choose_sent(struct conversation *list, size_t count, struct conversation *c,
			const uint32_t *tc, size_t tc_count)
{
	if (c->seen[HOOK_XDP])
		c->rx = c->hook[HOOK_XDP];
	if (c->seen[HOOK_TC] && !c->output_drops)
		c->sent_hook = HOOK_TC;
	else if (c->seen[HOOK_NF] && (c->output_drops || !seen_at_tc(list, count, c, tc, tc_count)))
		c->sent_hook = HOOK_NF;
	else
		return;
	c->sent = true;
	c->tx = c->hook[c->sent_hook];
}

/* The first packet seen here left here. */
static bool leads(const struct conversation *c)
{
	return c->sent &&
	       (!c->seen[HOOK_XDP] || c->hook_first[c->sent_hook] <= c->hook_first[HOOK_XDP]);
}

/* The row of another interface that shows the same packets from the other side, or NULL. */
static struct conversation *find_mirror(struct conversation *list, size_t count,
					const struct conversation *c)
{
	struct conversation ends = *c;

	if (!c->family)
		return NULL;
	ends.local = c->peer;
	ends.peer = c->local;
	ends.local_port = c->peer_port;
	ends.peer_port = c->local_port;
	for (struct conversation *o = find_ends(list, count, &ends);
	     o && o < list + count && !compare_ends(o, &ends); o++)
		if (o->ifindex != c->ifindex && (o->sent || o->seen[HOOK_XDP]))
			return o;
	return NULL;
}

/*
 * Of two mirrored rows the one that leads stays. Within one tick of the clock both may: then the one whose
 * local side has the client's port, the greater one.
 */
static bool stays(const struct conversation *c, const struct conversation *mirror)
{
	if (leads(c) != leads(mirror))
		return leads(c);
	if (c->local_port != c->peer_port)
		return c->local_port > c->peer_port;
	return c->ifindex < mirror->ifindex;
}

/* The verdict of a row that is hidden stays with the other. */
static bool hidden_by_mirror(struct conversation *list, size_t count, const struct conversation *c)
{
	struct conversation *mirror = find_mirror(list, count, c);

	if (!mirror || stays(c, mirror))
		return false;
	take_verdict(mirror, c);
	return true;
}

static int choose_rows(struct conversation *list, size_t *count, bool mirrors, const uint32_t *tc,
		       size_t tc_count)
{
	autofree bool *hidden = calloc(*count + 1, sizeof(*hidden));
	size_t kept = 0;

	if (!hidden)
		return -ENOMEM;
	for (size_t i = 0; i < *count; i++)
		choose_sent(list, *count, &list[i], tc, tc_count);
	for (size_t i = 0; i < *count; i++)
		hidden[i] = (!list[i].sent && !list[i].seen[HOOK_XDP]) ||
			    (!mirrors && hidden_by_mirror(list, *count, &list[i]));
	for (size_t i = 0; i < *count; i++)
		if (!hidden[i])
			list[kept++] = list[i];
	*count = kept;
	return 0;
}

int conversations_make(const struct snapshot *snapshot, const struct flow_filter *filter,
		       const uint32_t *tc, size_t tc_count, struct conversation **ret,
		       size_t *ret_count)
{
	autofree struct conversation *list = calloc(snapshot->flow_count + 1, sizeof(*list));
	size_t count = 0, kept = 0;
	int r;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->flow_count; i++)
		list[count++] = conversation_of(&snapshot->flows[i]);
	qsort(list, count, sizeof(*list), conversation_compare);
	count = merge_all(list, count);
	/* Of one interface alone no packet is there twice. */
	r = choose_rows(list, &count, filter->ifindex, tc, tc_count);
	if (r < 0)
		return r;
	/* Not earlier: what another interface saw decides which rows there are. */
	for (size_t i = 0; i < count; i++)
		if ((!filter->ifindex || filter->ifindex == list[i].ifindex) &&
		    (!filter->family || filter->family == list[i].family))
			list[kept++] = list[i];
	*ret = take_ptr(list);
	*ret_count = kept;
	return 0;
}

/* Bits a second, rounded; at most what JSON holds. */
static uint64_t rate(uint64_t bytes, uint64_t ns)
{
	unsigned __int128 bits = ((unsigned __int128)bytes * 8 * SECOND_NS + ns / 2) / ns;

	return bits < INT64_MAX ? (uint64_t)bits : INT64_MAX;
}

void conversations_average(struct conversation *list, size_t count)
{
	for (struct conversation *c = list; c < list + count; c++) {
		uint64_t life = c->last > c->first ? c->last - c->first : 0;

		life = MAX(life, SECOND_NS);
		c->tx_rate = rate(c->tx.bytes, life);
		c->rx_rate = rate(c->rx.bytes, life);
	}
}

/* An entry that was evicted meanwhile began anew: what it has is all of the interval we know. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

void conversations_interval(struct conversation *list, size_t count, struct conversation *before,
			    size_t before_count, uint64_t ns)
{
	static const struct conversation none;

	qsort(before, before_count, sizeof(*before), conversation_compare);
	for (struct conversation *c = list; c < list + count; c++) {
		const struct conversation *old =
			bsearch(c, before, before_count, sizeof(*before), conversation_compare);

		if (!old)
			old = &none;
		c->tx_rate = rate(grown(c->tx.bytes, old->tx.bytes), MAX(ns, 1));
		c->rx_rate = rate(grown(c->rx.bytes, old->rx.bytes), MAX(ns, 1));
	}
}
