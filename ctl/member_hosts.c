/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* member_hosts.c - very many hosts of one kind out of the tree, into blocks of two bytes each. */
#include <errno.h>
#include <string.h>

#include "member.h"

/* Of a block of so many words: hosts on the average, so that few find no room. */
static size_t mean_hosts(uint32_t words)
{
	return words == 2 ? 4 : words == 4 ? 9 : 20;
}

/* A host, alone: what is behind it is in no set. */
static bool is_host(const struct member4 *m)
{
	return !SPAN_OF(m->info);
}

/* Does it need the next one to end? What is in no set goes on behind a host. */
static bool is_open(const struct member4 *m)
{
	return SPAN_OF(m->info) == SPAN_OPEN4 && (INFO_WHAT(m->info) || m->info & INFO_SPECIAL);
}

/* The info that most hosts have, how many; classes and records are counted apart. */
static int most_common(const struct members *m, const struct member4 *range, size_t count,
		       uint32_t *ret_info, size_t *ret_count)
{
	size_t numbers = MAX(m->combos.count, m->record_count);
	autofree size_t *counts = calloc(2 * numbers, sizeof(*counts));
	size_t best = 0;

	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (is_host(&range[i]))
			counts[2 * INFO_WHAT(range[i].info) + !!(range[i].info & INFO_SPECIAL)]++;
	for (size_t i = 0; i < 2 * numbers; i++)
		if (counts[i] > counts[best])
			best = i;
	*ret_info = best / 2 | (best % 2 ? INFO_SPECIAL : 0);
	*ret_count = counts[best];
	return 0;
}

/*
 * Move those that find room out of the ranges, into their blocks. One behind an open range stays: that
 * ends there.
 */
static size_t take(struct member_tree *tree, struct host_blocks *h, uint8_t *used)
{
	struct member4 *range = tree->leaves;
	size_t kept = 0, count = 0;

	for (size_t i = 0; i < tree->count; i++) {
		uint32_t mixed = host_mix(range[i].lo), low = mixed << h->bits >> h->bits;
		size_t block = mixed >> (32 - h->bits);

		if (range[i].info == h->info && low != NO_HOST && used[block] < 4 * h->words &&
		    !(kept && is_open(&range[kept - 1]))) {
			h->low[block * 4 * h->words + used[block]++] = low;
			count++;
		} else {
			range[kept++] = range[i];
		}
	}
	tree->count = kept;
	tree->first = kept ? range[0].lo : 0;
	return count;
}

int hosts_take(struct members *members)
{
	struct member_tree *tree = &members->tree[FAMILY_IP4];
	struct host_blocks *h = &members->hosts;
	autofree uint8_t *used = NULL;
	size_t count = 0;
	int r = 0;

	if (tree->count >= HOSTS_FROM)
		r = most_common(members, tree->leaves, tree->count, &h->info, &count);
	if (r < 0 || count < HOSTS_FROM)
		return r;
	h->bits = 32 - HOST_BITS;
	h->words = 2;
	while (count >> h->bits >= mean_hosts(h->words)) {
		if (h->words < HOST_WORDS)
			h->words *= 2;
		else
			h->bits++;
	}
	used = calloc((size_t)1 << h->bits, sizeof(*used));
	h->low = malloc(hosts_bytes(h));
	if (!used || !h->low)
		return -ENOMEM;
	memset(h->low, 0xff, hosts_bytes(h)); /* NO_HOST */
	h->hosts = take(tree, h, used);
	return tree_pad(tree);
}

void hosts_free(struct host_blocks *hosts)
{
	free(hosts->low);
	*hosts = (struct host_blocks){};
}

size_t hosts_bytes(const struct host_blocks *hosts)
{
	return hosts->words * sizeof(uint64_t) << hosts->bits;
}
