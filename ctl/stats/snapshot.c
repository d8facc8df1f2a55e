/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot.c - reads all hooks' counters as of one instant, and merges the entries of one flow. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "../base/addr.h"
#include "../base/array.h"
#include "epoch.h"
#include "snapshot_fill.h"

#define TRIES 4 /* to find nothing moved; all but the first hold it */

/* All that one reading goes by. */
struct reading {
	const struct snapshot_source *source;
	struct flow_map *maps[HOOKS]; /* NULL: not read */
	uint64_t *moves[HOOKS];	      /* of each CPU, before the epoch */
	struct share share;
	struct snapshot *snapshot;
};

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->flows);
	free(snapshot->totals);
	free(snapshot->rules);
	*snapshot = (struct snapshot){};
}

static int clear(struct reading *r)
{
	const struct snapshot_source *source = r->source;
	struct snapshot *s = r->snapshot;

	snapshot_free(s);
	/* Slots that no block has yet count nothing. */
	s->rules = calloc(MAX_SLOTS, sizeof(*s->rules));
	if (!s->rules)
		return -ENOMEM;
	for (int hook = 0; hook < HOOKS; hook++) {
		s->hooks[hook] = source->hooks[hook];
		if (source->hooks[hook])
			s->capacity[hook] = (uint64_t)source->opts->cpus * WAYS *
					    ((uint64_t)source->opts->groups4 + source->opts->groups6);
	}
	return 0;
}

static int open_hook(struct reading *r, enum hook_id hook)
{
	const struct snapshot_source *source = r->source;
	struct flow_map *flows = calloc(1, sizeof(*flows));
	int error;

	r->moves[hook] = calloc(source->opts->cpus, sizeof(*r->moves[hook]));
	if (!flows || !r->moves[hook]) {
		free(flows);
		return -ENOMEM;
	}
	error = flow_map_open(source->maps[hook], source->opts, flows);
	if (error < 0) {
		free(flows);
		return error;
	}
	r->maps[hook] = flows;
	return source->blocks ? flow_map_add_blocks(flows, hook, source->blocks) : 0;
}

static void close_hook(struct reading *r, enum hook_id hook)
{
	if (r->maps[hook])
		flow_map_close(r->maps[hook]);
	free(r->maps[hook]);
	free(r->moves[hook]);
}

static int fill_half(struct reading *r, unsigned int half)
{
	int error = 0;

	for (int hook = 0; hook < HOOKS; hook++)
		for (unsigned int cpu = 0; r->maps[hook] && cpu < r->source->opts->cpus && !error;
		     cpu++)
			error = fill_counters(r->snapshot, hook, r->maps[hook], cpu, half);
	return error;
}

static int fill_all_entries(struct reading *r, uint32_t epoch)
{
	int error = 0;

	for (int hook = 0; hook < HOOKS; hook++)
		for (unsigned int cpu = 0; r->maps[hook] && cpu < r->source->opts->cpus; cpu++) {
			int one = fill_entries(r->snapshot, hook, r->maps[hook], cpu, epoch,
					       &r->share);

			if (one == -ENOMEM)
				return one;
			error = one < 0 ? one : error;
		}
	return error;
}

/* Remember how many moves were begun, or compare with that; true: none since, and none half done. */
static bool stood_still(struct reading *r, bool remember)
{
	bool still = true;

	for (int hook = 0; hook < HOOKS; hook++)
		for (unsigned int cpu = 0; r->maps[hook] && cpu < r->source->opts->cpus; cpu++) {
			const struct region *region = flow_map_region(r->maps[hook], cpu);
			uint64_t done = __atomic_load_n(&region->moves_done, __ATOMIC_ACQUIRE);
			uint64_t begun = __atomic_load_n(&region->moves_begun, __ATOMIC_ACQUIRE);

			if (remember)
				r->moves[hook][cpu] = begun;
			still &= begun == done && begun == r->moves[hook][cpu];
		}
	return still;
}

/* Both sides of the account, which packets have counted each by itself. */
static bool closes(const struct snapshot *s)
{
	for (size_t i = 0; i < s->totals_count; i++) {
		const struct iface_totals *t = &s->totals[i];

		for (int v = 0; v < VERDICTS; v++)
			if (t->live[v].packets + t->closed[v].packets != t->verdict[v].packets ||
			    t->live[v].bytes + t->closed[v].bytes != t->verdict[v].bytes)
				return false;
	}
	return true;
}

/* 0: exact; -EAGAIN: something moved meanwhile. */
static int read_epoch(struct reading *r, struct epoch *epoch)
{
	int error = clear(r);
	bool still;

	if (error < 0)
		return error;
	error = fill_half(r, epoch_settle(epoch));
	if (error < 0)
		return error;
	stood_still(r, true);
	epoch_begin(epoch);
	r->snapshot->taken = epoch->begun;
	if (r->source->clock)
		clock_now(r->source->clock, &r->snapshot->now);
	error = fill_half(r, !EPOCH_HALF(epoch->current));
	if (!error)
		error = fill_all_entries(r, epoch->current);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	still = stood_still(r, false) && epoch_lasts(epoch);
	return error ? error : still && closes(r->snapshot) ? 0 : -EAGAIN;
}

/* Without the right to begin an epoch: exact when nothing is counted meanwhile. */
static int read_as_it_goes(struct reading *r)
{
	struct timespec now;
	int error = clear(r);

	clock_gettime(CLOCK_REALTIME, &now);
	if (!error)
		error = fill_half(r, 0);
	if (!error)
		error = fill_half(r, 1);
	if (error < 0)
		return error;
	r->snapshot->taken = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (r->source->clock)
		clock_now(r->source->clock, &r->snapshot->now);
	stood_still(r, true);
	error = fill_all_entries(r, NO_EPOCH);
	if (!error && !(stood_still(r, false) && closes(r->snapshot)))
		error = -EAGAIN;
	return error;
}

static int read_all(struct reading *r)
{
	const struct snapshot_source *source = r->source;
	struct epoch epoch;
	int error = -EAGAIN;

	epoch_open(source->control_map, source->lock, source->clock, source->at_rest, &epoch);
	if (!epoch.control)
		error = read_as_it_goes(r);
	for (int i = 0; epoch.control && error == -EAGAIN && i < TRIES; i++) {
		if (i && !epoch_hold(&epoch))
			break;
		error = read_epoch(r, &epoch);
	}
	if (epoch.control)
		epoch_close(&epoch);
	return error;
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

/*
 * Why the last packet was dropped, and by which rule. An entry that passes may have dropped long ago, and what a limit
 * drops is sorted last, whenever that was.
 */
static void take_drop(struct flow *flow, const struct flow *entry)
{
	if (entry->dropping > flow->dropping) {
		flow->dropping = entry->dropping;
		flow->reason = entry->reason;
		flow->by[VERDICT_DROP] = entry->by[VERDICT_DROP];
	} else if (!flow->reason) {
		flow->reason = entry->reason;
	}
}

static void merge_entries(struct snapshot *snapshot)
{
	struct flow *flows = snapshot->flows;
	size_t kept = 0;

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
		take_drop(last, &flows[i]);
		for (int v = 0; v < VERDICTS; v++)
			if (!last->by[v])
				last->by[v] = flows[i].by[v];
		last->tcp_flags |= flows[i].tcp_flags;
		last->first = MIN(last->first, flows[i].first);
		last->last = MAX(last->last, flows[i].last);
	}
	snapshot->flow_count = kept;
}

int snapshot_take(const struct snapshot_source *source, struct snapshot *ret, struct fault *fault)
{
	struct reading r = { .source = source, .snapshot = ret };
	int error = 0;

	*ret = (struct snapshot){};
	for (int hook = 0; hook < HOOKS && !error; hook++)
		if (source->hooks[hook])
			error = open_hook(&r, hook);
	if (error < 0)
		fault_set(fault, error, 0, "cannot map the counters of a hook: %s", strerror(-error));
	else
		error = read_all(&r);
	for (int hook = 0; hook < HOOKS; hook++)
		close_hook(&r, hook);
	free(r.share.entries);
	ret->exact = !error;
	if (error == -EAGAIN)
		error = 0;
	if (error < 0) {
		snapshot_free(ret);
		return error;
	}
	merge_entries(ret);
	if (ret->totals_count)
		qsort(ret->totals, ret->totals_count, sizeof(*ret->totals), compare_totals);
	return 0;
}
