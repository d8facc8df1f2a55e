/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_map.c - reads flow entries and counters from mapped memory while programs write them. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "../base/array.h"
#include "../state/load.h"
#include "flow_map.h"

#define ENTRY_TRIES 64 /* at once; a writer needs nanoseconds, unless it was preempted */
#define ENTRY_NAPS 5   /* of a millisecond, for one that was */

#define WORDS(what) (sizeof(what) / (sizeof(__u64)))

int flow_map_open(const int maps[HOOK_MAP_COUNT], const struct load_opts *opts,
		  struct flow_map *ret)
{
	struct flow_map flows = { .opts = *opts, .blocks = 1 };
	int r = 0;

	for (int i = 0; i < HOOK_MAP_COUNT && !r; i++)
		r = view_open(maps[i], load_map_size(i, opts), false, &flows.map[i]);
	if (r < 0)
		flow_map_close(&flows);
	else
		*ret = flows;
	return r;
}

void flow_map_close(struct flow_map *flows)
{
	for (int i = 0; i < HOOK_MAP_COUNT; i++)
		view_close(&flows->map[i]);
	for (unsigned int i = 1; i < flows->blocks; i++)
		view_close(&flows->block[i]);
	flows->blocks = 0;
}

int flow_map_add_blocks(struct flow_map *flows, enum hook_id hook, const struct blocks *blocks)
{
	int r = 0;

	flows->hook = hook;
	while (flows->blocks < blocks->count && !r) {
		r = view_open(blocks->fd[flows->blocks], load_block_size(&flows->opts), false,
			      &flows->block[flows->blocks]);
		flows->blocks += !r;
	}
	return r;
}

/* Word by word: each of them is written at once, and none may be read twice. */
static void copy_words(void *to, const void *from, size_t words)
{
	const __u64 *source = from;
	__u64 *target = to;

	for (size_t i = 0; i < words; i++)
		target[i] = __atomic_load_n(&source[i], __ATOMIC_RELAXED);
}

/* An entry of either family where it is written. */
struct place {
	const void *entry;
	const struct flow_id *id;
	const struct flow_state *state;
	const struct flow_more *more;
};

/*
 * Copy an entry that stood still meanwhile. "pending" changes with every packet and its incarnation
 * is odd while the rest is written: equal and even around the copy, the copy is of one instant.
 */
static bool entry_copy(const struct place *from, size_t address, struct entry *to)
{
	const __u64 *pending = &from->state->pending;

	for (int i = 0; i < ENTRY_TRIES; i++) {
		__u64 before = __atomic_load_n(pending, __ATOMIC_ACQUIRE);

		if (PENDING_INC(before) & 1)
			continue;
		memset(to, 0, sizeof(*to));
		copy_words(to, from->entry, address);
		copy_words(&to->id, from->id, WORDS(to->id) + WORDS(to->state));
		if (to->id.more)
			copy_words(&to->more, from->more, WORDS(to->more));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(pending, __ATOMIC_RELAXED) == before)
			return true;
	}
	return false;
}

static bool entry_read(const struct place *from, size_t address, struct entry *to)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	for (int i = 0; i < ENTRY_NAPS; i++) {
		if (entry_copy(from, address, to))
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

/* Both families' entries are addresses, then what struct entry has, too. */
_Static_assert(offsetof(struct flow6, id) == offsetof(struct entry, id), "the addresses are alike");
_Static_assert(offsetof(struct entry, state) == offsetof(struct entry, id) + sizeof(struct flow_id) &&
		       offsetof(struct flow4, state) == offsetof(struct flow4, id) + sizeof(struct flow_id) &&
		       offsetof(struct flow6, state) == offsetof(struct flow6, id) + sizeof(struct flow_id),
	       "the state follows the id");

static bool read4(const struct flow4 *from, const struct flow_more *more, struct entry *ret)
{
	const struct place place = { from, &from->id, &from->state, more };
	__u64 both;

	if (!entry_read(&place, 1, ret))
		return false;
	both = ret->src[0];
	ret->src[0] = 0;
	memcpy(ret->src, &both, 4);
	memcpy(ret->dst, (char *)&both + 4, 4);
	return true;
}

static bool read6(const struct flow6 *from, const struct flow_more *more, struct entry *ret)
{
	const struct place place = { from, &from->id, &from->state, more };

	return entry_read(&place, WORDS(ret->src) + WORDS(ret->dst), ret);
}

/* The live entries of one group; the IPv6 groups follow the IPv4 ones. */
static int read_group(const struct flow_map *flows, unsigned int cpu, size_t group,
		      struct share *share)
{
	const struct load_opts *o = &flows->opts;
	const struct tag_group *tags = flows->map[MAP_TAGS].at;
	const struct flow4_group *flow4 = flows->map[MAP_FLOW4].at;
	const struct flow6_group *flow6 = flows->map[MAP_FLOW6].at;
	const struct more_group *more = flows->map[MAP_MORE].at;
	struct tag_group tag;
	int r = 0;

	tags += (size_t)cpu * (o->groups4 + o->groups6);
	flow4 += (size_t)cpu * o->groups4;
	flow6 += (size_t)cpu * o->groups6;
	more += (size_t)cpu * (o->groups4 + o->groups6);
	tag.word = __atomic_load_n(&tags[group].word, __ATOMIC_ACQUIRE);
	if (!tag.word)
		return 0;
	if (array_reserve(share->entries, share->count, WAYS, &share->size) < 0)
		return -ENOMEM;
	for (int way = 0; way < WAYS; way++) {
		struct entry *entry = &share->entries[share->count];
		bool read;

		if (!tag.way[way])
			continue;
		if (group < o->groups4)
			read = read4(&flow4[group].way[way], &more[group].way[way], entry);
		else
			read = read6(&flow6[group - o->groups4].way[way], &more[group].way[way],
				     entry);
		if (!read)
			r = -EAGAIN;
		else
			share->count++;
	}
	return r;
}

int flow_map_entries(const struct flow_map *flows, unsigned int cpu, struct share *share)
{
	const size_t groups = (size_t)flows->opts.groups4 + flows->opts.groups6;
	int result = 0;

	share->count = 0;
	for (size_t group = 0; group < groups; group++) {
		int r = read_group(flows, cpu, group, share);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			result = r;
	}
	return result;
}

const struct totals *flow_map_totals(const struct flow_map *flows, unsigned int cpu)
{
	return (const struct totals *)flows->map[MAP_TOTALS].at +
	       (size_t)cpu * flows->opts.iface_slots;
}

const struct halves *flow_map_closed(const struct flow_map *flows, unsigned int cpu,
				     unsigned int block)
{
	if (!block)
		return (const struct halves *)flows->map[MAP_CLOSED].at + (size_t)cpu * RULE_SLOTS;
	return (const struct halves *)flows->block[block].at +
	       (flows->hook * (size_t)flows->opts.cpus + cpu) * RULE_SLOTS;
}

const struct region *flow_map_region(const struct flow_map *flows, unsigned int cpu)
{
	return (const struct region *)flows->map[MAP_REGION].at + cpu;
}

struct count count_read(const struct count *count)
{
	return (struct count){ __atomic_load_n(&count->packets, __ATOMIC_RELAXED),
			       __atomic_load_n(&count->bytes, __ATOMIC_RELAXED) };
}
