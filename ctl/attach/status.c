/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* status.c - gathers the state of one network namespace; changes nothing and waits for no lock. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../live/rules_read.h"
#include "../state/pin.h"
#include "../state/swap.h"
#include "../stats/snapshot_open.h"
#include "attached.h"
#include "status.h"

bool status_compares(const struct status_row *row)
{
	return row->attached.hook == HOOK_TC && !row->place.gone;
}

static int read_rows(const struct store *store, struct status *ret, struct fault *fault)
{
	struct iface iface;
	int r = 0;

	for (uint32_t i = 0; i < store->meta.attached_count && !r; i++) {
		struct status_row *row = &ret->rows[ret->count++];

		row->attached = store->meta.attached[i];
		r = attached_place(store, &row->attached, &row->place);
		memcpy(row->name, row->attached.name, sizeof(row->name));
		if (!iface_by_index(row->attached.ifindex, &iface))
			memcpy(row->name, iface.name, sizeof(row->name));
	}
	return r < 0 ? store_fault(r, fault) : 0;
}

/* Filters of a qdisc come after all programs of tcx, ours among them. */
static bool programs_behind(const struct status_row *row)
{
	return row->place.position < row->place.programs ||
	       (!attached_by_clsact(&row->attached) && iface_egress_filters(row->attached.ifindex));
}

static int read_unseen(const struct store *store, struct status *ret)
{
	autofree const struct attached **attached = calloc(ret->count + 1, sizeof(*attached));
	autofree struct unseen_frames *unseen = calloc(ret->count + 1, sizeof(*unseen));
	autofree size_t *rows = calloc(ret->count + 1, sizeof(*rows));
	autofree bool *behind = calloc(ret->count + 1, sizeof(*behind));
	size_t count = 0;
	int r = 0;

	if (!attached || !unseen || !rows || !behind)
		return -ENOMEM;
	for (size_t i = 0; i < ret->count; i++) {
		const struct status_row *row = &ret->rows[i];

		if (!status_compares(row))
			continue;
		attached[count] = &row->attached;
		behind[count] = programs_behind(row);
		rows[count++] = i;
	}
	if (count)
		r = unseen_read(store, attached, behind, count, unseen);
	for (size_t i = 0; i < count; i++)
		ret->rows[rows[i]].unseen = unseen[i];
	return r;
}

static int read_rules(const struct store *store, struct status *ret, struct fault *fault)
{
	struct ruleset rules;
	int r = rules_read_cost(store, &rules, &ret->worst, fault);

	if (r)
		return r;
	ret->generation = rules.generation;
	ret->rules = rules.count;
	ret->policy = rules.policy;
	r = ret->kept ? 0 : below_read(store, &rules, &ret->below);
	ruleset_free(&rules);
	return r ? store_fault(r, fault) : 0;
}

static bool slot_empty(int map)
{
	uint32_t slot = 0, id;

	return map >= 0 && bpf_map_lookup_elem(map, &slot, &id) && errno == ENOENT;
}

static void read_gates(const struct store *store, struct status *ret)
{
	autoclose int jump = store_pin(store, "nf_jump");
	autoclose int front = store_pin(store, "xdp_jump");
	autoclose int behind = store_pin(store, "xdp_prog");
	autoclose int rules = store_pin(store, "rules");
	bool closed = slot_empty(rules), due = !closed && store_rules_due(store);

	ret->tables[HOOK_NF].faults[STATUS_JUMP_EMPTY] = slot_empty(jump);
	ret->tables[HOOK_XDP].faults[STATUS_JUMP_EMPTY] = behind >= 0 && slot_empty(front);
	for (int hook = 0; hook < HOOKS; hook++) {
		struct status_table *table = &ret->tables[hook];

		table->faults[STATUS_GATE_CLOSED] = table->loaded && closed;
		table->faults[STATUS_RULES_DUE] = table->loaded && due;
	}
}

static void read_other(const struct iface_totals *totals, struct status_table *table)
{
	for (int verdict = 0; verdict < VERDICTS; verdict++) {
		table->other.packets += totals->verdict[verdict].packets;
		table->other.bytes += totals->verdict[verdict].bytes;
	}
}

static int read_tables(const struct store *store, struct status *ret, struct fault *fault)
{
	autofree struct snapshot *snapshot = malloc(sizeof(*snapshot));
	int r;

	if (!snapshot)
		return -ENOMEM;
	r = store_snapshot(store, snapshot, fault);
	if (r)
		return r;
	for (int hook = 0; hook < HOOKS; hook++) {
		const struct region *region = &snapshot->region[hook];
		struct status_table *table = &ret->tables[hook];

		table->loaded = snapshot->hooks[hook];
		table->entries = snapshot->entries[hook];
		table->capacity = snapshot->capacity[hook];
		table->memory = load_memory(&store->meta.opts);
		table->evicted = region->evicted;
		table->unlisted = snapshot->unlisted[hook];
		table->faults[STATUS_NO_TABLE] = region->no_table;
		table->faults[STATUS_NO_PROGRAM] = region->no_program;
	}
	for (size_t i = 0; i < snapshot->totals_count; i++)
		if (!snapshot->totals[i].ifindex)
			read_other(&snapshot->totals[i], &ret->tables[snapshot->totals[i].hook]);
	snapshot_free(snapshot);
	return 0;
}

static int read_attached(const struct store *store, struct status *ret, struct fault *fault)
{
	int r = read_rows(store, ret, fault);

	if (!r)
		r = read_unseen(store, ret);
	if (!r)
		r = read_tables(store, ret, fault);
	read_gates(store, ret);
	return r ? r : store_buckets(store, &ret->buckets);
}

int status_read(struct status *ret, struct fault *fault)
{
	struct store store;
	int r;

	libbpf_set_print(NULL);
	r = store_open(STORE_READ, &store, fault);

	if (r)
		return r;
	*ret = (struct status){.nf_priority = store.meta.nf_priority, .kept = store_is_kept(&store)};
	if (!ret->kept)
		r = read_attached(&store, ret, fault);
	if (!r && !ret->tables[HOOK_XDP].faults[STATUS_GATE_CLOSED])
		r = read_rules(&store, ret, fault);
	store_close(&store);
	return r;
}
