/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_oracle.h - the elements of sets that count a packet, by the plainest search. */
#ifndef NETCTL_TESTS_ELEMENT_ORACLE_H
#define NETCTL_TESTS_ELEMENT_ORACLE_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/rules/ruleset.h"

/* Slots as a list without repetitions. */
struct slots {
	uint32_t *slot; /* not owned */
	size_t count, room;
};

/*
 * Add the slots of the elements that hold the address, the port or the service of one end of the
 * packet, as far as enabled rules look for their sets there.
 */
void element_oracle_end(const struct ruleset *rules, const struct packet *packet, bool source,
			struct slots *slots);

/* Those of both ends. Returns how many, "room" at most. */
size_t element_oracle(const struct ruleset *rules, const struct packet *packet, uint32_t *slots,
		      size_t room);

#endif
