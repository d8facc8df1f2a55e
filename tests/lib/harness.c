/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * harness.c - loads the programs, compiles rules into them, test-runs frames and reads the counters
 * back.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../ctl/check/check.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/live/ifaces.h"
#include "../../ctl/text/rule_parse.h"
#include "busy_cpu.h"
#include "harness.h"

static int map_memory(struct harness *h, enum hook_id hook)
{
	const size_t entry[HOOK_MAP_COUNT] = {
		[MAP_TAGS] = sizeof(struct tag_group),	[MAP_FLOW4] = sizeof(struct flow4_group),
		[MAP_FLOW6] = sizeof(struct flow6_group), [MAP_MORE] = sizeof(struct more_group),
		[MAP_TOTALS] = sizeof(struct totals),
		[MAP_CLOSED] = sizeof(struct halves),	[MAP_REGION] = sizeof(struct region),
	};
	struct bpf_map_info info;
	__u32 size;
	void *at;

	for (int i = 0; i < HOOK_MAP_COUNT; i++) {
		size = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (bpf_map_get_info_by_fd(h->hook[hook].maps[i], &info, &size) < 0)
			return -errno;
		if (info.value_size != entry[i])
			return -EUCLEAN;
		h->memory[hook][i].size = entry[i] * info.max_entries;
		at = mmap(NULL, h->memory[hook][i].size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  h->hook[hook].maps[i], 0);
		if (at == MAP_FAILED)
			return -errno;
		h->memory[hook][i].at = at;
	}
	return 0;
}

int harness_open(unsigned int hooks, uint32_t flows, struct harness *ret, struct fault *fault)
{
	const int *shared = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	ruleset_init(&ret->rules);
	r = load_opts_make(flows, MAX(flows, BUCKETS_DEFAULT), 0, &ret->opts);
	if (r < 0)
		return r;
	ret->blocks.count = 1;
	ret->blob = calloc(1, BLOB_MAX);
	if (!ret->blob)
		return -ENOMEM;
	for (int i = 0; i < HOOKS; i++) {
		if (!(hooks & 1 << i))
			continue;
		load_init(i, &ret->opts, &ret->hook[i]);
		ret->have[i] = true;
		r = shared ? load_share(shared, ret->hook[i].shared) : 0;
		if (!r)
			r = load_programs(&ret->hook[i], hook_programs(i), fault);
		if (r < 0)
			return r;
		shared = ret->hook[i].shared;
		r = map_memory(ret, i);
		if (r < 0)
			return fault_set(fault, r, 0, "cannot map the tables of a hook");
	}
	return harness_rules(ret, VERDICT_PASS, NULL, 0, fault);
}

int harness_open_alone(unsigned int hooks, uint32_t flows, struct harness *ret,
		       unsigned int *ret_cpu, struct fault *fault)
{
	unsigned int cpu = sched_getcpu();
	int r = pin_to_cpu(cpu);

	if (r)
		return fault_set(fault, -r, 0, "cannot stay on one CPU");
	if (unshare(CLONE_NEWNET) < 0)
		return fault_set(fault, -errno, 0, "cannot make a network namespace");
	*ret_cpu = cpu;
	return harness_open(hooks, flows, ret, fault);
}

void harness_close(struct harness *h)
{
	if (h->fragments)
		munmap(h->fragments, FRAGMENT_MEMORY);
	harness_output_close(h);
	for (int i = 0; i < HOOKS; i++) {
		for (int map = 0; map < HOOK_MAP_COUNT; map++) {
			if (h->memory[i][map].at)
				munmap(h->memory[i][map].at, h->memory[i][map].size);
		}
		if (h->have[i])
			load_free(&h->hook[i]);
	}
	while (h->blocks.count > 1)
		close(h->blocks.fd[--h->blocks.count]);
	ruleset_free(&h->rules);
	free(h->blob);
	memset(h, 0, sizeof(*h));
}

int harness_parse(enum verdict policy, const char *const *texts, size_t count,
		  struct ruleset *rules, struct fault *fault)
{
	struct rule rule;
	int r;

	ruleset_init(rules);
	rules->policy = policy;
	for (size_t i = 0; i < count; i++) {
		memset(&rule, 0, sizeof(rule));
		r = rule_parse(texts[i], &rule, fault);
		if (r < 0)
			return r;
		r = ruleset_insert(rules, rules->count, &rule, fault);
		if (r < 0) {
			rule_free(&rule);
			return r;
		}
	}
	return 0;
}

static const int *shared_maps(const struct harness *h)
{
	for (int i = 0; i < HOOKS; i++)
		if (h->have[i])
			return h->hook[i].shared;
	return NULL;
}

int harness_need_blocks(struct harness *h, const struct ruleset *rules)
{
	int blocks_map = shared_maps(h) ? shared_maps(h)[SHARED_BLOCKS] : -1;
	struct blocks *b = &h->blocks;

	for (; b->count <= (rules->next_slot - 1) / RULE_SLOTS; b->count++) {
		int fd = load_block(&h->opts), r;

		if (fd < 0)
			return fd;
		r = load_slot(blocks_map, b->count, fd);
		if (r < 0)
			return r;
		b->fd[b->count] = fd;
	}
	return 0;
}

int harness_compile(struct harness *h, struct ruleset *rules, struct fault *fault)
{
	int r;

	rules->generation = h->generation;
	memset(h->blob, 0, sizeof(*h->blob));
	r = ifaces_find(rules, false, fault);
	if (!r)
		r = ruleset_compile(rules, h->blob, fault);
	if (!r && shared_maps(h))
		r = harness_need_blocks(h, rules);
	if (r < 0)
		return r;
	h->generation = rules->generation = h->blob->generation;
	return 0;
}

int harness_force(struct harness *h, enum force force)
{
	const int *shared = shared_maps(h);
	autoclose int blob = -1;
	struct parts parts = {};
	int r;

	if (!shared)
		return 0;
	blob = load_blob(h->blob);
	r = blob < 0 ? blob : load_parts(h->blob, &parts);
	if (!r && force == FORCE_WHOLE)
		r = load_part_slots(shared[SHARED_PARTS], h->blob, &parts);
	if (!r)
		r = load_slot(shared[SHARED_RULES], 0, blob);
	/* What must not be: what is behind the blob comes after it. */
	if (!r && force != FORCE_WHOLE)
		r = load_part_slots(shared[SHARED_PARTS], h->blob, &parts);
	close_parts(&parts);
	return r;
}

int harness_rules(struct harness *h, enum verdict policy, const char *const *texts, size_t count,
		  struct fault *fault)
{
	int r;

	ruleset_free(&h->rules);
	r = harness_parse(policy, texts, count, &h->rules, fault);
	if (!r)
		r = harness_compile(h, &h->rules, fault);
	if (!r)
		r = ruleset_check(&h->rules, h->blob, fault);
	if (r < 0)
		return r;
	r = harness_force(h, FORCE_WHOLE);
	return r < 0 ? fault_set(fault, r, 0, "cannot put the rules in force") : 0;
}

void harness_clear(struct harness *h, enum hook_id hook)
{
	for (int i = 0; i < HOOK_MAP_COUNT; i++)
		memset(h->memory[hook][i].at, 0, h->memory[hook][i].size);
}

int harness_clear_blocks(struct harness *h)
{
	size_t size = load_block_size(&h->opts);

	for (unsigned int i = 1; i < h->blocks.count; i++) {
		void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, h->blocks.fd[i], 0);

		if (at == MAP_FAILED)
			return -errno;
		memset(at, 0, size);
		munmap(at, size);
	}
	return 0;
}

static struct bucket_set *map_buckets(const struct harness *h)
{
	void *at = mmap(NULL, load_bucket_memory(&h->opts), PROT_READ | PROT_WRITE, MAP_SHARED,
			shared_maps(h)[SHARED_BUCKETS], 0);

	return at == MAP_FAILED ? NULL : at;
}

int harness_clear_buckets(struct harness *h)
{
	struct bucket_set *sets = map_buckets(h);

	if (!sets)
		return -errno;
	memset(sets, 0, load_bucket_memory(&h->opts));
	munmap(sets, load_bucket_memory(&h->opts));
	return 0;
}

int harness_forget_fragments(struct harness *h)
{
	if (!h->fragments)
		h->fragments = mmap(NULL, FRAGMENT_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED,
				    shared_maps(h)[SHARED_FRAGMENTS], 0);
	if (h->fragments == MAP_FAILED) {
		h->fragments = NULL;
		return -errno;
	}
	memset(h->fragments, 0, FRAGMENT_MEMORY);
	return 0;
}

uint64_t harness_full_buckets(const struct harness *h)
{
	struct bucket_set *sets = map_buckets(h);
	uint64_t full = sets ? sets[0].full : UINT64_MAX;

	if (sets)
		munmap(sets, load_bucket_memory(&h->opts));
	return full;
}

int harness_below(struct harness *h, uint32_t hooks)
{
	uint32_t ifindex = HARNESS_IFINDEX;

	return bpf_map_update_elem(shared_maps(h)[SHARED_BELOW], &ifindex, &hooks, BPF_ANY);
}

int harness_read(struct harness *h, enum hook_id hook, struct snapshot *ret, struct fault *fault)
{
	struct snapshot_source source = {
		.opts = &h->opts,
		.control_map = h->hook[hook].shared[SHARED_CONTROL],
		.lock = -1,
		.blocks = &h->blocks,
		.at_rest = true,
	};

	source.hooks[hook] = true;
	memcpy(source.maps[hook], h->hook[hook].maps, sizeof(source.maps[hook]));
	return snapshot_take(&source, ret, fault);
}
