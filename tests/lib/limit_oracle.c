/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* limit_oracle.c - how many packets each bucket of a limit has let pass. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/order.h"
#include "limit_oracle.h"

#define DAY 86400

/* Whose bucket it is. */
struct owner {
	uint64_t address[4]; /* network order */
	uint32_t slot, hook, six, proto, sport, dport;
};

struct taken {
	struct owner owner;
	uint32_t packets;
	bool used;
};

static uint64_t first_bits(int count)
{
	return count <= 0 ? 0 : count >= 64 ? UINT64_MAX : ~(UINT64_MAX >> count);
}

static void put_prefix(const __u64 *address, int bits, uint64_t ret[2])
{
	ret[0] = net64(net64(address[0]) & first_bits(bits));
	ret[1] = net64(net64(address[1]) & first_bits(bits - 64));
}

static struct owner owner_of(const struct rule *rule, const struct packet *p, enum hook_id hook)
{
	const struct limit *l = &rule->limit;
	struct owner owner = { .slot = rule->slot, .hook = hook };
	int dst = l->per == PER_DST;

	if (l->per == PER_RULE)
		return owner;
	owner.six = packet_is_ip6(p);
	if (l->per == PER_FLOW) {
		memcpy(owner.address, p->addr, sizeof(owner.address));
		owner.proto = ID_PROTO(p->id.tags);
		owner.sport = p->id.sport;
		owner.dport = p->id.dport;
	} else if (owner.six) {
		put_prefix(&p->addr[2 * dst], l->prefix6, owner.address);
	} else {
		uint64_t wide = net64((uint64_t)net32(dst ? p->dst4 : p->src4) << 32);

		put_prefix((__u64[2]){ wide }, l->prefix4, owner.address);
	}
	return owner;
}

static struct taken *place_of(struct taken *taken, size_t capacity, const struct owner *owner)
{
	uint64_t hash = 0, word;

	for (size_t i = 0; i < sizeof(*owner); i += sizeof(word)) {
		memcpy(&word, (const char *)owner + i, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	for (size_t at = hash;; at++)
		if (!taken[at % capacity].used ||
		    !memcmp(&taken[at % capacity].owner, owner, sizeof(*owner)))
			return &taken[at % capacity];
}

_Static_assert(sizeof(struct owner) % sizeof(uint64_t) == 0, "hashed by words");

static void make_room(struct limit_oracle *all)
{
	size_t capacity = MAX(2 * all->capacity, (size_t)4096);
	struct taken *taken;

	if (2 * all->count < all->capacity)
		return;
	taken = calloc(capacity, sizeof(*taken));
	if (!taken)
		err(1, "counting what limits let pass");
	for (size_t i = 0; i < all->capacity; i++)
		if (all->taken[i].used)
			*place_of(taken, capacity, &all->taken[i].owner) = all->taken[i];
	free(all->taken);
	all->taken = taken;
	all->capacity = capacity;
}

static struct taken *taken_of(struct limit_oracle *all, const struct rule *rule,
			      const struct packet *packet, enum hook_id hook)
{
	const struct owner owner = owner_of(rule, packet, hook);
	struct taken *taken;

	make_room(all);
	taken = place_of(all->taken, all->capacity, &owner);
	all->count += !taken->used;
	taken->used = true;
	taken->owner = owner;
	return taken;
}

bool limit_oracle_take(struct limit_oracle *all, const struct rule *rule,
		       const struct packet *packet, enum hook_id hook)
{
	struct taken *taken;

	if (rule->limit.period < DAY)
		return true;
	taken = taken_of(all, rule, packet, hook);
	if (taken->packets >= rule->limit.burst)
		return false;
	taken->packets++;
	return true;
}

void limit_oracle_charge(struct limit_oracle *all, const struct rule *rule,
			 const struct packet *packet, enum hook_id hook)
{
	if (rule->limit.period >= DAY)
		taken_of(all, rule, packet, hook)->packets++;
}

void limit_oracle_free(struct limit_oracle *all)
{
	free(all->taken);
	*all = (struct limit_oracle){};
}
