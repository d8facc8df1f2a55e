/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* frames.c - adds up what every CPU's TC egress let pass by one interface. */
#include <errno.h>

#include "../state/load.h"
#include "frames.h"

int frames_open(const struct store *store, struct frames_view *ret)
{
	struct frames_view view = {.opts = store->meta.opts};
	int maps[HOOK_MAP_COUNT];
	int r = store_maps(store, HOOK_TC, maps);

	if (r < 0)
		return r;
	r = view_open(maps[MAP_TOTALS], load_map_size(MAP_TOTALS, &view.opts), false, &view.totals);
	store_close_maps(maps, HOOK_MAP_COUNT);
	if (!r)
		*ret = view;
	return r;
}

static uint64_t read_word(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static uint64_t passed(const struct totals *t)
{
	uint64_t sum = 0;

#define X(id, verdict, name, text)               \
	if (VERDICT_##verdict == VERDICT_PASS) \
		sum += read_word(&t->half[0].seen[REASON_##id].packets) + \
		       read_word(&t->half[1].seen[REASON_##id].packets);
	NETCTL_REASONS(X)
#undef X
	return sum;
}

static uint64_t extra_of(const struct totals *t)
{
	return read_word(&t->half[0].extra) + read_word(&t->half[1].extra);
}

/* The interface's counters on a CPU, or NULL: it has none there, or those that many share. */
static const struct totals *find(const struct totals *totals, uint32_t slots, uint32_t ifindex)
{
	for (uint32_t probe = 0; probe < TOTALS_PROBES; probe++)
		if (totals[TOTALS_SLOT(ifindex, probe, slots)].ifindex == ifindex)
			return &totals[TOTALS_SLOT(ifindex, probe, slots)];
	return NULL;
}

struct frames frames_read(const struct frames_view *view, uint32_t ifindex, bool most)
{
	const struct totals *totals = view->totals.at;
	const uint32_t slots = view->opts.iface_slots;
	struct frames sum = {.apart = true};

	for (uint32_t cpu = 0; cpu < view->opts.cpus; cpu++, totals += slots) {
		const struct totals *t = find(totals, slots, ifindex);
		uint64_t extra = most && t ? extra_of(t) : 0;

		if (!t) {
			sum.apart = sum.apart && !passed(&totals[slots - 1]);
			continue;
		}
		sum.packets += passed(t);
		sum.extra += most ? extra : extra_of(t);
	}
	return sum;
}
