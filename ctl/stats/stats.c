/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats.c - one reading of state, rules and counters, and the labels every view of it uses. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "../base/iface.h"
#include "../live/rules_read.h"
#include "snapshot_open.h"
#include "stats.h"

void stats_free(struct stats *stats)
{
	ruleset_free(&stats->rules);
	snapshot_free(&stats->snapshot);
	stack_free(&stats->stack);
	free(take_ptr(stats->ifaces));
	stats->iface_count = 0;
	free(take_ptr(stats->list));
	free(take_ptr(stats->before));
}

/* The interface -i names; one that is gone may still have counters under the name it had. */
static int find_filter(struct stats *stats, struct fault *fault)
{
	struct iface iface;
	int r;

	stats->filter.family = stats->options.family;
	if (!stats->options.iface)
		return 0;
	r = iface_by_name(stats->options.iface, &iface, fault);
	if (!r) {
		stats->filter.ifindex = iface.index;
		return 0;
	}
	for (uint32_t i = 0; i < stats->meta.attached_count; i++) {
		const struct attached *a = &stats->meta.attached[i];

		if (strncmp(a->name, stats->options.iface, sizeof(a->name)))
			continue;
		fault_clear(fault);
		stats->filter.ifindex = a->ifindex;
		return 0;
	}
	return r;
}

static int read_store(struct stats *stats, const struct store *store, struct fault *fault)
{
	int r;

	stats->meta = store->meta;
	r = find_filter(stats, fault);
	if (r < 0)
		return r;
	snapshot_free(&stats->snapshot);
	r = store_snapshot(store, &stats->snapshot, fault);
	if (!r)
		r = store_buckets(store, &stats->buckets);
	if (r < 0)
		return r;
	/* After the counters: a rule they name is there unless it has been deleted. */
	ruleset_free(&stats->rules);
	ruleset_init(&stats->rules);
	r = rules_read(store, &stats->rules, fault);
	if (r < 0)
		return r;
	memset(stats->ids, 0, sizeof(stats->ids));
	memset(stats->limits, 0, sizeof(stats->limits));
	for (size_t i = 0; i < stats->rules.count; i++) {
		struct rule *rule = &stats->rules.rules[i];
		uint32_t *slots[RULE_MOST_SLOTS];

		for (size_t n = rule_slots(rule, slots); n--;)
			stats->ids[*slots[n] % MAX_SLOTS] = rule->id;
		stats->limits[rule->slot % MAX_SLOTS] = rule->action == ACTION_LIMIT;
	}
	return 0;
}

static int make_conversations(struct stats *stats, struct fault *fault)
{
	const struct surroundings around = { &stats->stack, stats->meta.attached,
					     stats->meta.attached_count };
	int r;

	stack_free(&stats->stack);
	r = stack_read(&stats->stack);
	if (r < 0)
		return fault_set(fault, r, 0, "cannot ask the kernel about its interfaces");
	free(stats->before);
	stats->before = take_ptr(stats->list);
	stats->before_count = stats->list_count;
	return conversations_make(&stats->snapshot, &stats->filter, &around, &stats->list,
				  &stats->list_count);
}

int stats_read(struct stats *stats, struct fault *fault)
{
	struct store store;
	int r;

	free(take_ptr(stats->ifaces)); /* names may have changed */
	stats->iface_count = 0;
	stats->before_taken = stats->snapshot.taken;
	r = store_open(STORE_READ, &store, fault);
	if (r < 0)
		return r;
	r = read_store(stats, &store, fault);
	store_close(&store);
	return !r && stats->options.view->conversations ? make_conversations(stats, fault) : r;
}

static void name_iface(const struct stats *stats, uint32_t ifindex, char ret[16])
{
	struct iface iface;

	if (!ifindex) {
		strcpy(ret, "(other)");
		return;
	}
	if (!iface_by_index(ifindex, &iface)) {
		memcpy(ret, iface.name, 16);
		return;
	}
	for (uint32_t i = 0; i < stats->meta.attached_count; i++) {
		if (stats->meta.attached[i].ifindex == ifindex) {
			memcpy(ret, stats->meta.attached[i].name, 16);
			return;
		}
	}
	snprintf(ret, 16, "if%u", ifindex);
}

const char *stats_iface(struct stats *stats, uint32_t ifindex)
{
	struct stats_iface *iface;

	for (size_t i = 0; i < stats->iface_count; i++)
		if (stats->ifaces[i].index == ifindex)
			return stats->ifaces[i].name;
	if (array_grow(stats->ifaces, stats->iface_count) < 0)
		return "?";
	iface = &stats->ifaces[stats->iface_count++];
	*iface = (struct stats_iface){ .index = ifindex };
	name_iface(stats, ifindex, iface->name);
	return iface->name;
}

const char *stats_verdict(const struct stats *stats, enum verdict verdict, uint32_t slot,
			  uint32_t audit, enum reason reason, char buf[FORMAT_SIZE])
{
	const char *name = name_text(verdict_names, verdict);

	if (verdict == VERDICT_PASS && audit) {
		name = "audit";
		slot = audit;
	} else if (stats->limits[slot]) {
		name = "limit";
	}
	if (slot && stats->ids[slot])
		snprintf(buf, FORMAT_SIZE, "%s#%u", name, stats->ids[slot]);
	else if (verdict == VERDICT_DROP && (slot || reason == REASON_RULE || reason == REASON_LIMIT))
		snprintf(buf, FORMAT_SIZE, "%s#gone", name);
	else if (verdict == VERDICT_DROP)
		snprintf(buf, FORMAT_SIZE, "%s %s", name, stats_reason(reason));
	else
		snprintf(buf, FORMAT_SIZE, "%s", name_text(verdict_names, verdict));
	return buf;
}

json_t *stats_rule(const struct stats *stats, uint32_t slot)
{
	return slot && stats->ids[slot] ? json_integer(stats->ids[slot]) : json_null();
}

json_t *stats_time(uint64_t ns)
{
	char buf[OUT_TIME_SIZE];

	return json_string(out_time(ns, buf));
}

json_t *stats_address(uint8_t family, const struct addr6 *address)
{
	char buf[FORMAT_SIZE];

	return family ? json_string(format_address(family, address, buf)) : json_null();
}

static json_t *table_meta(const struct snapshot *s, enum hook_id hook)
{
	const struct region *r = &s->region[hook];

	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "hook", hook_name(hook), "entries",
			 (json_int_t)s->entries[hook], "capacity", (json_int_t)s->capacity[hook],
			 "overflow_packets", (json_int_t)s->unlisted[hook].packets, "overflow_bytes",
			 (json_int_t)s->unlisted[hook].bytes, "evicted", (json_int_t)r->evicted);
}

static json_t *buckets_meta(const struct buckets *b)
{
	return json_pack("{s:I, s:I, s:I}", "used", (json_int_t)b->used, "capacity",
			 (json_int_t)b->capacity, "full_packets", (json_int_t)b->full);
}

/* Of 1000, 250 or 100 ticks a second an integer; of 300 it can't be. */
static json_t *tick_meta(uint64_t tick_ns)
{
	const uint64_t ms_ns = 1000000;

	return tick_ns % ms_ns ? json_real((double)tick_ns / (double)ms_ns) :
				 json_integer((json_int_t)(tick_ns / ms_ns));
}

json_t *stats_meta(const struct stats *stats)
{
	const struct snapshot *s = &stats->snapshot;
	json_t *tables = json_array();

	for (int hook = 0; hook < HOOKS; hook++)
		if (s->hooks[hook])
			json_array_append_new(tables, table_meta(s, hook));
	return json_pack("{s:o, s:I, s:s, s:b, s:I, s:o, s:o, s:o}", "time", stats_time(s->taken),
			 "generation", (json_int_t)stats->rules.generation, "policy",
			 name_text(verdict_names, stats->rules.policy), "exact", s->exact, "flows",
			 (json_int_t)s->flow_count, "tick_ms", tick_meta(stats->meta.opts.tick_ns),
			 "tables", tables, "buckets", buckets_meta(&stats->buckets));
}

const char *stats_tables(const struct stats *stats, char *buf, size_t size)
{
	const struct snapshot *s = &stats->snapshot;
	uint64_t entries = 0, capacity = 0, overflow = 0, evicted = 0;
	char number[OUT_SI_SIZE];
	int n;

	for (int hook = 0; hook < HOOKS; hook++) {
		entries += s->entries[hook];
		capacity += s->capacity[hook];
		overflow += s->unlisted[hook].packets;
		evicted += s->region[hook].evicted;
	}
	n = snprintf(buf, size, "table %llu/%llu overflow %sp", (unsigned long long)entries,
		     (unsigned long long)capacity, out_si((double)overflow, number));
	if (evicted)
		n += snprintf(buf + n, size - n, " evicted %s", out_si((double)evicted, number));
	if (stats->buckets.full)
		n += snprintf(buf + n, size - n, " buckets full %sp",
			      out_si((double)stats->buckets.full, number));
	if (!s->exact)
		snprintf(buf + n, size - n, " inexact");
	return buf;
}
