/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* edge_rules.h - random rules, and packets that meet them; the same in every run. */
#ifndef NETCTL_TESTS_EDGE_RULES_H
#define NETCTL_TESTS_EDGE_RULES_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/rules/rule.h"

/* Every action and field; some with an end in time. The caller frees. */
struct rule edge_rule(void);
/* Such as the parser makes, see bpf/parse/parse.h. */
struct edge_packet {
	struct packet packet;
	struct envelope envelope;
};
struct edge_packet edge_packet(void);
/* The next packet of its flow. */
void edge_packet_again(struct edge_packet *p);

/* When a timed rule ends, and a time about then. */
uint32_t edge_end(void);
uint32_t edge_time(void);

#endif
