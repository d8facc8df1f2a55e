/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* costly_packets.h - packets made to cost as much as the compiled rules in force allow. */
#ifndef NETCTL_TESTS_COSTLY_PACKETS_H
#define NETCTL_TESTS_COSTLY_PACKETS_H

#include "oracle_check.h"

/*
 * Sends through all hooks the costliest packets that so many tries, a family and each of nodes and
 * boxes, come to. What they met is in c->nodes and c->boxes; what is more than was said, in
 * c->exceeded.
 */
void costly_packets(struct oracle_check *c, struct prng *prng, size_t tries);

#endif
