/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation.c - makes conversations of flows: merges directions and hooks, gives rates. */
#include <errno.h>

#include "conversation_join.h"
#include "conversation_merge.h"
#include "conversation_mirror.h"
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
		.reason = f->reason,
		.judged = f->last,
		.path = { f->ifindex },
		.path_count = 1,
		.path_side = 1,
	};

	if (!f->family) {
		c.type = f->dport;
		c.local_port = c.peer_port = 0;
	} else if (format_is_icmp(f->family, f->protocol)) {
		c.type = icmp_request(f->family, f->dport);
		c.local_port = c.peer_port = f->sport;
	}
	c.hook[f->hook] = (struct tally){ f->passed, f->dropped };
	c.hook_first[f->hook] = f->first;
	c.seen[f->hook] = true;
	return c;
}

int conversation_compare(const void *pa, const void *pb)
{
	const struct conversation *a = pa, *b = pb;

	return conversation_compare_ends(a, b) ?: COMPARE(a->ifindex, b->ifindex) ?:
	       COMPARE(a->outer, b->outer) ?: COMPARE(a->inner, b->inner);
}

unsigned int conversation_severity(const struct conversation *c)
{
	return c->verdict == VERDICT_DROP ? 3 : c->audit ? 2 : c->slot ? 1 : 0;
}

static void merge(struct conversation *c, const struct conversation *other)
{
	for (int h = 0; h < HOOKS; h++)
		tally_add(&c->hook[h], &other->hook[h]);
	conversation_take(c, other);
	conversation_take_hooks(c, other);
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

/* The attached tunnel whose outer packets a row's are; of several the one that says the most of its ends. */
static uint32_t find_carrier(const struct conversation *c, const struct surroundings *around)
{
	const struct outer outer = { c->ifindex, c->family,	c->protocol, c->local,
				     c->peer,	 c->local_port, c->peer_port };
	unsigned int best = 0;
	uint32_t found = 0;

	for (size_t i = 0; i < around->count; i++) {
		uint32_t tunnel = around->attached[i].ifindex;
		unsigned int fit = stack_carries(around->stack, tunnel, &outer);

		if (fit > best) {
			best = fit;
			found = tunnel;
		}
	}
	return found;
}

/* A namespace's own interfaces are many, its tunnels few or none. */
static bool has_tunnels(const struct surroundings *around)
{
	for (size_t i = 0; i < around->stack->count; i++)
		if (around->stack->ifaces[i].tunnel.protocols[0])
			return true;
	return false;
}

int conversations_make(const struct snapshot *snapshot, const struct flow_filter *filter,
		       const struct surroundings *around, struct conversation **ret,
		       size_t *ret_count)
{
	autofree struct conversation *list = calloc(snapshot->flow_count + 1, sizeof(*list));
	const bool alone = filter->ifindex, tunnels = has_tunnels(around);
	size_t count = 0, kept = 0;
	int r;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->flow_count; i++)
		if (!alone || filter->ifindex == snapshot->flows[i].ifindex)
			list[count++] = conversation_of(&snapshot->flows[i]);
	qsort(list, count, sizeof(*list), conversation_compare);
	count = merge_all(list, count);
	r = conversations_join(list, &count, around);
	if (r < 0)
		return r;
	conversations_hide_mirrors(list, &count, alone, around);
	for (size_t i = 0; i < count; i++) {
		if (filter->family && filter->family != list[i].family)
			continue;
		list[kept] = list[i];
		list[kept].carrier = tunnels ? find_carrier(&list[kept], around) : 0;
		kept++;
	}
	*ret = take_ptr(list);
	*ret_count = kept;
	return 0;
}

struct tally conversation_tally(const struct conversation *c)
{
	struct tally sum = c->tx;

	tally_add(&sum, &c->rx);
	return sum;
}

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
		c->tx_rate = rate(tally_sum(&c->tx).bytes, life);
		c->rx_rate = rate(tally_sum(&c->rx).bytes, life);
	}
}

/* An entry that was evicted meanwhile began anew: what it has is all of the interval we know. */
static uint64_t grown(const struct tally *now, const struct tally *before)
{
	const uint64_t bytes = tally_sum(now).bytes, old = tally_sum(before).bytes;

	return bytes >= old ? bytes - old : bytes;
}

/* The same row then; maybe under another interface, if its packets came to be seen at a lower one, too. */
static const struct conversation *find_before(struct conversation *before, size_t count,
					      const struct conversation *c)
{
	static const struct conversation none;
	const struct conversation *same =
		bsearch(c, before, count, sizeof(*before), conversation_compare);

	if (same)
		return same;
	for (const struct conversation *o = conversation_find_ends(before, count, c);
	     o && o < before + count && !conversation_compare_ends(o, c); o++)
		if (conversation_saw(o, c->ifindex) || conversation_saw(c, o->ifindex))
			return o;
	return &none;
}

void conversations_interval(struct conversation *list, size_t count, struct conversation *before,
			    size_t before_count, uint64_t ns)
{
	qsort(before, before_count, sizeof(*before), conversation_compare);
	for (struct conversation *c = list; c < list + count; c++) {
		const struct conversation *old = find_before(before, before_count, c);

		c->tx_rate = rate(grown(&c->tx, &old->tx), MAX(ns, 1));
		c->rx_rate = rate(grown(&c->rx, &old->rx), MAX(ns, 1));
	}
}
