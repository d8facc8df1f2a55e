/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * draft.h - packets that try rules: at the edges of their values, just outside, and anywhere. Beginnings and choice are
 * not those of ctl/check/check.c, and frames where those are structs: what one overlooks the other may see. How a value gets
 * into a packet is one thing for both, ctl/check/trial.c: tests/unit/trial.c sees to that.
 */
#ifndef NETCTL_TESTS_DRAFT_H
#define NETCTL_TESTS_DRAFT_H

#include "../../ctl/check/trial.h"
#include "prng.h"

#define DRAFT_LONGEST 3500 /* network-layer bytes: kernels refuse longer test runs */
#define DRAFT_FRAME (DRAFT_LONGEST + 64)

/* What contradicts itself is settled by draft_frame(); hook and interface are not its business. */
struct draft {
	struct trial trial;
	bool cut; /* it ends inside the transport header */
};

/* A frame in memory. */
struct drafted {
	uint8_t bytes[DRAFT_FRAME];
	size_t len, network; /* where its network header is */
	int family;	     /* 4 or 6: it can be sent at OUTPUT */
};

void draft_frame(const struct draft *draft, struct drafted *ret);

void draft_random(struct prng *prng, struct draft *ret);

/* A draft that the rule mostly matches, and near the edges of other rules when "moves" is not 0. */
void draft_for(struct prng *prng, const struct ruleset *set, const struct rule *rule,
	       unsigned int moves, struct draft *ret);

/*
 * Corners of a rule: every field the rule looks at at its lowest value, its highest, and one value
 * below and above those while the others hold.
 */
size_t draft_corners(const struct rule *rule);
void draft_corner(struct prng *prng, const struct ruleset *set, const struct rule *rule,
		  size_t corner, struct draft *ret);

#endif
