/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counted.h - the elements of sets that count a packet, by the plainest search. */
#ifndef NETCTL_TEST_COUNTED_H
#define NETCTL_TEST_COUNTED_H

#include "../../bpf/packet.h"
#include "../../ctl/ruleset.h"

/*
 * Slots of the elements that hold an address, a port or a service of the packet, where enabled rules
 * look for their sets: each once. Returns how many, "room" at most.
 */
size_t counted_elements(const struct ruleset *rules, const struct packet *packet, uint32_t *slots,
			size_t room);

#endif
