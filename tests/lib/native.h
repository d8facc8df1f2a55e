/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native.h - the parser of bpf/parse/parse.h as plain C, and what must become of a packet by the rules'
 * oracle.
 */
#ifndef NETCTL_TESTS_NATIVE_H
#define NETCTL_TESTS_NATIVE_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/rules/ruleset.h"
#include "../../ctl/stats/snapshot.h"

struct native {
	struct packet packet;
	struct envelope envelope;
	enum reason parsed; /* why the parse ended */
	enum reason reason; /* why the packet leaves, after the rules */
	struct oracle_answer answer;
};

/* XDP and TC: bytes of a frame. OUTPUT: bytes from the IP header on, family 4 or 6. XDP leaves out the mark. */
void native_parse(const uint8_t *bytes, size_t len, enum hook_id hook, int family, uint32_t ifindex,
		  uint32_t mark, struct native *ret);

/* Of a device without Ethernet header: from the IP header on at every hook. */
void native_parse_bare(const uint8_t *bytes, size_t len, enum hook_id hook, int family,
		       uint32_t ifindex, uint32_t mark, struct native *ret);

/* By oracle_ask(): a later fragment is one whose first was not seen. */
void native_judge(const struct ruleset *rules, enum hook_id hook, struct native *n);

/* The second half of it: the reason, once the answer is there. */
void native_reason(struct native *n);

/* The identity a flow of this packet has. */
void native_flow(const struct packet *packet, enum hook_id hook, struct flow *ret);

/* The same identity: everything of a key that a snapshot shows. */
bool flow_same(const struct flow *a, const struct flow *b);

/* "udp [2001:db8::1]:1000 [2001:db8::2]:2000 vlan 10.20" */
void flow_text(const struct flow *flow, char *text, size_t size);

enum verdict reason_verdict(enum reason reason);

#endif
