/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* world.h - rulesets of random sets, the same in every run, and packets that tell them apart. */
#ifndef NETCTL_TESTS_WORLD_H
#define NETCTL_TESTS_WORLD_H

#include "../../bpf/packet.h"
#include "../../ctl/ruleset.h"

/* Some sets of addresses and services, with lives, counters or not; some rules that use them. */
void world_random(struct ruleset *ret);
struct packet world_packet(const struct ruleset *rules);

#endif
