/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_sort.c - the order of conversations: keys as words, and the comparison they ask for. */
#include <errno.h>
#include <string.h>

#include "../base/addr.h"
#include "conversation.h"

int conversation_sort_parse(const char *text, struct conversation_sort *ret, struct fault *fault)
{
	static const char *const names[] = {
#define X(id, name, help) name,
		SORT_KEYS(X)
#undef X
	};
	struct conversation_sort sort = { .reverse = ret->reverse };

	for (const char *word = text;;) {
		size_t len = strcspn(word, ","), key = 0;

		while (key < SORT_KEY_COUNT &&
		       (strlen(names[key]) != len || memcmp(names[key], word, len)))
			key++;
		if (key == SORT_KEY_COUNT)
			return fault_set(fault, -EINVAL, EXIT_USAGE,
					 "not a sort key: '%.*s' (-s help lists them)",
					 (int)MIN(len, 200), word);
		if (sort.count == SORT_KEY_COUNT)
			return fault_set(fault, -EINVAL, EXIT_USAGE, "too many sort keys");
		sort.keys[sort.count++] = key;
		if (!word[len])
			break;
		word += len + 1;
	}
	*ret = sort;
	return 0;
}

static struct count seen(const struct conversation *c)
{
	const struct tally sum = conversation_tally(c);

	return tally_sum(&sum);
}

/* Numbers: the greatest first. Names: in order. */
static int compare_key(const struct conversation *a, const struct conversation *b,
		       enum sort_key key)
{
	switch (key) {
	case SORT_PACKETS:
		return COMPARE(seen(b).packets, seen(a).packets);
	case SORT_TX:
		return COMPARE(b->tx_rate, a->tx_rate);
	case SORT_RX:
		return COMPARE(b->rx_rate, a->rx_rate);
	case SORT_RATE:
		return COMPARE(b->tx_rate + b->rx_rate, a->tx_rate + a->rx_rate);
	case SORT_FIRST:
		return COMPARE(b->first, a->first);
	case SORT_LAST:
		return COMPARE(b->last, a->last);
	case SORT_VERDICT:
		return COMPARE(conversation_severity(b), conversation_severity(a));
	case SORT_PEER:
		return addr_compare(&a->peer, &b->peer) ?: COMPARE(a->peer_port, b->peer_port);
	case SORT_LOCAL:
		return addr_compare(&a->local, &b->local) ?: COMPARE(a->local_port, b->local_port);
	case SORT_PROTO:
		return COMPARE(a->protocol, b->protocol);
	case SORT_IFACE:
		return COMPARE(a->ifindex, b->ifindex);
	default:
		return COMPARE(seen(b).bytes, seen(a).bytes);
	}
}

static int compare_sorted(const void *a, const void *b, void *data)
{
	const struct conversation_sort *sort = data;
	int r = sort->count ? 0 : compare_key(a, b, SORT_BYTES);

	for (size_t i = 0; !r && i < sort->count; i++)
		r = compare_key(a, b, sort->keys[i]);
	/* Nothing jumps between two screens that differ in nothing. */
	return (sort->reverse ? -r : r) ?: conversation_compare(a, b);
}

void conversations_sort(struct conversation *list, size_t count,
			const struct conversation_sort *sort)
{
	qsort_r(list, count, sizeof(*list), compare_sorted, (void *)sort);
}
