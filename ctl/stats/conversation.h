/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * conversation.h - conversations: the flows of a snapshot with both directions in one row, each direction
 * counted at one hook. Knows neither maps nor output.
 */
#ifndef NETCTL_CONVERSATION_H
#define NETCTL_CONVERSATION_H

#include "snapshot.h"

/*
 * Received: as counted at XDP. Sent: as counted at TC egress where that is attached, else at
 * OUTPUT. A flow OUTPUT drops never reaches TC: it is shown with OUTPUT's counts. Forwarded traffic
 * is received on one interface and sent on another: of the two rows that mirror each other the one
 * is shown by whose interface the first packet left. When one interface alone is asked for, it is
 * shown there.
 */
struct conversation {
	uint32_t ifindex;
	uint8_t family; /* 4, 6, or 0: not IP */
	uint8_t protocol;
	uint16_t outer, inner; /* VLAN ids */
	uint16_t type; /* ICMP: type << 8 | code, a reply as its request; not IP: ethertype */
	uint16_t local_port, peer_port; /* ICMP: the echo identifier in both */
	struct addr6 local, peer;
	struct count tx, rx;
	bool sent;		/* tx counts, and was counted at ... */
	enum hook_id sent_hook; /* TC or NF */
	uint8_t tcp_flags;
	enum verdict verdict; /* a drop in either direction wins */
	uint32_t slot, audit;
	uint64_t first, last;	   /* as in struct flow */
	uint64_t tx_rate, rx_rate; /* bits a second */

	/* while merging */
	struct count hook[HOOKS];
	uint64_t hook_first[HOOKS];
	bool seen[HOOKS];
	bool output_drops;
	uint64_t judged; /* when the flow was last seen whose verdict it is */
};

struct flow_filter {
	uint32_t ifindex; /* 0: any */
	uint8_t family;	  /* 0: any */
};

bool flow_wanted(const struct flow_filter *filter, const struct flow *flow);

/* tc: the interfaces TC egress is attached on. The caller frees *ret, sorted by identity. */
int conversations_make(const struct snapshot *snapshot, const struct flow_filter *filter,
		       const uint32_t *tc, size_t tc_count, struct conversation **ret,
		       size_t *ret_count);

/* Rates over each conversation's life, taken as a second at least. */
void conversations_average(struct conversation *list, size_t count);

/* Rates since "before", which is sorted by identity again for that. */
void conversations_interval(struct conversation *list, size_t count, struct conversation *before,
			    size_t before_count, uint64_t ns);

/* Order by identity, for qsort() and bsearch(). */
int conversation_compare(const void *a, const void *b);

/* 2 dropped, 1 would be (audit), 0 passed. */
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
