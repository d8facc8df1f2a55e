/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * draft.h - packets that try rules: at the edges of their values, just outside, and anywhere. Not
 * those of ctl/check.c, and frames where those are structs: what one overlooks the other may see.
 */
#ifndef NETCTL_TESTS_DRAFT_H
#define NETCTL_TESTS_DRAFT_H

#include "../../ctl/ruleset.h"
#include "chance.h"

#define DRAFT_LONGEST 3500 /* network-layer bytes: kernels refuse longer test runs */
#define DRAFT_FRAME (DRAFT_LONGEST + 64)

typedef unsigned __int128 address;

/* In host order. What contradicts itself is settled by draft_frame(). */
struct draft {
	int family; /* 4, 6 or 0: other frames */
	address src, dst;
	uint16_t sport, dport; /* ICMP: dport is type << 8 | code */
	uint16_t ethertype, outer, inner;
	uint32_t length; /* network-layer bytes */
	uint8_t proto, flags;
	uint8_t frag;		     /* 0 whole, 1 first fragment, 2 later one */
	bool cut;		     /* it ends inside the transport header */
	const struct ruleset *rules; /* whose sets are meant, while it is being made */
};

/* A frame in memory. */
struct drafted {
	uint8_t bytes[DRAFT_FRAME];
	size_t len, network; /* where its network header is */
	int family;	     /* 4 or 6: it can be sent at OUTPUT */
};

void draft_frame(const struct draft *draft, struct drafted *ret);

/* Has the protocol ports? */
bool draft_has_ports(uint8_t proto);

void draft_random(struct chance *chance, struct draft *ret);

/* A draft that the rule mostly matches, and near the edges of other rules when "moves" is not 0. */
void draft_for(struct chance *chance, const struct ruleset *set, const struct rule *rule,
	       unsigned int moves, struct draft *ret);

/*
 * Corners of a rule: every field the rule looks at at its lowest value, its highest, and one value
 * below and above those while the others hold.
 */
size_t draft_corners(const struct rule *rule);
void draft_corner(struct chance *chance, const struct ruleset *set, const struct rule *rule,
		  size_t corner, struct draft *ret);

#endif
