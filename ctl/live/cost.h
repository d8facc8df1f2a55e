/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cost.h - the most that a packet of a new flow can meet of a compiled ruleset. */
#ifndef NETCTL_COST_H
#define NETCTL_COST_H

#include <stdint.h>

#include "../../bpf/types.h"

struct cost {
	uint32_t steps; /* looking one address up in the sets; 0: rules use none */
	uint32_t nodes; /* of the forest */
	uint32_t boxes; /* of lists, leaves, audit rules and the overlay */
	uint32_t edits; /* rules and hosts of the overlay */
};

/* Of one family, with what the blob's state says has been added in place. */
struct cost cost_of(const struct blob *blob, enum family family);
/* The most of any family, figure by figure. */
struct cost cost_of_all(const struct blob *blob);

#endif
