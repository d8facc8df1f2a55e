/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_sets.h - rulesets of random sets, the same in every run; packets that tell them apart. */
#ifndef NETCTL_TESTS_RANDOM_SETS_H
#define NETCTL_TESTS_RANDOM_SETS_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/rules/ruleset.h"

/*
 * Some sets of addresses and services, with counters or not, with lives that end 100, 200 or 300
 * seconds after "now" or not; some rules that use them.
 */
void random_sets(uint32_t now, struct ruleset *ret);
struct packet random_sets_packet(const struct ruleset *rules);

#endif
