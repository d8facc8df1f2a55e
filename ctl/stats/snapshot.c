/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot.c - adds up every CPU's share of a hook's counters, and merges the entries of one flow. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>
#include <bpf/bpf.h>

#include "../base/addr.h"
#include "../base/array.h"
#include "snapshot.h"
#include "flow_map.h"

#define FREE_TRIES 5  /* to read a share between two evictions */
#define HELD_TRIES 20 /* with evictions held */
#define HOLD_MS 50    /* evictions are held that long, and no longer by a reader that is killed */
#define NAP_NS 500000

static const enum verdict reason_verdict[] = {
#define X(id, verdict, name, text) VERDICT_##verdict,
	NETCTL_REASONS(X)
#undef X
};

int snapshot_begin(struct snapshot *snapshot, const struct clock *clock,
		   const struct blocks *blocks)
{
	*snapshot = (struct snapshot){ .exact = true, .blocks = blocks };
	if (clock) {
		snapshot->clock = *clock;
		clock_now(clock, &snapshot->now);
	}
	/* Slots that no block has yet count nothing. */
	snapshot->rules = calloc(MAX_SLOTS, sizeof(*snapshot->rules));
	return snapshot->rules ? 0 : -ENOMEM;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->flows);
	free(snapshot->totals);
	free(snapshot->rules);
	*snapshot = (struct snapshot){};
}

static void count_add(struct count *to, const struct count *from)
{
	to->packets += from->packets;
	to->bytes += from->bytes;
}

/* The row of an interface at a hook, added if need be; NULL without memory. */
static struct iface_totals *totals_row(struct snapshot *snapshot, enum hook_id hook,
				       uint32_t ifindex)
{
	struct iface_totals *row;

	for (size_t i = 0; i < snapshot->totals_count; i++)
		if (snapshot->totals[i].hook == hook && snapshot->totals[i].ifindex == ifindex)
			return &snapshot->totals[i];
	if (array_grow(snapshot->totals, snapshot->totals_count) < 0)
		return NULL;
	row = &snapshot->totals[snapshot->totals_count++];
	*row = (struct iface_totals){.hook = hook, .ifindex = ifindex};
	return row;
}

static bool totals_used(const struct totals *t)
{
	uint64_t any = t->ifindex;

	for (int i = 0; i < VERDICTS; i++)
		any |= t->closed[i].packets | t->closed[i].bytes;
	for (int i = 0; i < REASONS; i++)
		any |= t->seen[i].packets;
	return any;
}

static int add_totals(struct snapshot *snapshot, enum hook_id hook, uint32_t slots,
		      const struct share *share)
{
	for (uint32_t slot = 0; slot < slots; slot++) {
		const struct totals *t = &share->totals[slot];
		struct iface_totals *row;

		if (!totals_used(t))
			continue;
		row = totals_row(snapshot, hook, t->ifindex);
		if (!row)
			return -ENOMEM;
		for (int i = 0; i < REASONS; i++) {
			count_add(&row->seen[i], &t->seen[i]);
			count_add(&row->verdict[reason_verdict[i]], &t->seen[i]);
		}
		for (int i = 0; i < VERDICTS; i++)
			count_add(&row->closed[i], &t->closed[i]);
	}
	return 0;
}

/* An interface that found no slot on this CPU is counted in the last one, as interface 0. */
static uint32_t totals_ifindex(const struct share *share, uint32_t slots, uint32_t ifindex)
{
	for (uint32_t probe = 0; probe < TOTALS_PROBES; probe++)
		if (share->totals[TOTALS_SLOT(ifindex, probe, slots)].ifindex == ifindex)
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

static struct flow flow_of_entry(const struct snapshot *snapshot, enum hook_id hook,
				 const struct entry *e)
{
	const struct flow_state *s = &e->state;
	struct count count = { e->sum.packets + PENDING_PACKETS(s->pending),
			       e->sum.bytes + PENDING_BYTES(s->pending) };
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
		.verdict = e->id.verdict == VERDICT_DROP ? VERDICT_DROP : VERDICT_PASS,
		.beyond = e->id.kind & KIND_BEYOND,
		.slot = s->rule % MAX_SLOTS,
		.audit = s->audit,
		.first = s->first,
		.last = s->last,
	};

	if (flow.verdict == VERDICT_DROP) {
		flow.dropped = count;
		flow.reason = flow.beyond ? REASON_LIMIT : flow.slot ? REASON_RULE : REASON_POLICY;
	} else {
		flow.passed = count;
	}
	fill_addresses(e, &flow);
	if (snapshot->now.tick_ns) {
		flow.first = clock_realtime(&snapshot->now, s->first);
		flow.last = clock_realtime(&snapshot->now, s->last);
	}
	return flow;
}

static int add_flows(struct snapshot *snapshot, enum hook_id hook, uint32_t slots,
		     const struct share *share)
{
	for (size_t i = 0; i < share->count; i++) {
		struct flow flow = flow_of_entry(snapshot, hook, &share->entries[i]);
		struct iface_totals *row;
		struct count count;

		row = totals_row(snapshot, hook, totals_ifindex(share, slots, flow.ifindex));
		if (!row || array_grow(snapshot->flows, snapshot->flow_count) < 0)
			return -ENOMEM;
		count = flow_count(&flow);
		count_add(&row->live[VERDICT_PASS], &flow.passed);
		count_add(&row->live[VERDICT_DROP], &flow.dropped);
		count_add(&snapshot->rules[flow.slot], &count);
		if (flow.audit)
			count_add(&snapshot->rules[flow.audit], &count);
		snapshot->flows[snapshot->flow_count++] = flow;
	}
	snapshot->entries[hook] += share->count;
	return 0;
}

static void add_region(struct snapshot *snapshot, enum hook_id hook, const struct region *r)
{
	struct region *sum = &snapshot->region[hook];

	sum->moves_begun += r->moves_begun;
	sum->moves_done += r->moves_done;
	sum->inserted += r->inserted;
	sum->evicted += r->evicted;
	count_add(&sum->unlisted, &r->unlisted);
	sum->no_table += r->no_table;
	sum->no_program += r->no_program;
}

/* Ask the packet path to evict nothing for a while, or let it evict again. */
static int hold(const struct snapshot *snapshot, int control_map, bool on)
{
	struct control control = {};
	struct instant now;
	__u32 zero = 0;

	if (control_map < 0 || !snapshot->clock.tick_ns)
		return -EPERM;
	if (on) {
		clock_now(&snapshot->clock, &now);
		control.hold_until = now.jiffies + HOLD_MS * 1000000ULL / now.tick_ns + 1;
	}
	return bpf_map_update_elem(control_map, &zero, &control, BPF_EXIST);
}

/* -EAGAIN: still moving after all, *share is as near as one gets. */
static int read_share(const struct snapshot *snapshot, const struct flow_map *flows,
		      unsigned int cpu, int control_map, bool *held, struct share *share)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	int r = -EAGAIN;

	for (int i = 0; r == -EAGAIN && i < FREE_TRIES + HELD_TRIES; i++) {
		/* Again each time: another reader may have let go of it. */
		if (i >= FREE_TRIES) {
			if (hold(snapshot, control_map, true) < 0)
				break;
			*held = true;
		}
		if (i)
			nanosleep(&nap, NULL);
		r = flow_map_read(flows, cpu, share);
	}
	return r;
}

static int add_share(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		     const struct share *share)
{
	const uint32_t slots = flows->opts.iface_slots;
	int r = add_totals(snapshot, hook, slots, share);

	if (r < 0)
		return r;
	for (size_t i = 0; i < (size_t)flows->blocks * RULE_SLOTS; i++)
		count_add(&snapshot->rules[i], &share->closed[i]);
	add_region(snapshot, hook, &share->region);
	return add_flows(snapshot, hook, slots, share);
}

static int add_cpus(struct snapshot *snapshot, enum hook_id hook, const struct flow_map *flows,
		    int control_map, bool *held)
{
	autofree struct share *share = calloc(1, sizeof(*share));
	int r = share ? 0 : -ENOMEM;

	for (unsigned int cpu = 0; !r && cpu < flows->opts.cpus; cpu++) {
		r = read_share(snapshot, flows, cpu, control_map, held, share);
		if (r == -EAGAIN) {
			snapshot->exact = false;
			r = 0;
		}
		if (!r)
			r = add_share(snapshot, hook, flows, share);
	}
	if (share) {
		free(share->entries);
		free(share->closed);
		free(share->totals);
	}
	return r;
}

int snapshot_add(struct snapshot *snapshot, enum hook_id hook, const int maps[HOOK_MAP_COUNT],
		 int control_map, const struct load_opts *opts, struct fault *fault)
{
	struct flow_map flows;
	bool held = false;
	int r = flow_map_open(maps, opts, &flows);

	if (r < 0)
		return fault_set(fault, r, 0, "cannot map the counters of a hook: %s",
				 strerror(-r));
	if (snapshot->blocks)
		r = flow_map_add_blocks(&flows, hook, snapshot->blocks);
	if (!r)
		r = add_cpus(snapshot, hook, &flows, control_map, &held);
	if (held)
		hold(snapshot, control_map, false);
	flow_map_close(&flows);
	snapshot->hooks[hook] = true;
	snapshot->capacity[hook] =
		(uint64_t)opts->cpus * ((uint64_t)opts->groups4 + opts->groups6) * WAYS;
	return r;
}

/* By identity alone. */
static int compare_flows(const struct flow *a, const struct flow *b)
{
	return COMPARE(a->hook, b->hook) ?: COMPARE(a->ifindex, b->ifindex) ?:
	       COMPARE(a->family, b->family) ?: addr_compare(&a->src, &b->src) ?:
	       addr_compare(&a->dst, &b->dst) ?: COMPARE(a->protocol, b->protocol) ?:
	       COMPARE(a->sport, b->sport) ?: COMPARE(a->dport, b->dport) ?:
	       COMPARE(a->outer, b->outer) ?: COMPARE(a->inner, b->inner);
}

/*
 * Of one flow's entries the one seen last comes first: its verdict is the one shown. What a limit dropped comes last:
 * a flow it slows down would show as passed and as dropped by turns.
 */
static int compare_entries(const void *pa, const void *pb)
{
	const struct flow *a = pa, *b = pb;

	return compare_flows(a, b) ?: a->beyond - b->beyond ?: COMPARE(b->last, a->last);
}

static int compare_totals(const void *pa, const void *pb)
{
	const struct iface_totals *a = pa, *b = pb;

	return COMPARE(a->hook, b->hook) ?: COMPARE(a->ifindex, b->ifindex);
}

void snapshot_finish(struct snapshot *snapshot)
{
	struct flow *flows = snapshot->flows;
	struct timespec now;
	size_t kept = 0;

	snapshot->blocks = NULL;
	if (snapshot->flow_count)
		qsort(flows, snapshot->flow_count, sizeof(*flows), compare_entries);
	for (size_t i = 0; i < snapshot->flow_count; i++) {
		struct flow *last = kept ? &flows[kept - 1] : NULL;

		if (!last || compare_flows(last, &flows[i])) {
			flows[kept++] = flows[i];
			continue;
		}
		count_add(&last->passed, &flows[i].passed);
		count_add(&last->dropped, &flows[i].dropped);
		if (!last->reason)
			last->reason = flows[i].reason;
		last->tcp_flags |= flows[i].tcp_flags;
		last->first = MIN(last->first, flows[i].first);
		last->last = MAX(last->last, flows[i].last);
	}
	snapshot->flow_count = kept;
	if (snapshot->totals_count)
		qsort(snapshot->totals, snapshot->totals_count, sizeof(*snapshot->totals),
		      compare_totals);
	clock_gettime(CLOCK_REALTIME, &now);
	snapshot->taken = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
