/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * conversation.h - conversations: the flows of a snapshot with both directions in one row, and with what several
 * hooks and interfaces saw of the same packets counted once. Knows neither maps nor output.
 */
#ifndef NETCTL_CONVERSATION_H
#define NETCTL_CONVERSATION_H

#include "../base/stack.h"
#include "../state/meta.h"
#include "snapshot.h"

#define PATH_MOST 8 /* interfaces of a path that are named */

/* What passed and what was dropped. */
struct tally {
	struct count passed, dropped;
};

static inline struct count tally_sum(const struct tally *t)
{
	return (struct count){ t->passed.packets + t->dropped.packets,
			       t->passed.bytes + t->dropped.bytes };
}

/*
 * Received: as counted at XDP. Sent: what OUTPUT and TC egress dropped, and what passed as counted at TC egress
 * or, where that is not attached, at OUTPUT.
 *
 * Interfaces that stand on each other see the same packets: these are one row, under the lowest that saw any. So are
 * the two directions of loopback, and the two sides of forwarded traffic: that is shown on the interface by which
 * the first packet left. When one interface alone is asked for, its own packets are shown as it saw them.
 */
struct conversation {
	uint32_t ifindex;
	uint8_t family; /* 4, 6, or 0: not IP */
	uint8_t protocol;
	uint16_t outer, inner; /* VLAN ids */
	uint16_t type; /* ICMP: type << 8 | code, a reply as its request; not IP: ethertype */
	uint16_t local_port, peer_port; /* ICMP: the echo identifier in both */
	struct addr6 local, peer;
	struct tally tx, rx;
	bool sent;		/* tx counts, and what passed was counted at ... */
	enum hook_id sent_hook; /* TC, NF, or XDP where it was forwarded and what it left by is not attached */
	uint8_t tcp_flags;
	enum verdict verdict; /* now; of the two directions the one of greater severity */
	enum reason reason;   /* of the last drop; REASON_OK: there was none */
	uint32_t slot, audit;
	uint64_t first, last;	   /* as in struct flow */
	uint64_t tx_rate, rx_rate; /* bits a second */

	/* Where it was seen, the lowest first; from path_side on: on the other side of forwarded traffic. */
	uint32_t path[PATH_MOST];
	uint8_t path_count, path_side;
	uint32_t carrier; /* the attached tunnel whose outer packets these are, or 0 */

	/* while merging */
	struct tally hook[HOOKS];
	uint64_t hook_first[HOOKS];
	bool seen[HOOKS];
	uint64_t judged; /* when the flow was last seen whose verdict it is */
};

/* What there is beside the counters. */
struct surroundings {
	const struct stack *stack;
	const struct attached *attached;
	size_t count;
};

struct flow_filter {
	uint32_t ifindex; /* 0: any */
	uint8_t family;	  /* 0: any */
};

bool flow_wanted(const struct flow_filter *filter, const struct flow *flow);

/* The caller frees *ret, sorted by identity. */
int conversations_make(const struct snapshot *snapshot, const struct flow_filter *filter,
		       const struct surroundings *around, struct conversation **ret,
		       size_t *ret_count);

/* Both directions. */
struct tally conversation_tally(const struct conversation *conversation);

/* Rates over each conversation's life, taken as a second at least. */
void conversations_average(struct conversation *list, size_t count);

/* Rates since "before", which is sorted by identity again for that. */
void conversations_interval(struct conversation *list, size_t count, struct conversation *before,
			    size_t before_count, uint64_t ns);

/* Order by identity, for qsort() and bsearch(). */
int conversation_compare(const void *a, const void *b);

/* 3 dropped, 2 would be (audit), 1 passed by a rule, as within a limit's rate, 0 passed. */
unsigned int conversation_severity(const struct conversation *conversation);

/* X(id, name, text) */
#define SORT_KEYS(X)                                        \
	X(BYTES, "bytes", "bytes of both directions")       \
	X(PACKETS, "packets", "packets of both directions") \
	X(TX, "tx", "rate sent")                            \
	X(RX, "rx", "rate received")                        \
	X(RATE, "rate", "rate of both directions")          \
	X(FIRST, "first", "first packet, latest first")     \
	X(LAST, "last", "last packet, latest first")        \
	X(VERDICT, "verdict", "drops first, then audits")   \
	X(PEER, "peer", "address and port of the peer")     \
	X(LOCAL, "local", "local address and port")         \
	X(PROTO, "proto", "protocol number")                \
	X(IFACE, "iface", "interface index")

enum sort_key {
#define X(id, name, text) SORT_##id,
	SORT_KEYS(X)
#undef X
		SORT_KEY_COUNT,
};

struct conversation_sort {
	enum sort_key keys[SORT_KEY_COUNT];
	size_t count;
	bool reverse;
};

/* "bytes,peer". -EINVAL with a fault that names the unknown word. */
int conversation_sort_parse(const char *text, struct conversation_sort *ret, struct fault *fault);
void conversations_sort(struct conversation *list, size_t count,
			const struct conversation_sort *sort);

#endif
