/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_sort.c - the order of conversations: keys as words, and the comparison they ask for. */
#include <errno.h>
#include <string.h>

#include "conversation.h"

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

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

static int compare_address(const struct addr6 *a, const struct addr6 *b)
{
	return a->hi != b->hi ? compare(a->hi, b->hi) : compare(a->lo, b->lo);
}

/* Numbers: the greatest first. Names: in order. */
static int compare_key(const struct conversation *a, const struct conversation *b,
		       enum sort_key key)
{
	int r;

	switch (key) {
	case SORT_PACKETS:
		return compare(b->tx.packets + b->rx.packets, a->tx.packets + a->rx.packets);
	case SORT_TX:
		return compare(b->tx_rate, a->tx_rate);
	case SORT_RX:
		return compare(b->rx_rate, a->rx_rate);
	case SORT_RATE:
		return compare(b->tx_rate + b->rx_rate, a->tx_rate + a->rx_rate);
	case SORT_FIRST:
		return compare(b->first, a->first);
	case SORT_LAST:
		return compare(b->last, a->last);
	case SORT_VERDICT:
		return compare(conversation_severity(b), conversation_severity(a));
	case SORT_PEER:
		r = compare_address(&a->peer, &b->peer);
		return r ? r : compare(a->peer_port, b->peer_port);
	case SORT_LOCAL:
		r = compare_address(&a->local, &b->local);
		return r ? r : compare(a->local_port, b->local_port);
	case SORT_PROTO:
		return compare(a->protocol, b->protocol);
	case SORT_IFACE:
		return compare(a->ifindex, b->ifindex);
	default:
		return compare(b->tx.bytes + b->rx.bytes, a->tx.bytes + a->rx.bytes);
	}
}

static int compare_sorted(const void *a, const void *b, void *data)
{
	const struct conversation_sort *sort = data;
	int r = 0;

	for (size_t i = 0; !r && i < sort->count; i++)
		r = compare_key(a, b, sort->keys[i]);
	if (!r && !sort->count)
		r = compare_key(a, b, SORT_BYTES);
	if (sort->reverse)
		r = -r;
	/* Nothing jumps between two pictures that differ in nothing. */
	return r ? r : conversation_compare(a, b);
}

void conversations_sort(struct conversation *list, size_t count,
			const struct conversation_sort *sort)
{
	qsort_r(list, count, sizeof(*list), compare_sorted, (void *)sort);
}
