/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* trial.h - packets to try rules with. */
#ifndef NETCTL_TRIAL_H
#define NETCTL_TRIAL_H

#include "../../bpf/packet.h"
#include "judge.h"

/* Of a range of values, both ends in it; some value between them is no edge. */
enum edge { EDGE_LO, EDGE_HI, EDGE_BELOW, EDGE_ABOVE, EDGES, EDGE_INSIDE = EDGES };

/* A packet in the making, in host order. What contradicts itself is settled by trial_packet(). */
struct trial {
	enum hook_id hook;
	int family; /* 4, 6 or 0 */
	unsigned __int128 src, dst;
	uint32_t sport, dport, ethertype, ifindex, outer, inner, length;
	uint8_t proto, frag, flags;
	bool ports;
	bool settled; /* an address was put in: the family stays */
};

/* Where trials come from; the same in every run. */
struct trials {
	const struct ruleset *set;
	uint64_t random; /* not 0 */
};

/* Below n; xorshift64*. */
uint32_t trial_below(struct trials *c, uint32_t n);

void trial_random(struct trials *c, struct trial *d);
/*
 * Make the trial hold an edge of one value of a match (or lie just outside it), v: NULL for "frag". For flags
 * and fragments "below" and "above" are what does not match, and the others what does.
 */
void trial_put(struct trials *c, struct trial *d, const struct match *m, const struct value *v,
	       enum edge edge);
/* The same with some value of the match; of the trial's family if one is soon found. */
void trial_put_some(struct trials *c, struct trial *d, const struct match *m, enum edge edge);
/* A trial the rule matches, mostly. */
void trial_satisfy(struct trials *c, struct trial *d, const struct rule *rule);
/* Move a trial a little: another edge of any rule, or another hook, fragment or length. */
void trial_disturb(struct trials *c, struct trial *d);

/* What the parser could have made: see parse.h for which packets have what. */
void trial_packet(const struct trial *d, struct packet *p);

#endif
