/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot_fill.c - what one CPU's counters and entries add to a snapshot. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <arpa/inet.h>

#include "../base/addr.h"
#include "../base/array.h"
#include "snapshot_fill.h"

static const enum verdict reason_verdict[] = {
#define X(id, verdict, name, text) VERDICT_##verdict,
	NETCTL_REASONS(X)
#undef X
};

/* The row of an interface at a hook, added if need be; NULL without memory. */
static struct iface_totals *totals_row(struct snapshot *snapshot, enum hook_id hook,
				       uint32_t ifindex)
{
	struct iface_totals *row;

	/* From the end: the hook that is being read has the last ones. */
	for (size_t i = snapshot->totals_count; i--;)
		if (snapshot->totals[i].hook == hook && snapshot->totals[i].ifindex == ifindex)
			return &snapshot->totals[i];
	if (array_grow(snapshot->totals, snapshot->totals_count) < 0)
		return NULL;
	row = &snapshot->totals[snapshot->totals_count++];
	*row = (struct iface_totals){.hook = hook, .ifindex = ifindex};
	return row;
}

static bool half_used(const struct totals_half *t)
{
	uint64_t any = 0;

	for (int i = 0; i < VERDICTS; i++)
		any |= t->closed[i].packets | t->closed[i].bytes;
	for (int i = 0; i < REASONS; i++)
		any |= t->seen[i].packets;
	return any;
}

static int add_totals(struct snapshot *snapshot, enum hook_id hook, const struct totals *totals,
		      uint32_t slots, unsigned int half)
{
	for (uint32_t slot = 0; slot < slots; slot++) {
		uint32_t ifindex = __atomic_load_n(&totals[slot].ifindex, __ATOMIC_RELAXED);
		const struct totals_half *t = &totals[slot].half[half];
		struct iface_totals *row;

		if (!ifindex && !half_used(t))
			continue;
		row = totals_row(snapshot, hook, ifindex);
		if (!row)
			return -ENOMEM;
		for (int i = 0; i < REASONS; i++) {
			struct count seen = count_read(&t->seen[i]);

			count_add(&row->seen[i], &seen);
			count_add(&row->verdict[reason_verdict[i]], &seen);
		}
		for (int i = 0; i < VERDICTS; i++) {
			struct count closed = count_read(&t->closed[i]);

			count_add(&row->closed[i], &closed);
		}
	}
	return 0;
}

int fill_counters(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		  unsigned int cpu, unsigned int half)
{
	const struct region *region = flow_map_region(flows, cpu);
	struct count count = count_read(&region->unlisted.half[half]);

	count_add(&snapshot->unlisted[hook], &count);
	for (unsigned int block = 0; block < flows->blocks; block++) {
		const struct halves *closed = flow_map_closed(flows, cpu, block);

		for (size_t i = 0; i < RULE_SLOTS; i++) {
			count = count_read(&closed[i].half[half]);
			count_add(&snapshot->rules[block * RULE_SLOTS + i], &count);
		}
	}
	return add_totals(snapshot, hook, flow_map_totals(flows, cpu), flows->opts.iface_slots, half);
}

/* An interface that found no slot on this CPU is counted in the last one, as interface 0. */
static uint32_t totals_ifindex(const struct totals *totals, uint32_t slots, uint32_t ifindex)
{
	for (uint32_t probe = 0; probe < TOTALS_PROBES; probe++)
		if (totals[TOTALS_SLOT(ifindex, probe, slots)].ifindex == ifindex)
			return ifindex;
	return 0;
}

static void fill_addresses(const struct entry *e, struct flow *ret)
{
	uint32_t src, dst;

	if (ret->family == 6) {
		ret->src = (struct addr6){.hi = be64toh(e->src[0]), .lo = be64toh(e->src[1])};
		ret->dst = (struct addr6){.hi = be64toh(e->dst[0]), .lo = be64toh(e->dst[1])};
	} else if (ret->family == 4) {
		memcpy(&src, e->src, sizeof(src));
		memcpy(&dst, e->dst, sizeof(dst));
		ret->src.lo = ntohl(src);
		ret->dst.lo = ntohl(dst);
	}
}

/* What an entry had counted at the instant, and for which rules what was pending of it. */
struct at_instant {
	struct count by_verdict[VERDICTS];
	struct count pending; /* part of that */
	uint32_t rule, audit;
};

static struct at_instant count_entry(const struct entry *e, uint32_t epoch)
{
	const struct flow_state *s = &e->state;
	const bool since = epoch != NO_EPOCH && (s->epoch & EPOCH_MASK) == epoch;
	uint64_t pending = since ? e->more.image : s->pending;
	int verdict = since ? !!(e->id.more & MORE_IMAGE_DROP) : JUDGED_VERDICT(e->id.judged);
	struct at_instant at = {
		.pending = { PENDING_PACKETS(pending), PENDING_BYTES(pending) },
		.rule = since ? e->more.image_rule : s->rule,
		.audit = since ? e->more.image_audit : s->audit,
	};

	if (since && !(e->id.more & MORE_IMAGE)) /* it is newer */
		return (struct at_instant){};
	if (e->id.more & MORE_FOLDED) {
		at.by_verdict[VERDICT_PASS] = e->more.passed;
		at.by_verdict[VERDICT_DROP] = e->more.dropped;
	}
	if (!since || !(e->id.more & MORE_IMAGE_FOLDED))
		count_add(&at.by_verdict[verdict], &at.pending);
	return at;
}

/* Jiffies of which 40 bits are known. */
static uint64_t last_jiffies(const struct snapshot *snapshot, const struct flow_state *s)
{
	const uint64_t mask = (1ULL << 40) - 1, low = LAST_SEEN(s->epoch, s->last);

	return snapshot->now.tick_ns ?
		       snapshot->now.jiffies - ((snapshot->now.jiffies - low) & mask) :
		       low;
}

static struct flow flow_of_entry(const struct snapshot *snapshot, enum hook_id hook,
				 const struct entry *e)
{
	const struct flow_state *s = &e->state;
	struct flow flow = {
		.hook = hook,
		.ifindex = e->id.ifindex,
		.family = e->id.kind & KIND_IP4	  ? 4
			  : e->id.kind & KIND_IP6 ? 6
						  : 0,
		.protocol = ID_PROTO(e->id.tags),
		.outer = ID_OUTER(e->id.tags),
		.inner = ID_INNER(e->id.tags),
		.sport = ntohs(e->id.sport),
		.dport = ntohs(e->id.dport),
		.tcp_flags = e->id.tcp_flags,
		.verdict = JUDGED_VERDICT(e->id.judged),
		.reason = JUDGED_REASON(e->id.judged) % REASONS,
		.beyond = e->id.kind & KIND_BEYOND,
		.slot = s->rule % MAX_SLOTS,
		.audit = s->audit,
		.first = s->first,
		.last = last_jiffies(snapshot, s),
	};

	flow.by[flow.verdict] = flow.slot;
	fill_addresses(e, &flow);
	if (snapshot->now.tick_ns) {
		flow.first = clock_realtime_monotonic(&snapshot->now, flow.first);
		flow.last = clock_realtime_jiffies(&snapshot->now, flow.last);
	}
	if (flow.verdict == VERDICT_DROP)
		flow.dropping = flow.last;
	return flow;
}

static int add_entry(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		     unsigned int cpu, const struct entry *entry, uint32_t epoch)
{
	const struct totals *totals = flow_map_totals(flows, cpu);
	const struct at_instant at = count_entry(entry, epoch);
	struct flow flow = flow_of_entry(snapshot, hook, entry);
	struct iface_totals *row;

	flow.passed = at.by_verdict[VERDICT_PASS];
	flow.dropped = at.by_verdict[VERDICT_DROP];
	/* One that was claimed a moment ago has not counted its first packet yet. */
	if (!flow_count(&flow).packets)
		return 0;
	row = totals_row(snapshot, hook,
			 totals_ifindex(totals, flows->opts.iface_slots, flow.ifindex));
	if (!row || array_grow(snapshot->flows, snapshot->flow_count) < 0)
		return -ENOMEM;
	for (int verdict = 0; verdict < VERDICTS; verdict++)
		count_add(&row->live[verdict], &at.by_verdict[verdict]);
	count_add(&snapshot->rules[at.rule % MAX_SLOTS], &at.pending);
	if (at.audit)
		count_add(&snapshot->rules[at.audit], &at.pending);
	snapshot->flows[snapshot->flow_count++] = flow;
	snapshot->entries[hook]++;
	return 0;
}

static void add_region(struct region *sum, const struct region *r)
{
	sum->inserted += __atomic_load_n(&r->inserted, __ATOMIC_RELAXED);
	sum->evicted += __atomic_load_n(&r->evicted, __ATOMIC_RELAXED);
	sum->no_table += __atomic_load_n(&r->no_table, __ATOMIC_RELAXED);
	sum->no_program += __atomic_load_n(&r->no_program, __ATOMIC_RELAXED);
}

int fill_entries(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		 unsigned int cpu, uint32_t epoch, struct share *share)
{
	int read = flow_map_entries(flows, cpu, share), r = 0;

	if (read == -ENOMEM)
		return read;
	for (size_t i = 0; i < share->count && !r; i++)
		r = add_entry(snapshot, hook, flows, cpu, &share->entries[i], epoch);
	add_region(&snapshot->region[hook], flow_map_region(flows, cpu));
	return r < 0 ? r : read;
}
