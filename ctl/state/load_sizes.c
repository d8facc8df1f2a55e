/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load_sizes.c - how large the tables are. */
#include <errno.h>
#include <sys/random.h>

#include <bpf/libbpf.h>

#include "load.h"

#define MAX_FLOWS (1U << 24) /* entries of a family: 2 GiB of IPv6 entries */

uint32_t load_map_entries(enum hook_map map, const struct load_opts *opts)
{
	switch (map) {
	case MAP_TAGS:
	case MAP_MORE:
		return opts->cpus * (opts->groups4 + opts->groups6);
	case MAP_FLOW4:
		return opts->cpus * opts->groups4;
	case MAP_FLOW6:
		return opts->cpus * opts->groups6;
	case MAP_TOTALS:
		return opts->cpus * opts->iface_slots;
	case MAP_CLOSED:
		return opts->cpus * RULE_SLOTS;
	case MAP_REGION:
	case HOOK_MAP_COUNT:
		break;
	}
	return opts->cpus;
}

uint64_t load_map_size(enum hook_map map, const struct load_opts *opts)
{
	static const uint64_t sizes[HOOK_MAP_COUNT] = {
		[MAP_TAGS] = sizeof(struct tag_group),	[MAP_FLOW4] = sizeof(struct flow4_group),
		[MAP_FLOW6] = sizeof(struct flow6_group), [MAP_MORE] = sizeof(struct more_group),
		[MAP_TOTALS] = sizeof(struct totals),
		[MAP_CLOSED] = sizeof(struct halves),	[MAP_REGION] = sizeof(struct region),
	};

	return sizes[map] * load_map_entries(map, opts);
}

uint64_t load_memory(const struct load_opts *opts)
{
	uint64_t page = sysconf(_SC_PAGESIZE), sum = 0;

	for (size_t i = 0; i < HOOK_MAP_COUNT; i++)
		sum += ROUND_UP(load_map_size(i, opts), page);
	return sum;
}

uint64_t load_bucket_memory(const struct load_opts *opts)
{
	return (1ULL + opts->buckets) * sizeof(struct bucket_set);
}

int load_opts_make(uint32_t flows, uint32_t buckets, size_t ifaces, struct load_opts *ret)
{
	struct load_opts opts = {.groups4 = 1, .buckets = 1, .iface_slots = IFACE_SLOTS_MIN, .tick_ns = 1};
	int cpus = libbpf_num_possible_cpus();
	uint32_t sets;

	if (cpus < 0)
		return cpus;
	buckets = buckets ? buckets : BUCKETS_DEFAULT;
	if (!flows || flows > MAX_FLOWS || buckets < BUCKETS_MIN || buckets > BUCKETS_MAX)
		return -ERANGE;
	opts.cpus = cpus;
	sets = (flows + WAYS * cpus - 1) / (WAYS * cpus);
	while (opts.groups4 < sets)
		opts.groups4 *= 2;
	opts.groups6 = opts.groups4;
	while (opts.buckets * BUCKET_WAYS < buckets)
		opts.buckets *= 2;
	while (opts.iface_slots < 4 * ifaces && opts.iface_slots < IFACE_SLOTS_MAX)
		opts.iface_slots *= 2;
	if (getrandom(opts.seed, sizeof(opts.seed), 0) != sizeof(opts.seed))
		return -errno;
	*ret = opts;
	return 0;
}
