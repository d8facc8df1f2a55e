/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probe.h - packets to try rules with. */
#ifndef NETCTL_PROBE_H
#define NETCTL_PROBE_H

#include "../../bpf/parse/packet.h"
#include "oracle.h"

/* Of a range of values, both ends in it; some value between them is no edge. */
enum edge { EDGE_LO, EDGE_HI, EDGE_BELOW, EDGE_ABOVE, EDGES, EDGE_INSIDE = EDGES };

/* A packet in the making, in host order. What contradicts itself is settled by probe_packet(). */
struct probe {
	enum hook_id hook;
	int family; /* 4, 6 or 0 */
	u128 src, dst;
	uint32_t sport, dport, ethertype, ifindex, outer, inner;
	uint64_t own[FIELDS]; /* what packets of one flow may differ in, by field */
	uint8_t proto;
	uint8_t frag; /* 0 whole, 1 first, 2 later fragment */
	bool bare;
	uint8_t hides; /* 1: the transport header; 2: the protocol, too, or all after the tags */
	bool ports;
	bool settled; /* an address was put in: the family stays */
};

/* Where probes come from; the same in every run. */
struct probes {
	const struct ruleset *rules;
	uint64_t random; /* not 0 */
};

/* Below n; xorshift64*. */
uint32_t probe_below(struct probes *c, uint32_t n);

void probe_random(struct probes *c, struct probe *d);
/*
 * Make the probe hold an edge of one value of a match (or lie just outside it), v: NULL for "frag". For flags
 * and fragments "below" and "above" are what does not match, and the others what does.
 */
void probe_put(struct probes *c, struct probe *d, const struct match *m, const struct value *v,
	       enum edge edge);
/* The same with some value of the match; of the probe's family if one is soon found. */
void probe_put_some(struct probes *c, struct probe *d, const struct match *m, enum edge edge);
/* A probe the rule matches, mostly. */
void probe_satisfy(struct probes *c, struct probe *d, const struct rule *rule);
/* Move a probe a little: another edge of any rule, or another hook, fragment or length. */
void probe_disturb(struct probes *c, struct probe *d);

/* The fields that have a place there; the others' are left alone. */
void probe_places(const struct probe *d, uint8_t byte[BYTE_COUNT], uint64_t number[NUMBER_COUNT]);
/* What the parser could have made: see parse.h for which packets have what. */
void probe_packet(const struct probe *d, struct packet *p, struct envelope *e);

#endif
