/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_merge.c - two rows as one: what each knows, and counts of the same packets at several places. */
#include "../base/addr.h"
#include "conversation_merge.h"

#define TAG_BYTES 4

int conversation_compare_ends(const struct conversation *a, const struct conversation *b)
{
	return COMPARE(a->family, b->family) ?: COMPARE(a->protocol, b->protocol) ?:
	       COMPARE(a->type, b->type) ?: addr_compare(&a->local, &b->local) ?:
	       addr_compare(&a->peer, &b->peer) ?: COMPARE(a->local_port, b->local_port) ?:
	       COMPARE(a->peer_port, b->peer_port);
}

bool conversation_saw(const struct conversation *c, uint32_t ifindex)
{
	for (size_t i = 0; i < c->path_count; i++)
		if (c->path[i] == ifindex)
			return true;
	return false;
}

struct conversation *conversation_find_ends(struct conversation *list, size_t count,
					    const struct conversation *ends)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (conversation_compare_ends(&list[middle], ends) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && !conversation_compare_ends(&list[low], ends) ? &list[low] : NULL;
}

void conversations_clean(struct conversation *list, size_t *count)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (list[i].path_count)
			list[kept++] = list[i];
	*count = kept;
}

/* Take over the other's verdict if it weighs more, or as much and is newer. */
static void take_verdict(struct conversation *c, const struct conversation *other)
{
	unsigned int mine = conversation_severity(c), theirs = conversation_severity(other);

	if (!c->reason)
		c->reason = other->reason;
	if (theirs < mine || (theirs == mine && other->judged <= c->judged))
		return;
	c->verdict = other->verdict;
	c->slot = other->slot;
	c->audit = other->audit;
	c->judged = other->judged;
	if (other->reason)
		c->reason = other->reason;
}

void conversation_take(struct conversation *c, const struct conversation *other)
{
	c->tcp_flags |= other->tcp_flags;
	c->first = MIN(c->first, other->first);
	c->last = MAX(c->last, other->last);
	take_verdict(c, other);
}

void conversation_take_hooks(struct conversation *c, const struct conversation *other)
{
	for (int h = 0; h < HOOKS; h++) {
		if (!other->seen[h])
			continue;
		c->hook_first[h] = c->seen[h] ? MIN(c->hook_first[h], other->hook_first[h])
					      : other->hook_first[h];
		c->seen[h] = true;
	}
}

void tally_add(struct tally *sum, const struct tally *more)
{
	sum->passed.packets += more->passed.packets;
	sum->passed.bytes += more->passed.bytes;
	sum->dropped.packets += more->dropped.packets;
	sum->dropped.bytes += more->dropped.bytes;
}

/* Where no packet is left bytes may be: of a datagram whose first fragment is dropped the others are not sent. */
static struct count later(const struct count *first, const struct count *dropped,
			  const struct count *passed)
{
	const uint64_t packets =
		first->packets > dropped->packets ? first->packets - dropped->packets : 0;
	const uint64_t bytes =
		packets && first->bytes > dropped->bytes ? first->bytes - dropped->bytes : 0;

	return (struct count){ MAX(packets, passed->packets), MAX(bytes, passed->bytes) };
}

struct tally tally_then(const struct tally *first, const struct tally *then)
{
	struct tally all = { .passed = later(&first->passed, &then->dropped, &then->passed),
			     .dropped = first->dropped };

	all.dropped.packets += then->dropped.packets;
	all.dropped.bytes += then->dropped.bytes;
	return all;
}

static unsigned int tags_of(const struct conversation *c)
{
	return (c->outer != 0) + (c->inner != 0);
}

struct tally tally_as(const struct tally *tally, const struct conversation *of,
		      const struct conversation *as)
{
	const int64_t more = ((int64_t)tags_of(as) - (int64_t)tags_of(of)) * TAG_BYTES;
	struct tally t = *tally;

	t.passed.bytes += (uint64_t)(more * (int64_t)t.passed.packets);
	t.dropped.bytes += (uint64_t)(more * (int64_t)t.dropped.packets);
	return t;
}
